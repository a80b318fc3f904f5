"""Tar shards in WebDataset's layout, written here by Python's tarfile and by a writer of one's own."""

import gzip
import tarfile
from pathlib import Path

import numpy as np
import pytest
from tests.data.formats.drawn import numbered, png
from tests.data.streaming.written import write_files, write_tar

from inkwise.data.formats.part import Memory
from inkwise.data.load import load_dataset
from inkwise.data.streaming.images import StreamedImages
from inkwise.data.streaming.tar import find_tar_files, read_tars
from inkwise.data.streaming.tar_index import load_index
from inkwise.data.streaming.tar_members import find_members
from inkwise.errors import DataError

IMAGES = numbered(12)
LABELS = [index % 3 for index in range(12)]


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "cache" / "mapped", limit_bytes=0)


@pytest.mark.parametrize(
    "options",
    [
        {"format": tarfile.USTAR_FORMAT},
        {"format": tarfile.GNU_FORMAT},
        {"mtime": 1763740800.25},  # as webdataset writes: a pax record before every file
        {"names": "a folder/of.numbers/{:05d}"},
        {"names": "long/" + 120 * "n" + "/{:05d}", "format": tarfile.USTAR_FORMAT},  # the name's prefix
        {"names": 150 * "n" + "{:05d}", "format": tarfile.GNU_FORMAT},  # a header for the name alone
        {"names": "schön{:05d}"},
    ],
)
def test_tar_of_any_kind_then_images_and_labels(tmp_path, memory, options):
    path = write_tar(tmp_path / "a.tar", IMAGES, LABELS, **options)
    part = read_tars([path], memory=memory)
    np.testing.assert_array_equal(part.images[:], IMAGES)
    assert part.labels.tolist() == LABELS


def test_a_tar_with_a_tar_inside_then_only_its_own_files(tmp_path, memory):
    """The inner tar's headers look like headers of the outer one, and are not."""
    inner = write_tar(
        tmp_path / "inner.tar", IMAGES[:2], LABELS[:2], format=tarfile.USTAR_FORMAT
    ).read_bytes()
    files = {"0.bin": inner, "0.png": png(IMAGES[0]), "0.cls": b"1", "1.png": png(IMAGES[1]), "1.cls": b"0\n"}
    part = read_tars([write_files(tmp_path / "a.tar", files)], memory=memory)
    np.testing.assert_array_equal(part.images[:], IMAGES[:2])
    assert part.labels.tolist() == [1, 0]


def test_pieces_end_anywhere(tmp_path, memory, monkeypatch):
    """A tar is looked at in pieces; with 3 blocks a piece, headers and labels are cut off everywhere."""
    path = write_tar(tmp_path / "a.tar", IMAGES, LABELS)
    whole = find_members(path)
    monkeypatch.setattr("inkwise.data.streaming.tar_members._PIECE_BLOCKS", 3)
    pieces = find_members(path)
    for name in ("offsets", "sizes", "kinds", "is_new", "texts"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name))


def test_names_as_labels_are_classes(tmp_path, memory):
    for number, part in enumerate(("train-0", "train-1", "test-0")):
        write_tar(tmp_path / f"{part}.tar", IMAGES[number::3], ["cat", "dog", "cat", "dog"])
    dataset = load_dataset(tmp_path, memory_map_bytes=0)
    assert dataset.classes == ("cat", "dog")
    assert dataset.train.labels.tolist() == [0, 1, 0, 1, 0, 1, 0, 1]
    assert (len(dataset.train), len(dataset.test)) == (8, 4)
    assert dataset.notes["test"] == "as given"


def test_small_set_is_held_in_memory_and_equal(tmp_path):
    write_tar(tmp_path / "train-0.tar", IMAGES, LABELS)
    held, streamed = (load_dataset(tmp_path, memory_map_bytes=limit) for limit in (1 << 30, 0))
    assert isinstance(held.train.images, np.ndarray)
    assert isinstance(streamed.train.images, StreamedImages)
    for part in ("train", "test"):
        np.testing.assert_array_equal(getattr(held, part).images, getattr(streamed, part).images[:])
        np.testing.assert_array_equal(getattr(held, part).labels, getattr(streamed, part).labels)


def test_index_is_kept_and_a_changed_tar_makes_a_new_one(tmp_path):
    path, folder = write_tar(tmp_path / "a.tar", IMAGES, LABELS), tmp_path / "cache"
    first = load_index(path, folder=folder)
    [stored] = folder.iterdir()
    again = load_index(path, folder=folder)
    np.testing.assert_array_equal(first.offsets, again.offsets)
    assert again.texts == first.texts == ("0", "1", "2")
    write_tar(path, IMAGES[:5], LABELS[:5])
    assert len(load_index(path, folder=folder)) == 5
    stored.write_bytes(b"damaged")  # of the old file; one of the new file that is damaged is made anew
    for one in folder.iterdir():
        one.write_bytes(b"damaged")
    assert len(load_index(path, folder=folder)) == 5


