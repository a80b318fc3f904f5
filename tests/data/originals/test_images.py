"""From the arrays of the files to upright 28x28 images with labels from 0."""

import gzip
import hashlib
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets

from inkwise.data.catalogue import CATALOGUE
from inkwise.data.originals import images as module
from inkwise.data.originals.images import centre, load_digits, make_split
from inkwise.errors import DataError

LETTERS = CATALOGUE["emnist-letters"]


def test_transposed_images_are_turned_upright() -> None:
    images = np.arange(5000 * 784, dtype=np.int64).astype(np.uint8).reshape(-1, 28, 28)  # more than one chunk
    split = make_split(LETTERS, images.copy(), np.ones(5000, np.uint8), part="train")
    assert np.array_equal(split.images, images.transpose(0, 2, 1))


def test_labels_are_counted_from_zero() -> None:
    split = make_split(LETTERS, np.zeros((2, 28, 28), np.uint8), np.array([1, 26], np.uint8), part="train")
    assert split.labels.tolist() == [0, 25]
    assert [LETTERS.classes[label] for label in split.labels] == ["A", "Z"]


def test_class_of_qmnist_is_the_first_column() -> None:
    columns = np.array([[7, 4, 2578, 69, 37, 279260, 0, 0], [2, 4, 2359, 55, 32, 253328, 0, 0]], np.int32)
    split = make_split(CATALOGUE["qmnist"], np.zeros((2, 28, 28), np.uint8), columns, part="test")
    assert split.labels.tolist() == [7, 2]
    assert split.labels.dtype == np.int64


def test_unequal_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="mnist: 3 train images but 2 labels, expected as many"):
        make_split(CATALOGUE["mnist"], np.zeros((3, 28, 28), np.uint8), np.zeros(2, np.uint8), part="train")


@pytest.mark.parametrize("labels", [[0, 5], [1, 27]])
def test_label_outside_the_classes_is_refused(labels: list[int]) -> None:
    with pytest.raises(DataError, match=f"run from {labels[0]} to {labels[1]}, expected 1 to 26"):
        make_split(LETTERS, np.zeros((2, 28, 28), np.uint8), np.array(labels, np.uint8), part="train")


def test_small_image_stands_in_the_middle() -> None:
    images = centre(np.full((2, 16, 16), 200, np.uint8))
    assert images.shape == (2, 28, 28)
    assert (images[:, 4:24, 4:24] == 200).all()
    images[:, 4:24, 4:24] = 0
    assert not images.any()


def test_digits_have_a_fixed_stratified_test_part() -> None:
    dataset = load_digits(CATALOGUE["digits"])
    assert (len(dataset.train), len(dataset.test)) == (1438, 359)
    shares = np.bincount(dataset.test.labels) / np.bincount(np.r_[dataset.train.labels, dataset.test.labels])
    assert np.all(np.abs(shares - 0.2) < 0.004)
    assert dataset.train.images.max() == 255
    assert not dataset.train.images[:, :4].any()
    assert "seed 0" in dataset.notes["test"]
    assert "20x20" in dataset.notes["resize"]
    # golden: which images are in the test part never changes
    assert hashlib.sha256(dataset.test.labels.tobytes()).hexdigest()[:16] == "bfc50f70029db073"
    assert hashlib.sha256(dataset.test.images.tobytes()).hexdigest()[:16] == "827392d4e3a35efa"


def test_digits_parts_share_no_image() -> None:
    dataset = load_digits(CATALOGUE["digits"])
    train = {image.tobytes() for image in dataset.train.images}
    assert not any(image.tobytes() in train for image in dataset.test.images)


def test_digits_use_the_counts_of_the_catalogue() -> None:
    entry = replace(CATALOGUE["digits"], name="other")
    dataset = load_digits(entry)
    assert dataset.name == "other"
    assert (len(dataset.train), len(dataset.test)) == (entry.num_train, entry.num_test)


def sklearn_at(folder: Path) -> ModuleSpec:
    package = ModuleSpec("sklearn", None, is_package=True)
    package.submodule_search_locations = [str(folder)]
    return package


@pytest.mark.parametrize("has_file", [True, False])
def test_digits_are_those_of_scikit_learn(
    has_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from its file, or asked for where a version keeps that elsewhere."""
    if not has_file:
        monkeypatch.setattr(module, "find_spec", lambda name: sklearn_at(tmp_path))
    expected = datasets.load_digits()
    rows = module._digit_rows()
    assert rows.dtype == np.uint8
    assert np.array_equal(rows[:, :-1], expected.data)
    assert np.array_equal(rows[:, -1], expected.target)


def test_damaged_file_of_digits_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "datasets" / "data" / "digits.csv.gz"
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.compress(b"0,1,2\n" * 1000)[:-20])
    monkeypatch.setattr(module, "find_spec", lambda name: sklearn_at(tmp_path))
    with pytest.raises(DataError, match=r"digits: scikit-learn's file cannot be read .*pip install --force"):
        load_digits(CATALOGUE["digits"])
