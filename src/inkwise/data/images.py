"""The images a person wants classified, one after the other, whatever files they lie in."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.cores import num_cores
from inkwise.data.formats.csv_table import read_csv
from inkwise.data.formats.idx_pair import read_idx_images
from inkwise.data.formats.npz import read_npz
from inkwise.data.formats.part import Memory
from inkwise.data.formats.paths import file_kind, list_images, printable
from inkwise.data.formats.picture import (
    MAX_PIXELS,
    RESIZE_NOTE,
    decode_grey,
    decode_image,
    fit_image,
    fit_images,
)
from inkwise.data.originals.stored import cache_folder
from inkwise.data.parquet.read import read_parquet
from inkwise.errors import DataError, InkwiseError

__all__ = [
    "MAX_PIXELS",
    "RESIZE_NOTE",
    "decode_grey",
    "decode_image",
    "fit_image",
    "fit_images",
    "read_images",
    "read_table",
]

_BATCH_IMAGES = 256

FoundImage = tuple[str, int, NDArray[np.uint8]]
"""(path, index, image): path as printable text, index within that file, (28, 28) uint8."""


OnError = Callable[[InkwiseError], None]


def read_images(
    paths: Iterable[str | os.PathLike[str]], *, on_error: OnError | None = None
) -> Iterator[FoundImage]:
    """Yield every image of the given files and folders as (path, index, (28, 28) uint8).

    Args:
        paths: pictures (index 0); folders, of which every picture at any depth is taken in the order of
            names; IDX, CSV, NPZ (train images first) and parquet files, of which index counts the images;
            "-" for the bytes of one picture on standard input.
        on_error: called with what is wrong with a file, in place of raising it; the others are read.
    Raises:
        DataError: a path that is missing or damaged, a folder without pictures; its name is in the message.
        ShapeError: arrays that are no images.
    """
    for given in paths:
        try:
            yield from _read_path(given, on_error)
        except InkwiseError as error:
            if on_error is None:
                raise
            on_error(error)


def _read_path(given: str | os.PathLike[str], on_error: OnError | None) -> Iterator[FoundImage]:
    path = Path(given)
    if str(given) == "-":
        yield "-", 0, decode_image(sys.stdin.buffer.read(), name="standard input")
    elif path.is_dir():
        yield from _read_folder(path, on_error)
    elif (kind := file_kind(path)) == "image":
        yield printable(path), 0, decode_image(path)
    else:
        for index, image in enumerate(read_table(path, kind)):
            yield printable(path), index, image


def _read_folder(folder: Path, on_error: OnError | None) -> Iterator[FoundImage]:
    paths, skipped = list_images(folder)
    if not paths:
        raise DataError(
            f"{printable(folder)}: no pictures in it ({skipped} other files); "
            "expected PNG, JPEG or the like, check the path"
        )
    with ThreadPoolExecutor(min(8, num_cores())) as pool:
        for start in range(0, len(paths), _BATCH_IMAGES):  # a batch at a time, so memory stays small
            batch = paths[start : start + _BATCH_IMAGES]
            for path, image in zip(batch, pool.map(_decode, batch), strict=True):
                if not isinstance(image, InkwiseError):
                    yield printable(path), 0, image
                elif on_error is None:
                    raise image
                else:
                    on_error(image)


def _decode(path: Path) -> NDArray[np.uint8] | InkwiseError:
    try:
        return decode_image(path)
    except InkwiseError as error:
        return error


def read_table(path: Path, kind: str) -> Iterator[NDArray[np.uint8]]:
    """Yield the images of an IDX, NPZ, CSV or parquet file, each (28, 28) uint8; kind is as of file_kind.

    Raises:
        DataError: the file is missing or damaged.
        ShapeError: arrays that are no images.
    """
    memory = Memory(cache_folder() / "mapped")
    if kind == "idx":
        parts = [read_idx_images(path, memory=memory)]
    elif kind == "npz":
        parts = list(read_npz(path, memory=memory).values())
    elif kind == "csv":
        parts = [read_csv(path, memory=memory)]
    else:
        parts = [read_parquet([path], memory=memory)]
    for part in parts:
        yield from part.images
