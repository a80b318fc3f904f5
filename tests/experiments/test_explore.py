"""From any data set to its Exploration and page; hard sets get both, too."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.bars import bars, bars_dataset

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import DataError, OutputError
from inkwise.experiments.explore import explore

BASE = {
    "exploration.html", "label-shares", "samples", "first-image", "batches", "class-means", "class-spread",
    "pixel-values", "brightness",
}  # fmt: skip


def names(folder: Path) -> set[str]:
    """Return the page and the names of pictures that are there as PNG and as SVG."""
    files = {path.name for path in folder.iterdir()}
    pngs = {name.removesuffix(".png") for name in files if name.endswith(".png")}
    svgs = {name.removesuffix(".svg") for name in files if name.endswith(".svg")}
    assert pngs == svgs
    assert len(files) == 2 * len(pngs) + 1
    return pngs | {name for name in files if name.endswith(".html")}


def test_out_holds_the_page_and_every_picture_twice(tmp_path: Path) -> None:
    """E2, E3, E4, E5: each has its picture."""
    found = explore("digits", out=tmp_path / "new" / "folder")
    assert names(tmp_path / "new" / "folder") == BASE
    assert found.duplicates is not None
    assert found.label_audit is None
    with Image.open(tmp_path / "new" / "folder" / "samples.png") as picture:
        picture.verify()
    assert (tmp_path / "new" / "folder" / "samples.svg").read_text().startswith("<?xml")


def test_without_out_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    explore(bars_dataset(40, 10))
    assert list(tmp_path.iterdir()) == []


def test_stages_are_told_in_order(tmp_path: Path) -> None:
    told: list[str] = []
    explore(bars_dataset(40, 10), out=tmp_path, on_stage=lambda name, done, total: told.append(name))
    assert list(dict.fromkeys(told)) == ["comparing images", "drawing pictures"]


@pytest.mark.slow
def test_audit_and_copies_have_their_pictures(tmp_path: Path) -> None:
    dataset = bars_dataset(60, 20)
    images = np.concatenate([dataset.train.images, dataset.train.images[:2], dataset.train.images[:1] ^ 1])
    train = Split(images, np.append(dataset.train.labels, dataset.train.labels[[0, 1, 0]]))
    found = explore(
        Dataset("copies", dataset.classes, train, dataset.test), out=tmp_path, audit_labels=True, device="cpu"
    )
    assert found.label_audit is not None
    assert found.label_audit.contested is None
    expected = {"equal-images", "near-copies", "doubtful-train-labels", "doubtful-test-labels"}
    assert names(tmp_path) == BASE | expected


@pytest.mark.parametrize("classes", [("a", "b"), tuple(f"a rather long name, number {k}" for k in range(47))])
def test_few_and_many_classes_have_a_page(classes: tuple[str, ...], tmp_path: Path) -> None:
    """As many classes as EMNIST has, with names longer than any picture is wide; and only two."""
    count = len(classes)
    generator = np.random.default_rng(0)
    parts = [
        Split(generator.integers(0, 256, (n, 28, 28), np.uint8), np.arange(n) % count)
        for n in (2 * count, count)
    ]
    found = explore(Dataset("many", classes, *parts), out=tmp_path)
    assert found.num_classes == count
    assert classes[-1] in (tmp_path / "exploration.html").read_text()


def test_test_part_of_one_class_is_told(tmp_path: Path) -> None:
    dataset = bars_dataset(60, 40)
    ones = dataset.test.take(np.flatnonzero(dataset.test.labels == 1))
    found = explore(Dataset("ones", dataset.classes, dataset.train, ones), out=tmp_path)
    assert found.label_bias.is_biased
    page = (tmp_path / "exploration.html").read_text()
    assert "No test image is of 0, 2, 3, 4, 5, 6 and 3 more." in page


def test_class_absent_in_train_is_told(tmp_path: Path) -> None:
    dataset = bars_dataset(60, 40)
    rest = dataset.train.take(np.flatnonzero(dataset.train.labels != 3))
    explore(Dataset("gap", dataset.classes, rest, dataset.test), out=tmp_path)
    assert "No train image is of 3." in (tmp_path / "exploration.html").read_text()


def test_equal_images_have_a_page(tmp_path: Path) -> None:
    images = np.full((30, 28, 28), 7, np.uint8)
    split = Split(images, np.arange(30) % 2)
    found = explore(Dataset("grey", ("a", "b"), split, split), out=tmp_path)
    assert found.train.pixel_std == pytest.approx(0)
    assert found.duplicates is not None
    assert found.duplicates.num_exact_copies == 59
    assert "labelled differently" in (tmp_path / "exploration.html").read_text()


def test_smallest_set_has_a_page_and_no_audit(tmp_path: Path) -> None:
    one = Split(np.zeros((1, 28, 28), np.uint8), np.array([0]))
    other = Split(np.full((1, 28, 28), 255, np.uint8), np.array([1]))
    dataset = Dataset("two", ("black", "white"), one, other)
    explore(dataset, out=tmp_path)
    assert "exploration.html" in names(tmp_path)
    with pytest.raises(DataError, match="two: 1 train images are too few to audit labels"):
        explore(dataset, audit_labels=True)


def test_mapped_set_writes_the_same_page(tmp_path: Path) -> None:
    split = bars(80, num_classes=2)
    np.savez(tmp_path / "a.npz", images=split.images, labels=split.labels)
    for folder, limit in (("held", 1 << 30), ("mapped", 100)):
        explore(load_dataset(tmp_path / "a.npz", memory_map_bytes=limit), out=tmp_path / folder)
    held, mapped = ((tmp_path / folder / "exploration.html").read_bytes() for folder in ("held", "mapped"))
    assert held == mapped


def test_folder_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*; expected a writable folder"):
        explore(bars_dataset(20, 10), out=tmp_path / "file")
