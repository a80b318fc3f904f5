"""The IDX format of the MNIST files, packed with gzip or not: read, mapped into memory, written.

Layout, all numbers big-endian: two zero bytes, one byte for the element type, one for the number of
dimensions, a uint32 for each dimension, then the elements row by row.
Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".
"""

import gzip
import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.errors import DataError
from inkwise.files import write_atomically

MAX_DIMS = 4
_TYPES: dict[int, np.dtype[Any]] = {0x08: np.dtype(np.uint8), 0x0C: np.dtype(">i4")}
_OTHER_TYPES = {0x09: "signed byte", 0x0B: "int16", 0x0D: "float32", 0x0E: "float64"}
_CHUNK_BYTES = 1 << 20
_MOST_PACKED = 1032  # deflate cannot shrink by more than this factor (zlib's technical notes)


@dataclass(frozen=True)
class IdxHeader:
    """What the first bytes of an IDX file declare.

    Attributes:
        dtype: uint8, or int32 in big-endian order.
        shape: one number a dimension.
        is_packed: whether the file is compressed with gzip.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    is_packed: bool

    @property
    def offset(self) -> int:
        """Bytes before the first element."""
        return 4 + 4 * len(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes that all elements take."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=object))


def read_idx(source: str | os.PathLike[str] | bytes, *, num_dims: int | None = None) -> NDArray[Any]:
    """Return the array in an IDX file, uint8 or int32 in this machine's byte order.

    Whether it is packed with gzip is seen from its content, not from its name.

    Args:
        source: a path, or the file's bytes.
        num_dims: the number of dimensions expected: 3 for images, 1 for labels; None takes any.
    Raises:
        DataError: the file is missing, empty, damaged, cut short, too long, or no IDX file of this kind.
    """
    with open_idx(source, num_dims=num_dims) as (header, file):
        array = np.empty(header.shape, header.dtype)
        read_elements(file, array, name=_name(source))
        check_end(file, header, name=_name(source))
    return array.astype(header.dtype.newbyteorder("="), copy=False)


@contextmanager
def open_idx(
    source: str | os.PathLike[str] | bytes, *, num_dims: int | None = None
) -> Iterator[tuple[IdxHeader, IO[bytes]]]:
    """Give the header of an IDX file and a stream that stands at its first element.

    Args and Raises: as read_idx; damage met while reading inside the `with` is raised as DataError too.
    """
    name = _name(source)
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as raw:
            size = raw.seek(0, os.SEEK_END)
            raw.seek(0)
            is_packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            with _unpacked(raw, is_packed=is_packed) as file:
                header = _read_header(file, name=name, is_packed=is_packed, num_dims=num_dims)
                _check_size(header, size, name=name)
                yield header, file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{name}: the gzip data is damaged or cut short ({error}); "
            "expected a whole .gz file, get it again"
        ) from error
    except OSError as error:
        raise DataError(
            f"{name}: cannot be read ({error.strerror or error}); "
            "expected a readable IDX file, check the path"
        ) from error


def map_idx(path: str | os.PathLike[str], *, num_dims: int | None = None) -> "np.memmap[Any, Any]":
    """Return an unpacked IDX file as a read-only memory map; nothing is read before it is used.

    Raises:
        DataError: as read_idx, or the file is packed.
    """
    with open_idx(path, num_dims=num_dims) as (header, _):
        if header.is_packed:
            raise DataError(f"{_name(path)}: packed with gzip, expected an unpacked file to map; gunzip it")
        return np.memmap(path, dtype=header.dtype, mode="r", offset=header.offset, shape=header.shape)


def read_elements(file: IO[bytes], array: NDArray[Any], *, name: str) -> None:
    """Fill array from the stream that open_idx gave, going on where the last call stopped.

    Raises:
        DataError: the stream ends too early.
    """
    view = memoryview(array.data).cast("B") if array.size else memoryview(b"")
    got = 0
    while got < len(view):
        count = file.readinto(view[got : got + _CHUNK_BYTES])  # type: ignore[attr-defined]
        if not count:
            raise DataError(
                f"{name}: ends {len(view) - got} bytes too early for the count in its header; "
                "expected a whole file, get it again"
            )
        got += count


def check_end(file: IO[bytes], header: IdxHeader, *, name: str) -> None:
    """Read past the last element: gzip compares its checksum there, and nothing may follow.

    Raises:
        DataError: bytes follow.
    """
    if file.read(1):
        raise DataError(
            f"{name}: bytes follow the {header.size_bytes} that the header's shape {header.shape} declares; "
            "expected none, get the file again"
        )


def write_idx(path: str | os.PathLike[str], array: NDArray[Any], *, is_packed: bool | None = None) -> None:
    """Write array ((...) uint8 or int32, 1 to 4 dimensions) as an IDX file, atomically.

    Args:
        is_packed: compress with gzip (time stamp 0, so equal arrays give equal files); None goes by the
            name: packed when it ends in .gz.
    Raises:
        DataError: another type or number of dimensions.
        OutputError: the file cannot be written.
    """
    raw = idx_bytes(array)
    packed = Path(path).suffix == ".gz" if is_packed is None else is_packed
    write_atomically(path, gzip.compress(raw, mtime=0) if packed else raw)


def idx_bytes(array: NDArray[Any]) -> bytes:
    """Return array ((...) uint8 or int32, 1 to 4 dimensions) as the bytes of an unpacked IDX file.

    >>> idx_bytes(np.array([5, 0], np.uint8)).hex(" ")
    '00 00 08 01 00 00 00 02 05 00'
    """
    codes = {np.dtype(np.uint8): 0x08, np.dtype(np.int32): 0x0C}
    if array.dtype not in codes or not 1 <= array.ndim <= MAX_DIMS:
        raise DataError(
            f"cannot write {array.dtype} of shape {array.shape} as IDX; "
            f"expected uint8 or int32 with 1 to {MAX_DIMS} dimensions, convert it first"
        )
    code = codes[array.dtype]
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(_TYPES[code], copy=False).tobytes()


def _unpacked(raw: IO[bytes], *, is_packed: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed else raw


def _read_header(file: IO[bytes], *, name: str, is_packed: bool, num_dims: int | None) -> IdxHeader:
    magic = file.read(4)
    if not magic:
        raise DataError(f"{name}: the file is empty; expected an IDX file, get it again")
    dtype = _element_type(magic, name=name)
    dims = magic[3]
    if not 1 <= dims <= MAX_DIMS or (num_dims is not None and dims != num_dims):
        expected = f"{num_dims}" if num_dims is not None else f"1 to {MAX_DIMS}"
        raise DataError(
            f"{name}: magic number 0x{magic.hex()} declares {dims} dimensions, expected {expected} "
            "(images have 3, labels 1); check that images and labels are not swapped"
        )
    sizes = file.read(4 * dims)
    if len(sizes) < 4 * dims:
        raise DataError(f"{name}: ends inside its header; expected {4 + 4 * dims} bytes, get the file again")
    return IdxHeader(dtype, struct.unpack(f">{dims}I", sizes), is_packed)


def _element_type(magic: bytes, *, name: str) -> np.dtype[Any]:
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES | _OTHER_TYPES:
        raise DataError(
            f"{name}: wrong magic number 0x{magic.hex()}, expected 0x00000803 (images) or 0x00000801 "
            "(labels); this is no IDX file, check the path"
        )
    if magic[2] in _OTHER_TYPES:
        raise DataError(
            f"{name}: element type 0x{magic[2]:02x} ({_OTHER_TYPES[magic[2]]}), "
            "expected 0x08 (unsigned byte) or 0x0c (int32); convert the file"
        )
    return _TYPES[magic[2]]


def _check_size(header: IdxHeader, size: int, *, name: str) -> None:
    """Refuse a header that the file's size belies, before any memory is taken."""
    expected = header.offset + header.size_bytes
    impossible = expected > size * _MOST_PACKED if header.is_packed else expected != size
    if impossible:
        what = "at most " + str(size * _MOST_PACKED) if header.is_packed else str(size)
        raise DataError(
            f"{name}: the header declares shape {header.shape}, that is {expected} bytes, "
            f"but the file has {what}; it is cut short or damaged, get it again"
        )


def _name(source: str | os.PathLike[str] | bytes) -> str:
    return "IDX bytes" if isinstance(source, bytes) else printable(source)
