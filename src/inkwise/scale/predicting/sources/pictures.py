"""The images of a block's pieces, still undecoded where they are pictures; damage is a row, not an end."""

import os
import tarfile
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.picture import fit_images
from inkwise.data.idx import map_idx
from inkwise.data.images import read_table
from inkwise.data.parquet.file import image_column, open_parquet
from inkwise.data.parquet.rows import picture_in_row
from inkwise.errors import DataError, InkwiseError
from inkwise.scale.predicting.sources.cutting import TO_THE_END, Piece
from inkwise.scale.predicting.sources.places import Place
from inkwise.scale.predicting.sources.tars import read_tar

_FETCHED = 64  # pictures asked of a store at once
_ROWS = 512
_TABLES = ("idx", "csv", "npz")


@dataclass(frozen=True, slots=True)
class Raw:
    """One image as a piece gives it.

    Attributes:
        path: of its file, for people and answers.
        index: which image of the file, from 0.
        member: what a tar calls it; None elsewhere.
        content: a picture's bytes, its path on the disk, or pixels (28, 28) uint8; None where there are none.
        error: why there are none.
    """

    path: str
    index: int
    member: str | None = None
    content: bytes | Path | NDArray[np.uint8] | None = None
    error: str | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.path if self.member is None else f"{self.path}, {self.member}"


class Unreachable(Exception):  # noqa: N818 - it is no fault of what was given
    """A store does not answer now; to write that down as damage would lose images."""


def read_pictures(
    pieces: Sequence[Piece], places: Sequence[Place], *, suffixes: Collection[str]
) -> Iterator[Raw]:
    """Yield every image of pieces, in their order.

    Args:
        pieces: of a block.
        places: that their numbers mean.
        suffixes: by which a picture in a tar is known.
    Raises:
        Unreachable: a store does not answer.
    """
    for (number, is_picture), group in groupby(
        pieces, key=lambda piece: (piece.place, piece.kind == "image")
    ):
        place = places[number]
        if is_picture:
            yield from _pictures(group, place)
        else:
            for piece in group:
                yield from _all_of(piece, place, suffixes=suffixes)


def _pictures(pieces: Iterable[Piece], place: Place) -> Iterator[Raw]:
    if place.is_local:
        yield from (_local_picture(piece, place) for piece in pieces)
        return
    coming = iter(pieces)
    while some := list(islice(coming, _FETCHED)):
        try:
            found = place.files.cat([piece.path for piece in some], on_error="return")
        except OSError as error:
            raise Unreachable(f"{place.show(some[0].path)}: {error}") from error
        found = found if isinstance(found, dict) else {some[0].path: found}
        yield from (_far_picture(piece, place, found=found[piece.path]) for piece in some)


def _local_picture(piece: Piece, place: Place) -> Raw:
    path = place.full(piece.path)
    try:
        size = os.stat(path).st_size  # noqa: PTH116
    except OSError:
        size = -1  # decoding it will say why
    return _checked(Raw(place.show(piece.path), 0, content=Path(path)), piece, size=size)


def _far_picture(piece: Piece, place: Place, *, found: Any) -> Raw:
    shown = place.show(piece.path)
    if isinstance(found, FileNotFoundError):
        return Raw(shown, 0, error=f"{shown}: is gone since the work was begun; put it back, or begin anew")
    if isinstance(found, Exception):
        raise Unreachable(f"{shown}: {found}") from found
    return _checked(Raw(shown, 0, content=found), piece, size=len(found))


def _checked(raw: Raw, piece: Piece, *, size: int) -> Raw:
    """Return raw, or where its file has another size than planned an error: it is another picture."""
    if piece.size in (-1, size) or size == -1:
        return raw
    return Raw(
        raw.path, 0, error=f"{raw.path}: {size:,} bytes, {piece.size:,} when the work was begun; begin anew"
    )


