"""Where files are looked for, and how damage is seen."""

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.data.tiny_sets import tiny_set

from inkwise.data.catalogue import CATALOGUE, CatalogueFile
from inkwise.data.idx import idx_bytes
from inkwise.data.originals.stored import (
    StoredFile,
    cache_folder,
    find_file,
    idx_shape,
    places,
    read_verified,
    unpack,
    verify_bytes,
)
from inkwise.errors import DataError

LABELS = idx_bytes(np.array([1, 2, 3], np.uint8))
PACKED = gzip.compress(LABELS, mtime=0)
FILE = CatalogueFile(
    role="train_labels",
    name="labels-idx1-ubyte",
    shape=(3,),
    size_bytes=len(PACKED),
    sha256=hashlib.sha256(PACKED).hexdigest(),
    unpacked_sha256=hashlib.sha256(LABELS).hexdigest(),
)


def test_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "data"


def test_cache_folder_is_the_users_own_by_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INKWISE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().is_relative_to(tmp_path)
    assert cache_folder().parts[-2:] == ("inkwise", "data")


def test_places_without_inkwise_data_are_the_cache_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWISE_DATA", "")
    assert [place for place, _ in places("mnist")] == ["cache"]


def test_file_in_inkwise_data_goes_before_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry, files = tiny_set()
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "own"))
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    name = entry.files[0].packed_name
    for folder in (tmp_path / "own/tiny", tmp_path / "cache/data/tiny"):
        folder.mkdir(parents=True)
        (folder / name).write_bytes(files[name])
    assert find_file(entry, entry.files[0]) == StoredFile(tmp_path / "own/tiny" / name, "INKWISE_DATA")
    (tmp_path / "own/tiny" / name).unlink()
    assert find_file(entry, entry.files[0]) == StoredFile(tmp_path / "cache/data/tiny" / name, "cache")


@pytest.mark.parametrize("raw", [LABELS, PACKED, gzip.compress(LABELS, 1, mtime=77)])
def test_right_content_is_whole_however_it_is_packed(raw: bytes) -> None:
    verified = verify_bytes(raw, FILE, name="x", cure="")
    assert (verified.content, verified.proof) == (LABELS, "sha256")


def test_published_packing_is_whole_without_a_sum_of_its_content() -> None:
    assert verify_bytes(PACKED, replace(FILE, unpacked_sha256=None), name="x", cure="").proof == "sha256"


def test_other_packing_without_a_sum_shows_its_structure_alone() -> None:
    other = gzip.compress(LABELS, 1, mtime=77)
    assert verify_bytes(other, replace(FILE, unpacked_sha256=None), name="x", cure="").proof == "structure"


def test_md5_is_compared_where_there_is_no_better_sum() -> None:
    md5 = hashlib.md5(LABELS, usedforsecurity=False).hexdigest()
    file = replace(FILE, sha256=None, unpacked_sha256=None, unpacked_md5=md5)
    assert verify_bytes(LABELS, file, name="x", cure="").proof == "md5"
    changed = LABELS[:-1] + b"\x09"
    with pytest.raises(DataError, match=r"x: md5 begins [0-9a-f]{4}, expected " + md5[:4]):
        verify_bytes(changed, file, name="x", cure="get it")


def test_damaged_content_names_file_sums_and_cure(tmp_path: Path) -> None:
    path = tmp_path / "labels-idx1-ubyte.gz"
    changed = LABELS[:-1] + b"\x09"
    path.write_bytes(gzip.compress(changed))
    found, expected = hashlib.sha256(changed).hexdigest()[:4], FILE.unpacked_sha256
    assert expected
    with pytest.raises(
        DataError,
        match=rf"labels-idx1-ubyte.gz: sha256 begins {found}, expected {expected[:4]}; "
        "delete it and run: inkwise data fetch tiny",
    ):
        read_verified(StoredFile(path, "cache"), FILE, dataset="tiny")


@pytest.mark.parametrize("length", [3, 20, len(PACKED) - 1])
def test_file_cut_short_names_the_cure(tmp_path: Path, length: int) -> None:
    path = tmp_path / "labels-idx1-ubyte.gz"
    path.write_bytes(PACKED[:length])
    with pytest.raises(
        DataError, match="cut short, expected a whole file; delete it and run: inkwise data fetch"
    ):
        read_verified(StoredFile(path, "cache"), FILE, dataset="tiny")


def test_flipped_bit_in_the_packed_data_is_seen() -> None:
    broken = bytearray(PACKED)
    broken[-6] ^= 1  # the checksum of gzip
    with pytest.raises(DataError, match="x: the gzip data is damaged"):
        verify_bytes(bytes(broken), FILE, name="x", cure="")


def test_small_file_that_unpacks_to_much_is_refused() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    with pytest.raises(DataError, match="unpacks to more than the 11 bytes expected"):
        unpack(bomb, limit=11, name="x", cure="")


def test_other_shape_is_refused_where_no_sum_is_known() -> None:
    file = replace(FILE, sha256=None, unpacked_sha256=None)
    with pytest.raises(DataError, match=r"x: an IDX file of shape \(2,\), expected shape \(3,\); get it"):
        verify_bytes(idx_bytes(np.array([1, 2], np.uint8)), file, name="x", cure="get it")
    with pytest.raises(DataError, match="x: no whole IDX file"):
        verify_bytes(b"hello", file, name="x", cure="get it")


@pytest.mark.skipif("os.geteuid() == 0", reason="root may read everything")
def test_unreadable_file_names_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "labels-idx1-ubyte.gz"
    path.write_bytes(PACKED)
    path.chmod(0)
    with pytest.raises(DataError, match=r"cannot be read .*check its permissions"):
        read_verified(StoredFile(path, "cache"), FILE, dataset="tiny")


def test_folder_in_place_of_a_file_is_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry, _ = tiny_set()
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path))
    (tmp_path / "tiny" / entry.files[0].packed_name).mkdir(parents=True)
    assert find_file(entry, entry.files[0]) is None


def test_idx_shape_knows_the_int_form() -> None:
    assert idx_shape(idx_bytes(np.zeros((5, 8), np.int32))) == (5, 8)
    assert idx_shape(idx_bytes(np.zeros((5, 8), np.int32))[:-1]) is None
    assert idx_shape(b"\0\0\x08") is None
    assert idx_shape(b"\0\0\x08\x03\0\0") is None


def test_unpacked_size_follows_from_the_shape() -> None:
    sizes = {file.role: file.unpacked_bytes for file in CATALOGUE["mnist"].files}
    assert sizes["train_images"] == 16 + 60_000 * 784
    labels = next(file for file in CATALOGUE["qmnist"].files if file.role == "test_labels")
    assert labels.unpacked_bytes == 12 + 60_000 * 8 * 4  # eight int32 an image
