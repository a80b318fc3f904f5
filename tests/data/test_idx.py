"""The IDX reader against golden bytes, its own writer, and every kind of damage."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inkwise.data.idx import IdxHeader, idx_bytes, map_idx, open_idx, read_elements, read_idx, write_idx
from inkwise.errors import DataError

GOLDEN = bytes.fromhex("00000803 00000002 00000001 00000003 000102 fdfeff")
GOLDEN_INT32 = bytes.fromhex("00000c01 00000002 00000007 fffffffe")


def test_read_golden_images() -> None:
    images = read_idx(GOLDEN, num_dims=3)
    assert images.dtype == np.uint8
    assert images.tolist() == [[[0, 1, 2]], [[253, 254, 255]]]


def test_read_golden_int32_is_native_order() -> None:
    labels = read_idx(GOLDEN_INT32)
    assert labels.dtype == np.dtype(np.int32)
    assert labels.dtype.isnative
    assert labels.tolist() == [7, -2]


def test_write_gives_golden_bytes() -> None:
    assert idx_bytes(np.array([[[0, 1, 2]], [[253, 254, 255]]], np.uint8)) == GOLDEN
    assert idx_bytes(np.array([7, -2], np.int32)) == GOLDEN_INT32


@given(
    st.sampled_from([np.uint8, np.int32]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))
    ),
    st.booleans(),
)
def test_round_trip_gives_equal_array(array: np.ndarray, packed: bool) -> None:
    raw = idx_bytes(array)
    back = read_idx(gzip.compress(raw, mtime=0) if packed else raw, num_dims=array.ndim)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)


def test_write_packed_twice_gives_equal_files(tmp_path: Path) -> None:
    array = np.arange(6, dtype=np.uint8)
    write_idx(tmp_path / "a.gz", array)
    write_idx(tmp_path / "b.gz", array)
    raw = (tmp_path / "a.gz").read_bytes()
    assert raw == (tmp_path / "b.gz").read_bytes()
    assert raw[4:8] == b"\0\0\0\0"  # the gzip header's time stamp


def test_packing_seen_from_content_not_name(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(GOLDEN)
    (tmp_path / "b").write_bytes(gzip.compress(GOLDEN, mtime=0))
    np.testing.assert_array_equal(read_idx(tmp_path / "a.gz"), read_idx(tmp_path / "b"))


def test_map_reads_same_values(tmp_path: Path) -> None:
    write_idx(tmp_path / "a", read_idx(GOLDEN))
    mapped = map_idx(tmp_path / "a", num_dims=3)
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    np.testing.assert_array_equal(mapped, read_idx(GOLDEN))


def test_map_packed_says_unpack(tmp_path: Path) -> None:
    write_idx(tmp_path / "a.gz", read_idx(GOLDEN))
    with pytest.raises(DataError, match=r"a\.gz: packed with gzip, expected an unpacked file"):
        map_idx(tmp_path / "a.gz")


def test_stream_reads_in_pieces() -> None:
    piece = np.empty((1, 1, 3), np.uint8)
    with open_idx(gzip.compress(GOLDEN, mtime=0)) as (header, file):
        assert header == IdxHeader(np.dtype(np.uint8), (2, 1, 3), True)
        read_elements(file, piece, name="golden")
        read_elements(file, piece, name="golden")
    assert piece.tolist() == [[[253, 254, 255]]]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"IDX bytes: the file is empty; expected an IDX file"),
        (b"\0\0\x08", r"wrong magic number 0x000008, expected 0x00000803"),
        (b"\x89PNG\r\n\x1a\n", r"wrong magic number 0x89504e47, expected 0x00000803 \(images\)"),
        (b"\0\0\x0d\x01\0\0\0\0", r"element type 0x0d \(float32\), expected 0x08"),
        (b"\0\0\x08\x00", r"declares 0 dimensions, expected 1 to 4"),
        (GOLDEN[:9], r"ends inside its header; expected 16 bytes"),
        (GOLDEN[:-1], r"shape \(2, 1, 3\), that is 22 bytes, but the file has 21; it is cut short"),
        (GOLDEN + b"\0", r"that is 22 bytes, but the file has 23"),
        (gzip.compress(GOLDEN, mtime=0)[:-1], r"the gzip data is damaged or cut short .* get it again"),
        (
            gzip.compress(GOLDEN, mtime=0)[:-8] + b"\0" * 8,
            r"the gzip data is damaged or cut short \(CRC check failed",
        ),
        (gzip.compress(GOLDEN, mtime=0)[:10] + b"\xff" * 20, r"the gzip data is damaged or cut short"),
        (gzip.compress(GOLDEN[:-2], mtime=0), r"ends 2 bytes too early for the count in its header"),
        (
            gzip.compress(GOLDEN + b"x", mtime=0),
            r"bytes follow the 6 that the header's shape \(2, 1, 3\) declares",
        ),
        (gzip.compress(GOLDEN, mtime=0) + b"junk", r"the gzip data is damaged"),
        (
            gzip.compress(struct.pack(">BBBB4I", 0, 0, 8, 4, *[2**32 - 1] * 4), mtime=0),
            r"declares shape .* but the file has at most",
        ),
    ],
)
def test_read_damaged_says_what_is_wrong(raw: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_idx(raw)


def test_read_labels_as_images_names_dimensions() -> None:
    with pytest.raises(DataError, match=r"0x00000803 declares 3 dimensions, expected 1 .* swapped"):
        read_idx(GOLDEN, num_dims=1)


def test_read_missing_names_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent: cannot be read \(No such file or directory\)"):
        read_idx(tmp_path / "absent")


def test_write_floats_says_convert() -> None:
    with pytest.raises(
        DataError, match=r"cannot write float64 of shape \(2,\) as IDX; expected uint8 or int32"
    ):
        idx_bytes(np.zeros(2))


def test_read_mnist_gives_published_bytes(mnist_folder: Path) -> None:
    """D2: the test images are 10,000 of 28x28; the hash is that of the original unpacked file."""
    images = read_idx(mnist_folder / "t10k-images-idx3-ubyte.gz", num_dims=3)
    assert images.shape == (10_000, 28, 28)
    digest = hashlib.sha256(idx_bytes(images)).hexdigest()
    assert digest == "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
