"""What lies in a tar, without reading the pictures: headers are found and understood thousands at once.

Python's tarfile takes 40 microseconds a member, which for 10 million images with their labels is a quarter
of an hour. Here a tar is read in pieces of 512-byte blocks; those that look like headers are checked to
follow one another exactly as their sizes say. Whatever is unusual in a tar (long names, numbers of another
kind) is left to tarfile.

Source of the layout: POSIX.1-2017, pax, "ustar Interchange Format".
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.paths import IMAGE_SUFFIXES, printable
from inkwise.data.streaming.shards import unreadable
from inkwise.errors import DataError

_BLOCK = 512
_PIECE_BLOCKS = 1 << 15  # 16 MiB are looked at in one go
_LABEL_BYTES = 32  # a longer label is left to tarfile
IMAGE, LABEL = 1, 2
_OCTAL = 8 ** np.arange(10, -1, -1, dtype=np.int64)
_REGULAR, _EXTENDED, _IGNORED = b"0\0", b"xg", b"123456"
_CODES = {
    int.from_bytes(suffix[1:].encode().ljust(4, b"\0"), "little"): IMAGE
    for suffix in IMAGE_SUFFIXES
    if len(suffix) <= 5
} | {int.from_bytes(b"cls\0", "little"): LABEL}


class _UnusualError(Exception):
    """Nothing is wrong, but it takes tarfile to read this tar."""


@dataclass(frozen=True)
class Members:
    """The files in a tar, in their order, M of them.

    Attributes:
        offsets: (M,) int64, where the bytes of each begin.
        sizes: (M,) int64, in bytes.
        kinds: (M,) uint8: IMAGE, LABEL, or 0 for anything else.
        is_new: (M,) bool: whether the name up to its first dot differs from that of the file before.
        texts: what the labels say, one for each file of kind LABEL.
    """

    offsets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    is_new: NDArray[np.bool_]
    texts: NDArray[np.str_]


def find_members(path: Path) -> Members:
    """Return what lies in an uncompressed tar.

    Raises:
        DataError: it cannot be read, is cut short, or is no uncompressed tar.
    """
    try:
        with io.FileIO(path) as file:
            try:
                parts = list(_scan(file, path))
            except _UnusualError:
                return _ask_tarfile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    columns = ("offsets", "sizes", "kinds", "is_new", "texts")
    empty = Members(*(np.empty(0, kind) for kind in (np.int64, np.int64, np.uint8, np.bool_, "U1")))
    return Members(*(np.concatenate([getattr(part, name) for part in (empty, *parts)]) for name in columns))


def _scan(file: io.FileIO, path: Path) -> Iterator[Members]:
    size = file.seek(0, 2)
    place, stem = 0, np.empty(0, np.uint8)
    buffer = np.empty((_PIECE_BLOCKS, _BLOCK), np.uint8)
    while True:
        file.seek(place)
        count = file.readinto(buffer.data.cast("B")) or 0
        blocks = buffer[: count // _BLOCK]
        if not len(blocks):
            raise _cut_short(path, size, "it has no end mark")
        if not blocks[0].any():
            return
        headers, following = _headers(blocks)
        if place + int(following[-1]) * _BLOCK > size:
            raise _cut_short(path, size, "its last file is not whole")
        # The bytes of a label must be in this piece too; the last file may reach past it.
        is_whole = following <= len(blocks)
        if is_whole.sum() == 0:
            is_whole[0] = True
        headers, following = headers[is_whole], following[is_whole]
        members, stem = _understand(blocks, headers, stem=stem, place=place)
        yield members
        place += int(following[-1]) * _BLOCK


def _headers(blocks: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the blocks that are headers, and of the block after the bytes of each."""
    looks_so = (blocks[:, 257:262] == np.frombuffer(b"ustar", np.uint8)).all(axis=1)
    headers = np.flatnonzero(looks_so)
    if not len(headers) or headers[0] != 0:
        raise _UnusualError
    digits = blocks[headers, 124:135].astype(np.int64) - ord("0")
    sizes = (digits * _OCTAL).sum(axis=1)
    is_plain = np.asarray(((digits >= 0) & (digits <= 7)).all(axis=1))
    following = headers + 1 - (-sizes // _BLOCK)
    if is_plain.all() and np.array_equal(following[:-1], headers[1:]):
        return headers, following
    return _follow(headers, following, is_plain, end=len(blocks))


def _follow(
    headers: NDArray[np.int64], following: NDArray[np.int64], is_plain: NDArray[np.bool_], *, end: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Go from header to header, past bytes of files that look like headers themselves."""
    number_at = {int(block): number for number, block in enumerate(headers)}
    chosen, block = [], 0
    while (number := number_at.get(block)) is not None:
        if not is_plain[number]:
            raise _UnusualError
        chosen.append(number)
        block = int(following[number])
    if block < end and any(headers > block):
        raise _UnusualError
    return headers[chosen], following[chosen]


def _understand(
    blocks: NDArray[np.uint8], headers: NDArray[np.int64], *, stem: NDArray[np.uint8], place: int
) -> tuple[Members, NDArray[np.uint8]]:
    """Return what the headers say of regular files, and the stem of the last name."""
    types = blocks[headers, 156]
    if not np.isin(types, list(_REGULAR + _EXTENDED + _IGNORED)).all() or blocks[headers, 345].any():
        raise _UnusualError
    digits = blocks[headers, 124:135].astype(np.int64) - ord("0")
    sizes = (digits * _OCTAL).sum(axis=1)
    is_extended = np.isin(types, list(_EXTENDED))
    longest = int(sizes[is_extended].max(initial=0))  # records of times, mostly: "30 mtime=1763740800.25"
    records = blocks[np.minimum(headers[is_extended] + 1, len(blocks) - 1), :longest].tobytes()
    if b" path=" in records or b" size=" in records or longest > _BLOCK:
        raise _UnusualError
    is_regular = np.isin(types, list(_REGULAR))
    headers, sizes = headers[is_regular], sizes[is_regular]
    stems, kinds, stem_now = _names(blocks[headers, :100])
    is_new = np.ones(len(headers), np.bool_)
    if len(headers):
        is_new[1:] = (stems[1:] != stems[:-1]).any(axis=1)
        is_new[0] = not np.array_equal(stems[0][: stem_now[0]], stem)
        stem = stems[-1][: stem_now[-1]].copy()
    texts = _texts(blocks, headers[kinds == LABEL], sizes[kinds == LABEL])
    return Members(place + (headers + 1) * _BLOCK, sizes, kinds, is_new, texts), stem


def _names(names: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
    """Return each name up to its first dot (zeros behind), what kind of file it is, and the stem's length."""
    width = max(int((names != 0).any(axis=0).sum()), 1)
    names = np.concatenate([names[:, :width], np.zeros((len(names), 6), np.uint8)], axis=1)
    places = np.arange(names.shape[1])
    # The first dot behind the last slash.
    folder = np.where(names == ord("/"), places, -1).max(axis=1, initial=-1)
    is_dot = (names == ord(".")) & (places > folder[:, None])
    dots = np.where(is_dot.any(axis=1), is_dot.argmax(axis=1), (names != 0).sum(axis=1))
    stems = np.where(places < dots[:, None], names, 0)
    suffix = np.take_along_axis(names, np.minimum(dots[:, None] + np.arange(1, 6), width + 5), axis=1)
    suffix = np.where((suffix >= ord("A")) & (suffix <= ord("Z")), suffix + 32, suffix).astype(np.uint8)
    codes = np.ascontiguousarray(suffix[:, :4]).view("<u4")[:, 0]
    kinds = np.zeros(len(names), np.uint8)
    for code, kind in _CODES.items():
        kinds[(codes == code) & (suffix[:, 4] == 0)] = kind
    kinds[dots == folder + 1] = 0  # a hidden file
    return stems, kinds, dots


def _texts(
    blocks: NDArray[np.uint8], headers: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.str_]:
    if (sizes > _LABEL_BYTES).any():
        raise _UnusualError
    if not len(headers):
        return np.empty(0, "U1")
    content = np.where(np.arange(_LABEL_BYTES) < sizes[:, None], blocks[headers + 1, :_LABEL_BYTES], 0)
    distinct, back = np.unique(
        np.ascontiguousarray(content.astype(np.uint8)).view(f"S{_LABEL_BYTES}")[:, 0], return_inverse=True
    )
    return np.array([_text(raw) for raw in distinct.tolist()])[back]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace").strip()


def _ask_tarfile(path: Path) -> Members:
    """Return the same by way of Python's tarfile."""
    rows: list[tuple[int, int, int, bool]] = []
    texts, before = [], None
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if not member.isreg():
                    continue
                name = PurePosixPath(member.name)
                stem, _, suffix = name.name.partition(".")
                key, kind = str(name.parent / stem), _kind(stem, suffix.lower())
                rows.append((member.offset_data, member.size, kind, key != before))
                before = key
                if kind == LABEL and (content := tar.extractfile(member)):
                    texts.append(_text(content.read(1024)))
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise DataError(
            f"{printable(path)}: cannot be read as a tar ({error}); "
            "expected a whole, uncompressed one: get it again, or unpack it (gunzip)"
        ) from error
    if rows and rows[-1][0] + rows[-1][1] > path.stat().st_size:
        raise _cut_short(path, path.stat().st_size, "its last file is not whole")
    table = np.array(rows, np.int64).reshape(-1, 4)
    kinds, is_new = table[:, 2].astype(np.uint8), table[:, 3].astype(np.bool_)
    return Members(table[:, 0], table[:, 1], kinds, is_new, np.array(texts, np.str_))


def _kind(stem: str, suffix: str) -> int:
    if not stem:
        return 0
    return LABEL if suffix == "cls" else IMAGE if f".{suffix}" in IMAGE_SUFFIXES else 0


def _cut_short(path: Path, size: int, why: str) -> DataError:
    return DataError(
        f"{printable(path)}: cut short after {size:,} bytes ({why}); "
        "expected a whole tar, get the shard again"
    )
