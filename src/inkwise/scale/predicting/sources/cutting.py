"""Files cut into blocks: a block is answered, written and, after an interruption, missing as a whole."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import GZIP_MAGIC
from inkwise.data.idx import open_idx
from inkwise.data.parquet.file import open_parquet
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.listing import Found
from inkwise.scale.predicting.sources.places import Place

TO_THE_END = -1
# What an image takes at least in a tar, its header and one block, and about that in a packed table: it bounds
# how many there can be in a file that tells no count.
_BYTES_OF_IMAGE = 1024


class Piece(NamedTuple):
    """Images of one file, one after the other.

    Attributes:
        place, path, kind, size, stamp: of the file, as in Found.
        start: its first image, from 0.
        stop: the image after the last; TO_THE_END where the file tells no count.
    """

    place: int
    path: str
    kind: str
    size: int
    stamp: str
    start: int
    stop: int


class Limits(NamedTuple):
    """How large a block may be; a file that tells no count is never cut, whatever its size.

    Attributes:
        images: at most so many in a block.
        bytes: at most so much of files in a block, where it holds more than one image.
    """

    images: int
    bytes: int


class _Weighed(NamedTuple):
    piece: Piece
    images: int
    bytes: int


def cut(files: Iterable[Found], places: Sequence[Place], limits: Limits) -> Iterator[list[Piece]]:
    """Yield the blocks, each a list of pieces, in the order of files; the same files give the same blocks.

    Parquet files are cut between their row groups, and inside one that is larger than a block; unpacked IDX
    files on the disk anywhere; tars, CSV, NPZ and packed IDX files not at all.
    """
    block: list[Piece] = []
    images = size = 0
    for found in files:
        for piece, more_images, more_bytes in _pieces(found, places[found.place], limits):
            if block and (images + more_images > limits.images or size + more_bytes > limits.bytes):
                yield block
                block, images, size = [], 0, 0
            _add(block, piece)
            images, size = images + more_images, size + more_bytes
    if block:
        yield block


def _add(block: list[Piece], piece: Piece) -> None:
    """Put piece at the end of block, as one with the piece before it where that ends where it begins."""
    last = block[-1] if block else None
    if last is not None and (last.place, last.path, last.stop) == (piece.place, piece.path, piece.start):
        block[-1] = last._replace(stop=piece.stop)
    else:
        block.append(piece)


def _pieces(found: Found, place: Place, limits: Limits) -> Iterator[_Weighed]:
    if found.kind == "image":
        yield _Weighed(Piece(*found, 0, 1), 1, max(found.size, 0))
    elif found.kind == "parquet":
        yield from _parquet_pieces(found, place, limits)
    elif (num_images := _num_idx_images(found, place)) is not None:
        yield from _ranges(found, 0, num_images, limits=limits, bytes_each=IMAGE_SIZE**2)
    else:
        yield _whole(found, limits)


def _whole(found: Found, limits: Limits) -> _Weighed:
    size = found.size if found.size >= 0 else limits.bytes
    return _Weighed(Piece(*found, 0, TO_THE_END), size // _BYTES_OF_IMAGE + 1, size)


def _parquet_pieces(found: Found, place: Place, limits: Limits) -> Iterator[_Weighed]:
    try:
        with place.open(found.path) as file, open_parquet(file, name=place.show(found.path)) as table:
            groups = [table.metadata.row_group(index) for index in range(table.num_row_groups)]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except (DataError, OSError):  # whoever reads it will say what is wrong, in a row of the answers
        yield _whole(found, limits)
        return
    start = 0
    for num_rows, size in sizes or [(0, 0)]:
        yield from _ranges(found, start, start + num_rows, limits=limits, bytes_each=size // max(num_rows, 1))
        start += num_rows


def _ranges(found: Found, start: int, end: int, *, limits: Limits, bytes_each: int) -> Iterator[_Weighed]:
    """Yield images start to end in pieces of at most a block; an empty one for a file without images."""
    if start == end == 0:
        yield _Weighed(Piece(*found, 0, 0), 0, 0)
    most = max(1, min(limits.images, limits.bytes // max(bytes_each, 1)))
    for first in range(start, end, most):
        last = min(first + most, end)
        yield _Weighed(Piece(*found, first, last), last - first, (last - first) * bytes_each)


def _num_idx_images(found: Found, place: Place) -> int | None:
    """Return how many images an unpacked IDX file on the disk has; None for all else."""
    if found.kind != "idx" or not place.is_local:
        return None
    path = place.full(found.path)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path of any bytes
            if file.read(2) == GZIP_MAGIC:
                return None
        with open_idx(os.fspath(path), num_dims=3) as (header, _):
            return header.shape[0]
    except (DataError, OSError):  # said by whoever reads it
        return None
