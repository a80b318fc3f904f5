"""The catalogue's facts hang together."""

import re
from pathlib import Path

import pytest

from inkwise.data.catalogue import CATALOGUE, ROLES, CatalogueEntry, get_entry, read_catalogue
from inkwise.data.load import load_dataset
from inkwise.errors import DataError

FROM_FILES = [entry for entry in CATALOGUE.values() if not entry.is_built_in]
each_set = pytest.mark.parametrize("entry", FROM_FILES, ids=lambda entry: entry.name)


def test_catalogue_holds_the_promised_sets() -> None:
    assert list(CATALOGUE) == [
        "mnist",
        "fashion-mnist",
        "kmnist",
        "qmnist",
        "emnist-balanced",
        "emnist-letters",
        "emnist-digits",
        "emnist-mnist",
        "emnist-byclass",
        "emnist-bymerge",
        "usps",
        "digits",
    ]


@each_set
def test_each_set_has_one_file_a_role(entry: CatalogueEntry) -> None:
    assert tuple(file.role for file in entry.files) == ROLES


@each_set
def test_images_and_labels_are_as_many(entry: CatalogueEntry) -> None:
    shapes = {file.role: file.shape for file in entry.files}
    assert shapes["train_images"][0] == shapes["train_labels"][0] == entry.num_train
    assert shapes["test_images"][0] == shapes["test_labels"][0] == entry.num_test


@each_set
def test_each_file_has_a_sum_and_several_mirrors(entry: CatalogueEntry) -> None:
    for file in entry.files:
        assert file.sha256 or file.unpacked_sha256
        bundles = [bundle for bundle in entry.bundles if bundle.holds(file)]
        assert len(file.mirrors) + sum(len(bundle.mirrors) for bundle in bundles) >= 2
        assert bool(file.mirrors) == bool(file.size_bytes) == bool(file.sha256)


@each_set
def test_each_mirror_is_reached_by_https(entry: CatalogueEntry) -> None:
    mirrors = [url for file in entry.files for url in file.mirrors]
    mirrors += [url for bundle in entry.bundles for url in bundle.mirrors]
    assert mirrors
    assert all(url.startswith("https://") for url in mirrors)


@each_set
def test_sums_look_like_sums_and_differ(entry: CatalogueEntry) -> None:
    sums = [file.sha256 for file in entry.files] + [file.unpacked_sha256 for file in entry.files]
    given = [digest for digest in sums + [bundle.sha256 for bundle in entry.bundles] if digest]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in given)
    assert len(set(given)) == len(given)


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("mnist", 10, "0", "9"),
        ("fashion-mnist", 10, "T-shirt/top", "Ankle boot"),
        ("kmnist", 10, "o", "wo"),
        ("emnist-letters", 26, "A", "Z"),
        ("emnist-balanced", 47, "0", "t"),
        ("emnist-bymerge", 47, "0", "t"),
        ("emnist-byclass", 62, "0", "z"),
        ("emnist-digits", 10, "0", "9"),
        ("usps", 10, "0", "9"),
        ("digits", 10, "0", "9"),
    ],
)
def test_classes_are_those_of_the_authors(name: str, count: int, first: str, last: str) -> None:
    classes = CATALOGUE[name].classes
    assert (len(classes), classes[0], classes[-1]) == (count, first, last)
    assert len(set(classes)) == count


def test_merged_classes_of_emnist_are_in_the_authors_order() -> None:
    """emnist-balanced-mapping.txt: 0 to 9, A to Z, then the small letters that differ from their capitals."""
    assert "".join(CATALOGUE["emnist-balanced"].classes) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"


def test_mnist_has_the_original_split() -> None:
    """D2: 60,000 images to train with and 10,000 to test with."""
    assert (CATALOGUE["mnist"].num_train, CATALOGUE["mnist"].num_test) == (60_000, 10_000)


def test_contested_labels_of_mnist_are_the_fifteen_of_the_published_votes() -> None:
    """Northcutt, Athalye, Mueller 2021: fewer than 3 of 5 votes for the label; 947 and 6651 had none of 5."""
    contested = CATALOGUE["mnist"].contested_test_labels
    indices = CATALOGUE["mnist"].contested_test_indices
    assert indices == tuple(sorted(set(indices)))
    assert len(indices) == 15
    assert all(row.votes_label + row.votes_guessed + row.votes_neither == 5 for row in contested)
    assert all(row.votes_label < 3 and row.label != row.guessed for row in contested)
    assert sum(row.votes_guessed >= 3 for row in contested) == 10
    assert sum(row.votes_neither >= 3 for row in contested) == 3
    assert [row.index for row in contested if row.votes_guessed == 5] == [947, 6651]


def test_contested_labels_are_those_of_the_real_files(mnist_folder: Path) -> None:
    labels = load_dataset("mnist").test.labels
    contested = CATALOGUE["mnist"].contested_test_labels
    assert [labels[row.index] for row in contested] == [row.label for row in contested]


def test_contested_labels_are_known_of_mnist_alone() -> None:
    assert [name for name, entry in CATALOGUE.items() if entry.contested_test_indices] == ["mnist"]


def test_download_size_counts_the_files_or_else_the_bundles() -> None:
    assert CATALOGUE["mnist"].download_bytes == 9_912_422 + 28_881 + 1_648_877 + 4_542
    assert CATALOGUE["usps"].download_bytes == 1_829_071 + 439_208
    assert CATALOGUE["digits"].download_bytes == 0


def test_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(
        DataError, match=r"unknown dataset 'mnits'; did you mean 'mnist'\? Known: digits, emnist"
    ):
        get_entry("mnits")


def test_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CATALOGUE["own"] = CATALOGUE["mnist"]  # type: ignore[index]


def test_catalogue_text_gives_mirrors_of_each_file() -> None:
    text = """
        [own]
        summary = "s"
        licence = "l"
        homepage = "h"
        classes = ["a", "b"]
        mirrors = ["https://one/", "https://two/"]
        [[own.files]]
        role = "train_labels"
        name = "x-idx1-ubyte"
        shape = [3]
        [[own.files]]
        role = "test_labels"
        name = "y-idx1-ubyte"
        shape = [2]
    """
    entry = read_catalogue(text)["own"]
    assert entry.files[0].mirrors == ("https://one/x-idx1-ubyte.gz", "https://two/x-idx1-ubyte.gz")
    assert (entry.num_train, entry.num_test) == (3, 2)