def test_parts_by_name(tmp_path):
    for name in ("train-1", "train-0", "val-0", "test-0"):
        (tmp_path / f"{name}.tar").touch()
    found = find_tar_files(tmp_path)
    assert [path.stem for path in found["train"]] == ["train-0", "train-1"]
    assert [path.stem for path in found["test"]] == ["test-0"]


def test_validation_shards_beside_test_ones_are_told_of(tmp_path):
    for name in ("train-0", "val-0", "test-0"):
        write_tar(tmp_path / f"{name}.tar", IMAGES, LABELS)
    dataset = load_dataset(tmp_path)
    assert (len(dataset.train), len(dataset.test)) == (len(IMAGES), len(IMAGES))
    assert dataset.notes["unused"] == "val-0.tar: validation images are cut from the train part instead"


def test_compressed_tar_says_unpack(tmp_path):
    path = write_tar(tmp_path / "train-0.tar", IMAGES, LABELS)
    (tmp_path / "train-0.tar.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=r"train-0\.tar\.gz: a compressed tar, .* unpack it \(gunzip\)"):
        load_dataset(tmp_path)
    path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DataError, match=r"train-0\.tar: cannot be read as a tar .* unpack it \(gunzip\)"):
        load_dataset(path)


@pytest.mark.parametrize("left", [1024 * 3 + 100, 1024 * 4 + 512, 2048 * 6])
def test_tar_cut_short_says_get_it_again(tmp_path, memory, left):
    """Cut in the middle of a file, and right between two."""
    path = write_tar(tmp_path / "train-7.tar", IMAGES, LABELS, format=tarfile.USTAR_FORMAT)
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DataError, match=r"train-7\.tar: cut short after .*, get the shard again"):
        read_tars([path], memory=memory)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"a\.tar: 0 files but no pictures; expected NAME\.png and NAME\.cls"),
        ({"0.txt": b"x"}, r"a\.tar: 1 files but no pictures"),
        (
            {"0.png": b"x", "0.cls": b"0", "1.png": b"y"},
            r"2 pictures but 1 labels, the first without a partner",
        ),
        ({"0.png": b"x", "1.cls": b"0"}, "1 pictures but 1 labels, the first without a partner at byte 512"),
        ({"0.png": b"x", "0.jpg": b"x", "0.cls": b"0"}, "two pictures of one name at byte 1,536"),
        ({"0.png": b"x", "0.cls": b""}, "label 1 is empty or NaN"),
    ],
)
def test_tar_without_pairs_says_expected(tmp_path, memory, files, message):
    path = write_files(tmp_path / "a.tar", files, format=tarfile.USTAR_FORMAT)
    with pytest.raises(DataError, match=message):
        read_tars([path], memory=memory)


def test_one_tar_without_labels_among_others_is_named(tmp_path, memory):
    write_tar(tmp_path / "a.tar", IMAGES, LABELS)
    write_files(tmp_path / "b.tar", {"0.png": png(IMAGES[0])})
    with pytest.raises(DataError, match=r"b\.tar: pictures without labels; expected NAME\.cls beside"):
        read_tars([tmp_path / "a.tar", tmp_path / "b.tar"], memory=memory)


def test_label_that_is_no_class_is_refused_before_training(tmp_path):
    write_tar(tmp_path / "train-0.tar", IMAGES, [*LABELS[:-1], -1])
    with pytest.raises(DataError, match="label out of range: they run from -1 to 2"):
        load_dataset(tmp_path)
    write_tar(tmp_path / "train-0.tar", IMAGES, LABELS)
    write_tar(tmp_path / "test-0.tar", IMAGES, [*LABELS[:-1], 7])
    with pytest.raises(DataError, match="label 7 out of range; expected one of 3 classes"):
        load_dataset(tmp_path)


def test_picture_that_cannot_be_decoded_names_shard_and_place(tmp_path, memory):
    files = {"0.png": png(IMAGES[0])[:60] + b"damaged", "0.cls": b"0"}
    path = write_files(tmp_path / "train-3.tar", files, format=tarfile.USTAR_FORMAT)
    part = read_tars([path], memory=memory)
    with pytest.raises(DataError, match=r"train-3\.tar, image 0 at byte 512: cannot be decoded"):
        part.images[:]


def test_tar_changed_under_way_says_so(tmp_path, memory):
    path = write_tar(tmp_path / "a.tar", IMAGES, LABELS)
    part = read_tars([path], memory=memory)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DataError, match=r"a\.tar: ends .* bytes too early, .* get the shard again"):
        part.images[:]
