"""Sets as they come out of $INKWISE_DATA and the cache: the real ones, and small ones of each form."""

import gzip
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.tiny_sets import NUM_TEST, NUM_TRAIN, tiny_arrays, tiny_set

from inkwise.data.cache import check_dataset, is_available, list_datasets, load_catalogue_dataset
from inkwise.data.catalogue import CATALOGUE, CatalogueEntry
from inkwise.data.idx import read_idx
from inkwise.errors import DataError

RealData = Callable[[str], Path]
QMNIST_NAMES = {
    "train_images": "qmnist-train-images-idx3-ubyte",
    "train_labels": "qmnist-train-labels-idx2-int",
    "test_images": "qmnist-test-images-idx3-ubyte",
    "test_labels": "qmnist-test-labels-idx2-int",
}


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty $INKWISE_DATA and an empty cache; return the former."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "own"))
    return tmp_path / "own"


def put(places: Path, entry: CatalogueEntry, files: dict[str, bytes]) -> Path:
    """Write the files of a set into $INKWISE_DATA and return their folder."""
    folder = places / entry.name
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_set_of_the_cache_folder_is_loaded(tmp_path: Path) -> None:
    """D1: a set that was fetched before is read from the cache."""
    entry, files = tiny_set()
    put(tmp_path / "cache" / "data", entry, files)
    dataset = load_catalogue_dataset(entry)
    arrays = tiny_arrays()
    assert np.array_equal(dataset.train.images, arrays["train_images"])
    assert np.array_equal(dataset.test.labels, arrays["test_labels"])
    assert (len(dataset.train), len(dataset.test)) == (NUM_TRAIN, NUM_TEST)
    assert dataset.notes["test"] == "as distributed"


def test_unpacked_files_are_loaded_alike(places: Path) -> None:
    entry, files = tiny_set()
    put(
        places, entry, {name.removesuffix(".gz"): gzip.decompress(content) for name, content in files.items()}
    )
    assert len(load_catalogue_dataset(entry).train) == NUM_TRAIN


def test_real_mnist_has_its_split_and_counts(real_data: RealData) -> None:
    """D2, E2: 60,000 and 10,000 images of 28x28 uint8; the counts of each class are the published ones."""
    real_data("mnist")
    dataset = load_catalogue_dataset("mnist", fetch=False)
    assert dataset.train.images.shape == (60_000, 28, 28)
    assert dataset.test.images.shape == (10_000, 28, 28)
    assert dataset.train.images.dtype == np.uint8
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(dataset.train.labels).tolist() == train
    assert np.bincount(dataset.test.labels).tolist() == test


def test_real_fashion_mnist_is_loaded(real_data: RealData) -> None:
    """D16."""
    real_data("fashion-mnist")
    dataset = load_catalogue_dataset("fashion-mnist", fetch=False)
    assert np.bincount(dataset.train.labels).tolist() == [6000] * 10
    assert dataset.classes[dataset.train.labels[0]] == "Ankle boot"