def _all_of(piece: Piece, place: Place, *, suffixes: Collection[str]) -> Iterator[Raw]:
    """Yield the images of one table or tar; damage ends it with as many errors as images are lacking."""
    shown = place.show(piece.path)
    index = piece.start
    try:
        for raw in _readers(piece, place, shown=shown, suffixes=suffixes):
            yield raw
            index = raw.index + 1
        reason = None if piece.stop == TO_THE_END or index >= piece.stop else f"{shown}: ends too early"
    except InkwiseError as error:
        reason = str(error)
    except (OSError, EOFError, ValueError, zlib.error, tarfile.TarError) as error:
        if isinstance(error, OSError) and not place.is_local and not isinstance(error, FileNotFoundError):
            raise Unreachable(f"{shown}: {error}") from error
        reason = (
            f"{shown}: cannot be read from image {index} on ({error}); expected a whole file, get it again"
        )
    if reason is not None:
        missing = range(index, max(piece.stop, index + 1))
        yield from (Raw(shown, number, error=reason) for number in missing)


def _readers(piece: Piece, place: Place, *, shown: str, suffixes: Collection[str]) -> Iterator[Raw]:
    if piece.kind in _TABLES:
        yield from _table(piece, place, shown=shown)
        return
    with place.open(piece.path) as file:
        if piece.kind == "parquet":
            yield from _parquet(piece, place, file=file)
        else:
            for index, (member, content) in enumerate(read_tar(file, name=shown, suffixes=suffixes)):
                yield Raw(shown, index, member, content)


def _table(piece: Piece, place: Place, *, shown: str) -> Iterator[Raw]:
    with _on_disk(piece, place) as path:
        if piece.stop != TO_THE_END:
            mapped = map_idx(path, num_dims=3)
            images: Iterable[NDArray[np.uint8]] = (
                fit_images(np.asarray(mapped[index : index + 1]), name=shown)[0]
                for index in range(piece.start, piece.stop)
            )
        else:
            images = read_table(path, piece.kind)
        for index, image in enumerate(images, start=piece.start):
            yield Raw(shown, index, content=image)


@contextmanager
def _on_disk(piece: Piece, place: Place) -> Iterator[Path]:
    """Give a file's path on this machine's disk, a copy where it lies elsewhere."""
    if place.is_local:
        yield Path(place.full(piece.path))
        return
    with tempfile.TemporaryDirectory(prefix="inkwise-") as folder:
        path = Path(folder, piece.path.rpartition("/")[2])
        place.files.get_file(piece.path, str(path))
        yield path


def _parquet(piece: Piece, place: Place, *, file: IO[bytes]) -> Iterator[Raw]:
    shown = place.show(piece.path)
    with open_parquet(file, name=shown) as table:
        column = image_column(table.schema_arrow.names, name=shown)
        index, groups = _groups(table.metadata, piece)
        for group in groups:  # one at a time, so that a damaged one costs the rows of no other
            for batch in table.iter_batches(_ROWS, row_groups=[group], columns=[column], use_threads=False):
                end = index + len(batch)
                first = max(index, piece.start)
                last = piece.stop if _is_past(piece, end) else end
                for value in batch.column(0)[first - index : max(first, last) - index].to_pylist():
                    yield _row(value, place, piece=piece, index=first)
                    first += 1
                index = end


def _is_past(piece: Piece, index: int) -> bool:
    return piece.stop != TO_THE_END and index >= piece.stop


def _groups(metadata: Any, piece: Piece) -> tuple[int, list[int]]:
    """Return the row groups that hold a piece, and which row is the first of them."""
    groups: list[int] = []
    first = start = 0
    for number in range(metadata.num_row_groups):
        end = start + metadata.row_group(number).num_rows
        if end > piece.start and not _is_past(piece, start):
            first = first if groups else start
            groups.append(number)
        start = end
    return first, groups


def _row(value: Any, place: Place, *, piece: Piece, index: int) -> Raw:
    shown = place.show(piece.path)
    try:
        found = picture_in_row(value, name=f"{shown}, row {index}")
    except DataError as error:
        return Raw(shown, index, error=str(error))
    if isinstance(found, bytes):
        return Raw(shown, index, content=found)
    path = f"{piece.path.rpartition('/')[0]}/{found}" if "/" in piece.path else found
    if place.is_local:
        return Raw(shown, index, content=Path(place.full(path)))
    try:
        return Raw(shown, index, content=place.files.cat_file(path))
    except FileNotFoundError:
        return Raw(shown, index, error=f"{shown}, row {index}, {found}: no such file; put it there")
