"""Parquet files in the Hugging Face layout: a column `image` (bytes, or a path) and a column `label`."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
        footers = list(pool.map(_read_footer, paths))
    schemas = [footer.schema.to_arrow_schema() for footer in footers]
    column, labels_column = _same_columns(schemas, paths)
    labels = _labels(paths, footers, column=labels_column) if labels_column else None
    classes = _class_names(schemas[0], labels_column) if labels_column else None
    notes = {"resize": f"images of another size than 28x28 are {RESIZE_NOTE}"}
    shards = ParquetShards(tuple(paths), tuple(footers), column)
    return Part(_images(shards, memory=memory), labels, classes=classes, notes=notes, sources=tuple(paths))


def _read_footer(path: Path) -> Any:
    with open_parquet(path, name=printable(path)) as file:
        return file.metadata


def _images(shards: ParquetShards, *, memory: Memory) -> NDArray[np.uint8]:
    """Return the images in memory, or what reads them from the files where they are too many for it."""
    images = StreamedImages(shards)
    if memory.is_too_small_for(len(images)):
        return images.as_array()

    def fill(held: NDArray[np.uint8]) -> None:
        images.copy_to(held, on_progress=memory.report)

    return hold(len(images), fill, sources=shards.paths, memory=memory).images


def _same_columns(schemas: list[Any], paths: list[Path]) -> tuple[str, str | None]:
    """Return the columns of images and labels, the same in all files."""
    first = _columns(schemas[0], name=printable(paths[0]))
    for schema, path in zip(schemas, paths, strict=True):
        kinds = [
            [one.field(name).type for name in first if name in one.names] for one in (schemas[0], schema)
        ]
        if _columns(schema, name=printable(path)) != first or kinds[0] != kinds[1]:
            raise DataError(
                f"{printable(path)}: columns {_described(schema)}, expected {_described(schemas[0])} "
                f"as in {printable(paths[0].name)}; write all shards the same way"
            )
    return first


def _described(schema: Any) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


def _columns(schema: Any, *, name: str) -> tuple[str, str | None]:
    label = next((column for column in _LABEL_COLUMNS if column in schema.names), None)
    return image_column(schema.names, name=name), label


def _labels(paths: list[Path], footers: list[Any], *, column: str) -> Labels | None:
    name = printable(paths[0])
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # little to read in each of many files
        stored = list(pool.map(partial(_read_column, column=column), paths, footers))
    numbers = _whole_numbers(stored)
    if numbers is not None:
        return None if len(numbers) and (numbers == -1).all() else numbers
    values = [value for labels in stored for value in labels.to_pylist()]
    if values and all(value == -1 for value in values):  # how Hugging Face marks a part without labels
        return None
    if any(isinstance(value, bytes | list | dict) for value in values):
        raise DataError(f"{name}: column {column} holds no numbers or names; expected one class a row")
    return labels_from_text(["" if value is None else str(value) for value in values], name=name)


def _read_column(path: Path, footer: Any, *, column: str) -> Any:
    with open_parquet(path, name=printable(path), metadata=footer) as file:
        try:
            return file.read([column], use_threads=False).column(0)
        except (OSError, ValueError) as error:  # pyarrow's errors are both
            raise unreadable_parquet(printable(path), error) from error


def _whole_numbers(stored: list[Any]) -> NDArray[np.int64] | None:
    """Return the columns of all files, (N,) int64; None where they are no whole numbers or hold a null."""
    import pyarrow as pa

    if any(labels.null_count or not pa.types.is_integer(labels.type) for labels in stored):
        return None
    numbers, done = np.empty(sum(map(len, stored)), np.int64), 0
    for chunk in (chunk for labels in stored for chunk in labels.chunks):
        numbers[done : done + len(chunk)] = np.from_dlpack(chunk)  # to_numpy() would import pandas, a second
        done += len(chunk)
    return numbers


def _class_names(schema: Any, column: str) -> tuple[str, ...] | None:
    """Return the names that the schema's `huggingface` entry gives to the labels, where it does."""
    try:
        entry = json.loads((schema.metadata or {})[b"huggingface"])
        names = entry["info"]["features"][column]["names"]
    except (KeyError, ValueError, TypeError):
        return None
    is_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_names else None