def test_real_usps_is_centred_like_mnist(real_data: RealData) -> None:
    folder = real_data("usps")
    dataset = load_catalogue_dataset("usps", fetch=False)
    assert (len(dataset.train), len(dataset.test)) == (7291, 2007)
    assert np.bincount(dataset.train.labels).tolist() == [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
    assert not dataset.train.images[:, :4].any()
    assert not dataset.train.images[:, :, 24:].any()
    original = read_idx(folder / "train-images-idx3-ubyte.gz")
    means = original.mean(axis=(1, 2)), dataset.train.images[:, 4:24, 4:24].mean(axis=(1, 2))
    assert np.abs(means[0] - means[1]).max() < 12  # the same ink, spread over 20x20
    assert dataset.notes["resize"] == "16x16, resized to 20x20 (bicubic), placed in the middle of 28x28"


def test_qmnist_labels_are_the_first_of_eight_columns(places: Path) -> None:
    arrays = tiny_arrays()
    for part in ("train", "test"):
        classes = arrays[f"{part}_labels"].astype(np.int32)
        columns = np.arange(len(classes) * 8, dtype=np.int32).reshape(-1, 8)
        columns[:, 0] = classes
        arrays[f"{part}_labels"] = columns
    entry, files = tiny_set(arrays, names=QMNIST_NAMES)
    put(places, entry, files)
    dataset = load_catalogue_dataset(entry)
    assert dataset.train.labels.tolist() == [0, 1, 2] * 20
    assert dataset.test.labels.dtype == np.int64


def emnist_letters(*, sums: bool) -> tuple[CatalogueEntry, dict[str, bytes]]:
    """Return letters in the form of EMNIST: an L lying as the authors store it, labels from 1."""
    upright = np.zeros((28, 28), np.uint8)
    upright[4:24, 8] = upright[23, 8:20] = 255  # a stem on the left, a foot to the right
    arrays: dict[str, Any] = {}
    for part, count in (("train", 52), ("test", 26)):
        arrays[f"{part}_images"] = np.repeat(upright.T[None], count, axis=0)
        arrays[f"{part}_labels"] = (np.arange(count) % 26 + 1).astype(np.uint8)
    letters = CATALOGUE["emnist-letters"]
    names = {file.role: file.name for file in letters.files}
    entry, files = tiny_set(
        arrays,
        names=names,
        is_transposed=True,
        first_label=1,
        classes=letters.classes,
        num_train=52,
        num_test=26,
    )
    if not sums:
        entry = replace(entry, files=tuple(replace(file, unpacked_sha256=None) for file in entry.files))
    return entry, files


@pytest.mark.parametrize("sums", [True, False])
def test_emnist_letters_stand_upright_and_count_from_zero(places: Path, sums: bool) -> None:
    entry, files = emnist_letters(sums=sums)
    put(places, entry, files)
    dataset = load_catalogue_dataset(entry)
    image = dataset.train.images[0]
    assert image[4:24, 8].min() == 255  # the stem goes down
    assert image[23, 8:20].min() == 255  # the foot goes right, at the bottom
    assert dataset.train.labels.tolist()[:3] == [0, 1, 2]
    assert dataset.classes[dataset.train.labels[25]] == "Z"
    assert "upright" in dataset.notes["orientation"]
    assert "from 1" in dataset.notes["labels"]


def test_damaged_file_names_sums_and_cure(places: Path) -> None:
    entry, files = tiny_set()
    folder = put(places, entry, files)
    name = entry.files[1].packed_name
    changed = bytearray(gzip.decompress(files[name]))
    changed[-1] ^= 1
    (folder / name).write_bytes(gzip.compress(bytes(changed)))
    found, expected = hashlib.sha256(changed).hexdigest()[:4], (entry.files[1].unpacked_sha256 or "")[:4]
    words = f"train-labels-idx1-ubyte.gz: sha256 begins {found}, expected {expected}; delete it and run: "
    with pytest.raises(DataError, match=words + "inkwise data fetch tiny"):
        load_catalogue_dataset(entry)


def test_truncated_file_is_refused(places: Path) -> None:
    entry, files = tiny_set()
    folder = put(places, entry, files)
    name = entry.files[0].packed_name
    (folder / name).write_bytes(files[name][:1000])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: the gzip data is cut short"):
        load_catalogue_dataset(entry)


def test_absent_set_without_fetching_names_both_ways() -> None:
    with pytest.raises(
        DataError,
        match=r"kmnist: train-images-idx3-ubyte.gz is neither in \$INKWISE_DATA/kmnist nor in .*/kmnist; "
        r"run: inkwise data fetch kmnist, or give files you have: inkwise data import kmnist FILE",
    ):
        load_catalogue_dataset("kmnist", fetch=False)


def test_absent_set_without_a_network_fails_within_seconds() -> None:
    begin = time.monotonic()
    with pytest.raises(DataError, match=r"mnist: train-images-idx3-ubyte.gz could not be fetched"):
        load_catalogue_dataset("mnist")
    assert time.monotonic() - begin < 6


def test_unknown_set_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean 'emnist-letters'"):
        load_catalogue_dataset("emnist-leters")


def test_digits_need_no_file() -> None:
    dataset = load_catalogue_dataset("digits", fetch=False)
    assert dataset.name == "digits"
    assert len(dataset.classes) == 10


def test_availability_needs_every_file(places: Path) -> None:
    entry, files = tiny_set()
    folder = put(places, entry, files)
    assert is_available(entry)
    (folder / entry.files[3].packed_name).unlink()
    assert not is_available(entry)
    assert is_available("digits")
    assert not is_available("mnist")


def test_check_tells_whole_damaged_and_missing_apart(places: Path) -> None:
    entry, files = tiny_set()
    folder = put(places, entry, files)
    names = [file.packed_name for file in entry.files]
    (folder / names[1]).write_bytes(b"\x1f\x8brubbish")
    (folder / names[2]).unlink()
    checks = check_dataset(entry)
    assert [(check.file, check.state) for check in checks] == [
        (names[0], "whole"),
        (names[1], "damaged"),
        (names[2], "missing"),
        (names[3], "whole"),
    ]
    assert "the gzip data is damaged" in checks[1].detail
    assert checks[0].detail == "sha256"
    assert checks[2].path is None


def test_check_of_everything_passes_over_absent_sets(places: Path) -> None:
    assert check_dataset() == []
    (places / "usps").mkdir(parents=True)
    (places / "usps" / "test-labels-idx1-ubyte").write_bytes(b"rubbish")
    assert [(check.dataset, check.state) for check in check_dataset()] == [
        ("usps", "missing"),
        ("usps", "missing"),
        ("usps", "missing"),
        ("usps", "damaged"),
    ]


def test_list_tells_where_each_set_is(places: Path) -> None:
    entry, files = tiny_set()
    folder = put(places, entry, files)
    here, absent, built_in = list_datasets([entry, CATALOGUE["mnist"], CATALOGUE["digits"]])
    assert (here.found, here.path) == ("INKWISE_DATA", folder)
    assert here.size_bytes == sum(map(len, files.values()))
    assert (absent.found, absent.path, absent.size_bytes) == (None, None, 11_594_722)
    assert (built_in.found, built_in.path) == ("built in", None)
    assert len(list_datasets()) == len(CATALOGUE)
