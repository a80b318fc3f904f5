"""Archives in Keras's layout and others; pickled objects never."""

from pathlib import Path

import numpy as np
import pytest
from tests.data.formats.drawn import numbered

from inkwise.data.formats.npz import read_npz
from inkwise.data.formats.part import Memory
from inkwise.data.formats.picture import fit_images
from inkwise.errors import DataError, ShapeError

IMAGES = numbered(5)
LABELS = np.array([0, 1, 2, 1, 0], np.uint8)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps")


def test_keras_layout_gives_both_parts(tmp_path: Path, memory: Memory) -> None:
    np.savez(tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:2], y_test=LABELS[:2])
    parts = read_npz(tmp_path / "a.npz", memory=memory)
    assert list(parts) == ["train", "test"]
    np.testing.assert_array_equal(parts["train"].images, IMAGES)
    np.testing.assert_array_equal(parts["test"].images, IMAGES[:2])
    assert parts["train"].labels is not None
    assert parts["train"].labels.tolist() == [0, 1, 2, 1, 0]
    assert parts["train"].labels.dtype == np.int64


def test_images_and_labels_give_one_part(tmp_path: Path, memory: Memory) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=IMAGES, labels=LABELS[:, None])
    parts = read_npz(tmp_path / "a.npz", memory=memory)
    assert list(parts) == ["train"]
    assert parts["train"].labels is not None
    assert parts["train"].labels.tolist() == [0, 1, 2, 1, 0]


def test_images_alone_have_no_labels(tmp_path: Path, memory: Memory) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES)
    assert read_npz(tmp_path / "a.npz", memory=memory)["train"].labels is None


def test_floats_and_sizes_are_converted_and_noted(tmp_path: Path, memory: Memory) -> None:
    small = numbered(3, side=14)
    np.savez(tmp_path / "a.npz", images=small / 255, labels=["a", "b", "a"])
    part = read_npz(tmp_path / "a.npz", memory=memory)["train"]
    np.testing.assert_array_equal(part.images, fit_images(small))
    assert part.notes["scale"] == "floats from 0 to 1 were multiplied by 255 and rounded"
    assert "(3, 14, 14)" in part.notes["resize"]
    assert part.labels is not None
    assert part.labels.tolist() == ["a", "b", "a"]


@pytest.mark.parametrize("compressed", [False, True])
def test_past_the_limit_is_mapped(tmp_path: Path, compressed: bool) -> None:
    """Plain arrays are mapped inside the archive, compressed ones from a copy."""
    save = np.savez_compressed if compressed else np.savez
    save(tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[::-1], y_test=LABELS)
    parts = read_npz(tmp_path / "a.npz", memory=Memory(tmp_path / "maps", limit_bytes=100))
    for part, images in (("train", IMAGES), ("test", IMAGES[::-1])):
        assert isinstance(parts[part].images, np.memmap)
        np.testing.assert_array_equal(parts[part].images, images)
    assert (tmp_path / "maps").exists() == compressed


def test_column_order_past_the_limit_keeps_values(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.asfortranarray(IMAGES), labels=LABELS)
    part = read_npz(tmp_path / "a.npz", memory=Memory(tmp_path / "maps", limit_bytes=100))["train"]
    np.testing.assert_array_equal(part.images, IMAGES)


def test_pickled_objects_are_refused(tmp_path: Path, memory: Memory) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.array([0, "x", 2, 3, 4], object))
    with pytest.raises(
        DataError, match=r"a\.npz: pickled objects, which could run code; expected plain arrays"
    ):
        read_npz(tmp_path / "a.npz", memory=memory)


def test_page_saved_as_an_archive_is_called_no_archive(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "a.npz").write_bytes(b"<!DOCTYPE html><title>Not found</title>")
    with pytest.raises(DataError, match=r"a\.npz: begins with b'<!DOCT', expected a \.npz archive"):
        read_npz(tmp_path / "a.npz", memory=memory)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"foo": LABELS}, r"arrays foo, expected x_train and y_train \(with x_test and y_test\), or images"),
        (
            {"images": IMAGES, "labels": LABELS[:3]},
            r"shape \(5, 28, 28\) but 3 labels in labels; expected one",
        ),
        ({"images": IMAGES, "labels": np.eye(5)}, r"float64 of shape \(5, 5\), expected .* argmax\(axis=1\)"),
        ({"images": IMAGES, "labels": [0, 1, np.nan, 1, 0]}, "NaN or fractions among the labels"),
    ],
)
def test_bad_arrays_say_expected(tmp_path: Path, memory: Memory, arrays: dict, message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=message):
        read_npz(tmp_path / "a.npz", memory=memory)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES.astype(np.int64) * 2, "int64 from 0 to 510, expected whole numbers from 0 to 255"),
        (IMAGES.reshape(5, -1), r"images are uint8 of shape \(5, 784\), expected uint8"),
    ],
)
def test_bad_images_say_expected(tmp_path: Path, memory: Memory, images: np.ndarray, message: str) -> None:
    np.savez(tmp_path / "a.npz", images=images, labels=LABELS)
    with pytest.raises(ShapeError, match=message):
        read_npz(tmp_path / "a.npz", memory=memory)


def test_single_array_says_savez(tmp_path: Path, memory: Memory) -> None:
    with (tmp_path / "a.npz").open("wb") as file:
        np.save(file, IMAGES)
    with pytest.raises(DataError, match=r"one array, expected an archive with x_train .* use np\.savez"):
        read_npz(tmp_path / "a.npz", memory=memory)


@pytest.mark.parametrize("damaged", ["images", "labels"])
def test_damaged_array_in_a_whole_archive_names_path(tmp_path: Path, memory: Memory, damaged: str) -> None:
    """The archive's directory is whole; what was packed is no deflate stream."""
    path = tmp_path / "a.npz"
    arrays = {"images": IMAGES, "labels": LABELS}
    np.savez_compressed(path, **{damaged: arrays.pop(damaged)}, **arrays)  # so that it comes first
    raw = bytearray(path.read_bytes())
    start = 30 + int.from_bytes(raw[26:28], "little") + int.from_bytes(raw[28:30], "little")
    raw[start] = 0xFF
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"a\.npz: cannot be read \(.*invalid block type\); expected a whole"):
        read_npz(path, memory=memory)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut short", b"hello"])
def test_damaged_archive_names_path(tmp_path: Path, memory: Memory, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz: .*expected"):
        read_npz(tmp_path / "a.npz", memory=memory)
