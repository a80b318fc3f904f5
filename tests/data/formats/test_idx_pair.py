"""Pairs of IDX files: names, packing, other sizes, QMNIST's columns, lengths that differ, mapping."""

from pathlib import Path

import numpy as np
import pytest
from tests.data.formats.drawn import numbered

from inkwise.data.formats.idx_pair import find_idx_images, read_idx_images, read_idx_labels, read_idx_pair
from inkwise.data.formats.part import Memory
from inkwise.data.formats.picture import fit_images
from inkwise.data.idx import write_idx
from inkwise.errors import DataError

IMAGES = numbered(5)
LABELS = np.array([0, 1, 2, 1, 0], np.uint8)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps")


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize(
    "name", ["train-images-idx3-ubyte", "t10k-images.idx3-ubyte", "emnist-letters-test-images-idx3-ubyte"]
)
def test_pair_is_found_by_name(tmp_path: Path, memory: Memory, name: str, end: str) -> None:
    write_idx(tmp_path / f"{name}{end}", IMAGES)
    write_idx(tmp_path / (name.replace("images", "labels").replace("idx3", "idx1") + end), LABELS)
    part = read_idx_pair(tmp_path / f"{name}{end}", memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS.tolist()


def test_qmnist_labels_are_the_first_column(tmp_path: Path, memory: Memory) -> None:
    write_idx(tmp_path / "qmnist-train-images-idx3-ubyte", IMAGES)
    columns = np.column_stack([LABELS, LABELS + 100]).astype(np.int32)
    write_idx(tmp_path / "qmnist-train-labels-idx2-int.gz", columns)
    part = read_idx_pair(tmp_path / "qmnist-train-images-idx3-ubyte", memory=memory)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS.tolist()


def test_other_size_is_fitted(tmp_path: Path, memory: Memory) -> None:
    small = numbered(3, side=16)
    write_idx(tmp_path / "a-images-idx3-ubyte.gz", small)
    part = read_idx_images(tmp_path / "a-images-idx3-ubyte.gz", memory=memory)
    np.testing.assert_array_equal(part.images, fit_images(small))
    assert part.notes["resize"].startswith("16x16 pixels, scaled as a whole")


def test_parts_by_name_prefer_unpacked(tmp_path: Path) -> None:
    for name in ("train-images-idx3-ubyte", "train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz"):
        write_idx(tmp_path / name, IMAGES)
    found = {part: path.name for part, path in find_idx_images(tmp_path).items()}
    assert found == {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte.gz"}


@pytest.mark.parametrize("test", ["my_test_images-idx3-ubyte", "mytest-images-idx3", "MNISTTest-images-idx3"])
def test_latest_images_are_no_test_images(test: str, tmp_path: Path) -> None:
    for name in ("latest-images-idx3-ubyte", test):
        write_idx(tmp_path / name, IMAGES)
    found = {part: path.name for part, path in find_idx_images(tmp_path).items()}
    assert found == {"train": "latest-images-idx3-ubyte", "test": test}


def test_two_claims_to_a_part_are_refused(tmp_path: Path) -> None:
    for name in ("a-train-images-idx3-ubyte", "b-train-images-idx3-ubyte"):
        write_idx(tmp_path / name, IMAGES)
    with pytest.raises(
        DataError, match=r"both a-train-.* and b-train-.* could be the train images, expected one"
    ):
        find_idx_images(tmp_path)


def test_unequal_lengths_name_both(tmp_path: Path, memory: Memory) -> None:
    write_idx(tmp_path / "train-images-idx3-ubyte", IMAGES)
    write_idx(tmp_path / "train-labels-idx1-ubyte", LABELS[:4])
    with pytest.raises(DataError, match=r"has 5 images but train-labels-idx1-ubyte has 4 labels"):
        read_idx_pair(tmp_path / "train-images-idx3-ubyte", memory=memory)


def test_missing_labels_say_which_file(tmp_path: Path, memory: Memory) -> None:
    write_idx(tmp_path / "train-images-idx3-ubyte", IMAGES)
    with pytest.raises(DataError, match=r"no labels beside it; expected train-labels-idx1-ubyte or the same"):
        read_idx_pair(tmp_path / "train-images-idx3-ubyte", memory=memory)


def test_int32_pixels_are_refused(tmp_path: Path, memory: Memory) -> None:
    write_idx(tmp_path / "a", IMAGES.astype(np.int32))
    with pytest.raises(DataError, match="int32 pixels, expected unsigned bytes"):
        read_idx_images(tmp_path / "a", memory=memory)


def test_images_as_labels_are_refused(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", IMAGES)
    with pytest.raises(DataError, match=r"3 dimensions, expected 1 \(labels\)"):
        read_idx_labels(tmp_path / "a")


@pytest.mark.parametrize(("name", "copies"), [("a-images-idx3-ubyte", 0), ("a-images-idx3-ubyte.gz", 1)])
def test_past_the_limit_is_mapped(tmp_path: Path, name: str, copies: int) -> None:
    """The unpacked file is mapped where it lies, the packed one from a copy."""
    write_idx(tmp_path / name, IMAGES)
    maps = tmp_path / "maps"
    part = read_idx_images(tmp_path / name, memory=Memory(maps, limit_bytes=100))
    assert isinstance(part.images, np.memmap)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert len(list(maps.glob("*"))) == copies


def test_progress_ends_at_the_count(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", IMAGES)
    seen: list[tuple[int, int]] = []
    read_idx_images(
        tmp_path / "a", memory=Memory(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    )
    assert seen == [(5, 5)]
