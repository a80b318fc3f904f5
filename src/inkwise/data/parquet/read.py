"""Parquet files in the Hugging Face layout: a column `image` (bytes, or a path) and a column `label`."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.paths import printable
from inkwise.data.formats.picture import RESIZE_NOTE
from inkwise.data.parquet.file import image_column, open_parquet, unreadable_parquet
from inkwise.data.parquet.shards import ParquetShards
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import DataError

_LABEL_COLUMNS = ("label", "labels")
_AT_ONCE = 8  # files opened side by side: the disk's delays add up


def read_parquet(paths: list[Path], *, memory: Memory) -> Part:
    """Return the images of parquet files, one after the other, with labels and class names where they are.

    Raises:
        DataError: pyarrow is not installed, a file is damaged, columns are missing, or an image is.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        files = list(pool.map(lambda path: open_parquet(path, name=printable(path)), paths))
    column, labels_column = _same_columns(files, paths)
    labels = _labels(files, labels_column, paths=paths) if labels_column else None
    classes = _class_names(files[0], labels_column) if labels_column else None
    notes = {"resize": f"images of another size than 28x28 are {RESIZE_NOTE}"}
    images = _images(files, paths, column, memory=memory)
    return Part(images, labels, classes=classes, notes=notes, sources=tuple(paths))


def _images(files: list[Any], paths: list[Path], column: str, *, memory: Memory) -> NDArray[np.uint8]:
    """Return the images in memory, or what reads them from the files where they are too many for it."""
    images = StreamedImages(ParquetShards(tuple(paths), tuple(files), column))
    if memory.is_too_small_for(len(images)):
        return images.as_array()

    def fill(held: NDArray[np.uint8]) -> None:
        images.copy_to(held, on_progress=memory.report)

    return hold(len(images), fill, sources=paths, memory=memory).images


def _same_columns(files: list[Any], paths: list[Path]) -> tuple[str, str | None]:
    """Return the columns of images and labels, the same in all files."""
    first = _columns(files[0], name=printable(paths[0]))
    for file, path in zip(files, paths, strict=True):
        kinds = [
            [one.schema_arrow.field(name).type for name in first if name in one.schema_arrow.names]
            for one in (files[0], file)
        ]
        if _columns(file, name=printable(path)) != first or kinds[0] != kinds[1]:
            raise DataError(
                f"{printable(path)}: columns {_described(file)}, expected {_described(files[0])} "
                f"as in {printable(paths[0].name)}; write all shards the same way"
            )
    return first


def _described(file: Any) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in file.schema_arrow)


def _columns(file: Any, *, name: str) -> tuple[str, str | None]:
    names = file.schema_arrow.names
    return image_column(file, name=name), next((column for column in _LABEL_COLUMNS if column in names), None)


def _labels(files: list[Any], column: str, *, paths: list[Path]) -> Labels | None:
    name = printable(paths[0])
    try:
        numbers = _whole_numbers(files, column)
        values = [] if numbers is not None else _values(files, column)
    except (OSError, ValueError) as error:  # pyarrow's errors are both
        raise unreadable_parquet(name, error) from error
    if numbers is not None:
        return None if len(numbers) and (numbers == -1).all() else numbers
    if values and all(value == -1 for value in values):  # how Hugging Face marks a part without labels
        return None
    if any(isinstance(value, bytes | list | dict) for value in values):
        raise DataError(f"{name}: column {column} holds no numbers or names; expected one class a row")
    return labels_from_text(["" if value is None else str(value) for value in values], name=name)


def _values(files: list[Any], column: str) -> list[Any]:
    return [value for file in files for value in file.read([column]).column(0).to_pylist()]


def _whole_numbers(files: Sequence[Any], column: str) -> NDArray[np.int64] | None:
    """Return a column of whole numbers without nulls of all files, (N,) int64; None where it is none."""
    import pyarrow as pa

    if not all(pa.types.is_integer(file.schema_arrow.field(column).type) for file in files):
        return None
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # little to read in each of many files
        columns = pool.map(lambda file: file.read([column], use_threads=False).column(0), files)
        chunks = [chunk for stored in columns for chunk in stored.chunks]
    if any(chunk.null_count for chunk in chunks):
        return None
    numbers, done = np.empty(sum(map(len, chunks)), np.int64), 0
    for chunk in chunks:
        numbers[done : done + len(chunk)] = np.from_dlpack(chunk)  # to_numpy() would import pandas, a second
        done += len(chunk)
    return numbers


def _class_names(file: Any, column: str) -> tuple[str, ...] | None:
    """Return the names that the schema's `huggingface` entry gives to the labels, where it does."""
    try:
        entry = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = entry["info"]["features"][column]["names"]
    except (KeyError, ValueError, TypeError):
        return None
    is_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_names else None
