"""The pictures in a tar, WebDataset's shards among them, read once from front to back.

Python's tarfile takes 40 microseconds a member, four times as long as decoding a digit takes. So plain
headers are understood here, and a tar with any other kind is left to tarfile.

Source of the layout: POSIX.1-2017, pax, "ustar Interchange Format".
"""

import gzip
import tarfile
import zlib
from collections.abc import Collection, Iterator
from itertools import islice
from typing import IO, cast

from inkwise.data.formats.paths import GZIP_MAGIC
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.listing import kind_by_name

_SIZE = 512  # bytes of a header, and what contents are filled up to
_END = bytes(_SIZE)
_CHECKSUM = slice(148, 156)
_REGULAR, _RECORDS, _EMPTY = b"0\0", b"xg", b"123456"
_RENAMED = (b" path=", b" size=", b" GNU.sparse")  # records that a plain header does not have


class _UnusualError(Exception):
    """Nothing is wrong, but it takes tarfile to read this tar."""


def read_tar(file: IO[bytes], *, name: str, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every picture in a tar, packed with gzip or not, in its order.

    A picture is known by its suffix; hidden and other members, labels among them, are passed over.

    Args:
        file: stands at its beginning.
        name: what messages call it.
        suffixes: such as .png.
    Raises:
        DataError: a header is damaged, or the tar ends without the zeros that end every tar: it was cut
            short, perhaps between two pictures, which tarfile would take for a whole one.
        OSError, EOFError, zlib.error, tarfile.TarError: damaged otherwise.
    """
    done = 0
    try:
        for member, content in _plain_members(_unpacked(file), name=name):
            if kind_by_name(member, suffixes) == "image":
                yield member, content
                done += 1
    except _UnusualError:
        file.seek(0)
        yield from islice(_by_tarfile(_unpacked(file), name=name, suffixes=suffixes), done, None)


def _unpacked(file: IO[bytes]) -> IO[bytes]:
    is_packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_packed else file


def _plain_members(file: IO[bytes], *, name: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every regular file in a tar of plain headers."""
    while (header := _read(file, _SIZE, name=name)) != _END:
        size = _check_header(header, name=name)
        kind = header[156:157]
        content = _read(file, -(-size // _SIZE) * _SIZE, name=name)[:size] if kind not in _EMPTY else b""
        if kind in _REGULAR:
            yield _member_name(header), content
        elif kind in _RECORDS and not any(record in b" " + content for record in _RENAMED):
            continue  # of times, mostly, which WebDataset's own writer gives as fractions of a second
        elif kind not in _EMPTY:
            raise _UnusualError


def _check_header(header: bytes, *, name: str) -> int:
    """Return the size that a header declares."""
    try:
        declared = int(header[_CHECKSUM].strip(b"\0 "), 8)
    except ValueError:
        declared = -1
    # The sum of all bytes, those of the sum itself counted as spaces; adler32 has it in its lower half.
    found = _sum(header) - _sum(header[_CHECKSUM]) + 8 * ord(" ")
    if (found - declared) % 65521:
        raise DataError(f"{name}: a header in this tar is damaged; expected a whole tar, get it again")
    try:
        return int(header[124:136].strip(b"\0 ") or b"0", 8)
    except ValueError:
        raise _UnusualError from None  # past 8 GB sizes are written in base 256


def _sum(values: bytes) -> int:
    return (zlib.adler32(values) & 0xFFFF) - 1


def _member_name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "backslashreplace")


def _read(file: IO[bytes], size: int, *, name: str) -> bytes:
    found = file.read(size)
    if len(found) < size:
        raise DataError(f"{name}: ends without the zeros that end a tar; it was cut short, get it again")
    return found


class _Watched:
    """A stream that remembers the last 512 bytes that were read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to size bytes."""
        found = self.file.read(size)
        self.last = (self.last + found)[-_SIZE:]
        return found


def _by_tarfile(file: IO[bytes], *, name: str, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    watched = _Watched(file)
    with tarfile.open(fileobj=cast("IO[bytes]", watched), mode="r|") as tar:
        for member in tar:
            if member.isreg() and kind_by_name(member.name, suffixes) == "image":
                content = tar.extractfile(member)
                assert content is not None  # for it is a regular file
                yield member.name, content.read()
            tar.members.clear()  # type: ignore[attr-defined]  # tarfile would keep the header of each
    if watched.last != _END:
        raise DataError(f"{name}: ends without the zeros that end a tar; it was cut short, get it again")
