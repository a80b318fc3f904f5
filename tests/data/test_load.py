"""load_dataset over every kind of source, and what it says when the source makes no sense."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.data.formats.drawn import csv_text, numbered, png, write_class_folders
from torch.utils.data import TensorDataset

from inkwise.data.dataset import Dataset
from inkwise.data.idx import write_idx
from inkwise.data.load import load_dataset
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import DataError

IMAGES = numbered(30)
LABELS = np.arange(30) % 3


def write_idx_part(
    folder: Path, part: str, images: np.ndarray, labels: np.ndarray, *, end: str = ".gz"
) -> Path:
    folder.mkdir(exist_ok=True)
    write_idx(folder / f"{part}-labels-idx1-ubyte{end}", labels.astype(np.uint8))
    write_idx(folder / f"{part}-images-idx3-ubyte{end}", images)
    return folder / f"{part}-images-idx3-ubyte{end}"


def assert_cut(dataset: Dataset) -> None:
    """The 30 images are all there: 8 of each class to train on, 2 to test."""
    assert np.bincount(dataset.train.labels).tolist() == [8, 8, 8]
    assert np.bincount(dataset.test.labels).tolist() == [2, 2, 2]
    assert dataset.notes["test"].startswith(
        "20% of the images, the same share of each class, drawn with seed 0"
    )
    together = np.concatenate([dataset.train.images, dataset.test.images])
    assert {image.tobytes() for image in together} == {image.tobytes() for image in IMAGES}
    for split in (dataset.train, dataset.test):
        for image, label in zip(split.images, split.labels, strict=True):
            original = next(i for i in range(30) if np.array_equal(IMAGES[i], image))
            assert LABELS[original] == label


def write_source(folder: Path, kind: str) -> Any:
    """Write the 30 images as one part of this kind and return what load_dataset is given."""
    if kind == "folders":
        write_class_folders(folder, IMAGES, classes=("0", "1", "2"))
    elif kind == "idx folder":
        write_idx_part(folder, "train", IMAGES, LABELS)
    elif kind == "idx file":
        return write_idx_part(folder, "train", IMAGES, LABELS, end="")
    elif kind == "csv file":
        (folder / "a.csv").write_text(csv_text(IMAGES, LABELS.tolist()))
        return folder / "a.csv"
    elif kind == "csv folder":
        (folder / "train.csv").write_text(csv_text(IMAGES, LABELS.tolist(), header=False))
    elif kind == "npz":
        np.savez(folder / "a.npz", images=IMAGES, labels=LABELS)
    elif kind == "parquet":
        pyarrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
        parquet = pytest.importorskip("pyarrow.parquet")
        table = pyarrow.table({"image": [{"bytes": png(image)} for image in IMAGES], "label": LABELS})
        parquet.write_table(table, folder / "a.parquet")
    elif kind == "torch":
        return TensorDataset(torch.from_numpy(IMAGES), torch.from_numpy(LABELS))
    return folder


KINDS = ["folders", "idx folder", "idx file", "csv file", "csv folder", "npz", "parquet", "torch"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_part_is_cut_by_class(tmp_path: Path, kind: str) -> None:
    dataset = load_dataset(write_source(tmp_path, kind))
    assert dataset.classes == ("0", "1", "2")
    assert_cut(dataset)


@pytest.mark.parametrize("kind", KINDS)
def test_past_the_limit_both_parts_are_mapped(tmp_path: Path, kind: str) -> None:
    source = write_source(tmp_path, kind)
    dataset = load_dataset(source, memory_map_bytes=100)
    kept = StreamedImages if kind == "parquet" else np.memmap
    assert isinstance(dataset.train.images, kept)
    assert isinstance(dataset.test.images, kept)
    assert_cut(dataset)
    held = load_dataset(source)
    assert not isinstance(held.train.images, kept)
    np.testing.assert_array_equal(held.train.images, dataset.train.images[:])


def test_changed_labels_cut_a_new_copy(tmp_path: Path) -> None:
    """The copy of a mapped set is in the order of its cut, which the labels decide."""
    source = write_idx_part(tmp_path, "train", IMAGES, LABELS, end="")
    load_dataset(source, memory_map_bytes=100)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.sort(LABELS).astype(np.uint8))
    mapped = load_dataset(source, memory_map_bytes=100)
    np.testing.assert_array_equal(mapped.train.images, load_dataset(source).train.images)


def test_given_parts_are_kept_in_order(tmp_path: Path) -> None:
    """D2: the split as distributed."""
    write_idx_part(tmp_path, "train", IMAGES[:20], LABELS[:20])
    write_idx_part(tmp_path, "t10k", IMAGES[20:], LABELS[20:])
    dataset = load_dataset(str(tmp_path))
    np.testing.assert_array_equal(dataset.train.images, IMAGES[:20])
    np.testing.assert_array_equal(dataset.test.images, IMAGES[20:])
    assert dataset.test.labels.tolist() == LABELS[20:].tolist()
    assert dataset.notes["test"] == "as given"
    assert dataset.name == str(tmp_path)


@pytest.mark.parametrize("name", ["test", "val", "validation"])
def test_train_and_test_folders_are_parts(tmp_path: Path, name: str) -> None:
    write_class_folders(tmp_path / "train", IMAGES[:20], classes=("cat", "dog"))
    write_class_folders(tmp_path / name, IMAGES[20:], classes=("cat", "dog"))
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (20, 10)
    assert dataset.classes == ("cat", "dog")
    assert dataset.notes["test"] == f"the folder {name}"


def test_table_beside_class_folders_is_left(tmp_path: Path) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("cat", "dog"))
    (tmp_path / "labels.csv").write_text("path,label\n")
    assert load_dataset(tmp_path).classes == ("cat", "dog")


@pytest.mark.parametrize(("train", "test"), [("Train", "Test"), ("training", "testing")])
def test_parts_of_other_names_are_no_classes(train: str, test: str, tmp_path: Path) -> None:
    for part in (train, test):
        write_class_folders(tmp_path / part, IMAGES, classes=("0", "1", "2"))
    dataset = load_dataset(tmp_path)
    assert dataset.classes == ("0", "1", "2")
    assert dataset.notes["test"] == f"the folder {test}"


@pytest.mark.parametrize("name", ["Train", "training"])
def test_class_may_have_the_name_of_a_part(name: str, tmp_path: Path) -> None:
    """A set of vehicles; a train part has class folders in it."""
    write_class_folders(tmp_path, IMAGES, classes=("bus", "car", name))
    assert load_dataset(tmp_path).classes == tuple(sorted(("bus", "car", name)))


def test_train_part_without_class_folders_is_refused(tmp_path: Path) -> None:
    for part in ("train", "test"):
        write_class_folders(tmp_path, IMAGES, classes=(part,))
    with pytest.raises(DataError, match="train: 30 pictures but no class folders"):
        load_dataset(tmp_path)


def test_classes_that_differ_in_small_and_large_letters_are_two(tmp_path: Path) -> None:
    for name in ("a", "A"):
        for inner in ("one", "two"):
            write_class_folders(tmp_path / name, IMAGES[:10], classes=(inner,))
    assert load_dataset(tmp_path).classes == ("A", "a")


def test_folder_around_the_class_folders_is_named(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "mine", IMAGES, classes=("0", "1", "2"))
    with pytest.raises(DataError, match=r"one folder, mine, with 3 folders in it; .*, give .*/mine$"):
        load_dataset(tmp_path)


def test_validation_folder_beside_test_is_left_and_noted(tmp_path: Path) -> None:
    for part in ("train", "test", "val"):
        write_class_folders(tmp_path / part, IMAGES[:10], classes=("cat", "dog"))
    dataset = load_dataset(tmp_path)
    assert len(dataset.train) == 10
    assert dataset.notes["unused"].startswith("val: validation images are cut from the train part")


def test_kaggle_folder_with_labelled_test(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(csv_text(IMAGES[:20], LABELS[:20].tolist()))
    (tmp_path / "test.csv").write_text(csv_text(IMAGES[20:], LABELS[20:].tolist()))
    assert len(load_dataset(tmp_path).test) == 10


def test_kaggle_test_without_labels_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(csv_text(IMAGES, LABELS.tolist()))
    (tmp_path / "test.csv").write_text(csv_text(IMAGES[20:], None))
    dataset = load_dataset(tmp_path)
    assert_cut(dataset)
    assert dataset.notes["test.csv"] == "has no labels, so it is left out"


def test_keras_archive_gives_both_parts(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz", x_train=IMAGES[:20], y_train=LABELS[:20], x_test=IMAGES[20:], y_test=LABELS[20:]
    )
    dataset = load_dataset(tmp_path / "a.npz")
    np.testing.assert_array_equal(dataset.test.images, IMAGES[20:])


def test_dataset_is_given_back() -> None:
    dataset = load_dataset("digits")
    assert load_dataset(dataset) is dataset


def test_progress_counts_images(tmp_path: Path) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("a", "b"))
    seen: list[tuple[int, int]] = []
    load_dataset(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (30, 30)


def test_numbers_with_gaps_are_named_classes(tmp_path: Path) -> None:
    """A set of threes and sevens has two classes, not eight."""
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.where(LABELS == 0, 3, 7))
    dataset = load_dataset(tmp_path / "a.npz")
    assert dataset.classes == ("3", "7")
    assert set(dataset.train.labels) == {0, 1}


def test_class_names_of_torch_dataset_are_taken() -> None:
    dataset = TensorDataset(torch.from_numpy(IMAGES), torch.from_numpy(LABELS))
    dataset.classes = ["cat", "dog", "eel", "fox"]
    assert load_dataset(dataset).classes == ("cat", "dog", "eel", "fox")


def arrays(tmp_path: Path, **changed: Any) -> Path:
    parts = {"x_train": IMAGES, "y_train": LABELS} | changed
    np.savez(tmp_path / "a.npz", **parts)
    return tmp_path / "a.npz"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y_train": LABELS - 1}, "train: label out of range: they run from -1 to 1, expected 0 or above"),
        ({"x_test": IMAGES[:2], "y_test": [0, 9]}, r"test: label 9 out of range; expected one of 3 classes"),
        ({"y_train": np.zeros(30, int)}, r"a classifier needs at least 2 classes, got 1 \(0\); add images"),
        ({"x_train": IMAGES[:2], "y_train": [0, 1]}, "2 images are too few to cut a test part from"),
        ({"y_train": LABELS[:9]}, r"shape \(30, 28, 28\) but 9 labels"),
    ],
)
def test_labels_without_sense_are_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(arrays(tmp_path, **changed))


def test_label_past_the_named_classes_is_refused() -> None:
    dataset = TensorDataset(torch.from_numpy(IMAGES), torch.from_numpy(LABELS))
    dataset.classes = ["cat", "dog"]
    with pytest.raises(
        DataError, match=r"label out of range: they run from 0 to 2, expected 0 to 1 for 2 classes"
    ):
        load_dataset(dataset)


def test_images_without_labels_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES)
    with pytest.raises(DataError, match="images without labels; expected a label for each"):
        load_dataset(tmp_path / "a.npz")


def test_one_class_folder_is_refused(tmp_path: Path) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("only",))
    with pytest.raises(DataError, match=r"a classifier needs at least 2 classes, got 1 \(only\)"):
        load_dataset(tmp_path)


def test_empty_idx_is_refused(tmp_path: Path) -> None:
    source = write_idx_part(tmp_path, "train", IMAGES[:0], LABELS[:0])
    with pytest.raises(DataError, match="0 images are too few"):
        load_dataset(source)


def test_unknown_name_suggests_the_nearest() -> None:
    """D1: data sets are known by name."""
    with pytest.raises(
        DataError, match=r"unknown dataset 'mnits'; did you mean 'mnist'\? .* nor is there a file"
    ):
        load_dataset("mnits")


def test_single_picture_points_to_predict(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(IMAGES[0]))
    with pytest.raises(
        DataError, match=r"a\.png: one picture .*; to classify a picture run: inkwise predict"
    ):
        load_dataset(tmp_path / "a.png")


def test_object_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="int is no data set; expected a name, a path, or a torch Dataset"):
        load_dataset(3)


def test_mnist_loads_whole(mnist_folder: Path) -> None:
    """D2: 60,000 and 10,000 images, from .gz files to arrays."""
    dataset = load_dataset(mnist_folder)
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert dataset.test.images.shape == (10_000, 28, 28)
    assert dataset.classes == tuple("0123456789")


def test_fashion_mnist_loads_like_mnist(real_data: Any) -> None:
    """D16: the next data set announced."""
    dataset = load_dataset(real_data("fashion-mnist"))
    assert np.bincount(dataset.train.labels).tolist() == [6000] * 10
    assert np.bincount(dataset.test.labels).tolist() == [1000] * 10


def test_truncated_real_file_names_itself(mnist_folder: Path, tmp_path: Path) -> None:
    raw = (mnist_folder / "t10k-images-idx3-ubyte.gz").read_bytes()
    (tmp_path / "t10k-images-idx3-ubyte.gz").write_bytes(raw[: len(raw) // 2])
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(
        gzip.decompress((mnist_folder / "t10k-labels-idx1-ubyte.gz").read_bytes())
    )
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz: the gzip data is damaged or cut short"):
        load_dataset(tmp_path)
