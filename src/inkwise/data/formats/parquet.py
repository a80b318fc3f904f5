"""Parquet files in the Hugging Face layout: a column `image` (bytes, or a path) and a column `label`.

Needs pyarrow, the extra `parquet`; nothing else in inkwise imports it.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.folder import decode_all
from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.paths import list_entries, printable
from inkwise.data.formats.picture import RESIZE_NOTE, GreyImage, decode_image
from inkwise.errors import DataError

_IMAGE_COLUMNS = ("image", "img")
_LABEL_COLUMNS = ("label", "labels")
_BATCH_ROWS = 1024


def find_parquet_files(folder: Path) -> dict[str, list[Path]]:
    """Return the parquet files of a folder by part: {"train": [...], "test": [...]}, each sorted by name.

    A file is of the test part if its name begins with test, else with validation where there is no test
    file; the rest is of the train part.
    """
    files = [path for path in list_entries(folder) if path.suffix == ".parquet" and path.is_file()]
    by_name: dict[str, list[Path]] = {"train": [], "test": [], "val": []}
    for path in files:
        part = next((part for part in ("test", "val") if path.name.startswith(part)), "train")
        by_name[part].append(path)
    test = by_name["test"] or by_name["val"]
    return {part: paths for part, paths in (("train", by_name["train"]), ("test", test)) if paths}


def read_parquet(paths: list[Path], *, memory: Memory) -> Part:
    """Return the images of parquet files, one after the other, with labels and class names where they are.

    Raises:
        DataError: pyarrow is not installed, a file is damaged, columns are missing, or an image is.
    """
    files = [_open(path) for path in paths]
    try:
        columns = _columns(files[0], name=printable(paths[0]))
        num_images = sum(file.metadata.num_rows for file in files)
        fill = partial(_fill, files=files, paths=paths, column=columns[0], memory=memory)
        part = hold(num_images, fill, sources=paths, memory=memory)
        labels = _labels(files, columns[1], name=printable(paths[0])) if columns[1] else None
    except (OSError, ValueError) as error:  # pyarrow's errors are both
        raise _unreadable(paths[0], error) from error
    classes = _class_names(files[0], columns[1]) if columns[1] else None
    notes = {"resize": f"images of another size than 28x28 are {RESIZE_NOTE}"}
    return Part(part.images, labels, classes=classes, notes=notes, sources=tuple(paths))


def _open(path: Path) -> Any:
    try:
        import pyarrow.parquet  # the extra may be absent, and it is slow to import
    except ImportError:
        raise DataError(
            f"{printable(path)}: reading parquet needs pyarrow, which is not installed; "
            "run: pip install 'inkwise[parquet]'"
        ) from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{printable(path)}: cannot be read as parquet ({error}); expected a whole file, get it again"
    )


def _columns(file: Any, *, name: str) -> tuple[str, str | None]:
    names = file.schema_arrow.names
    image = next((column for column in _IMAGE_COLUMNS if column in names), None)
    if image is None:
        raise DataError(
            f"{name}: columns {', '.join(names)}, expected image (bytes or path) and label; rename them"
        )
    return image, next((column for column in _LABEL_COLUMNS if column in names), None)


def _fill(
    images: NDArray[np.uint8], *, files: list[Any], paths: list[Path], column: str, memory: Memory
) -> None:
    done = 0
    for file, path in zip(files, paths, strict=True):
        name = printable(path)
        for rows in _batches(file, column):
            numbered = list(enumerate(rows, done))
            decode_all(numbered, partial(_decode_row, path, name), images[done : done + len(rows)])
            done += len(rows)
            memory.report(done, len(images))


def _batches(file: Any, column: str) -> Iterator[list[Any]]:
    for batch in file.iter_batches(_BATCH_ROWS, columns=[column]):
        yield batch.column(0).to_pylist()


def _decode_row(path: Path, name: str, numbered: tuple[int, Any]) -> GreyImage:
    row, image = numbered
    place = f"{name}, row {row}"
    raw = image.get("bytes") if isinstance(image, dict) else image
    if isinstance(raw, bytes):
        return decode_image(raw, name=place)
    relative = image.get("path") if isinstance(image, dict) else image
    if not isinstance(relative, str) or not relative:
        raise DataError(f"{place}: no image; expected the bytes of a picture or its path, drop that row")
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise DataError(
            f"{place}: path {relative} leads out of the folder; expected one below it, move the picture there"
        )
    return decode_image(path.parent / relative, name=f"{place}, {relative}")


def _labels(files: list[Any], column: str, *, name: str) -> Labels | None:
    values = [value for file in files for value in file.read([column]).column(0).to_pylist()]
    if values and all(value == -1 for value in values):  # how Hugging Face marks a part without labels
        return None
    if any(isinstance(value, bytes | list | dict) for value in values):
        raise DataError(f"{name}: column {column} holds no numbers or names; expected one class a row")
    return labels_from_text(["" if value is None else str(value) for value in values], name=name)


def _class_names(file: Any, column: str) -> tuple[str, ...] | None:
    """Return the names that the schema's `huggingface` entry gives to the labels, where it does."""
    try:
        entry = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = entry["info"]["features"][column]["names"]
    except (KeyError, ValueError, TypeError):
        return None
    is_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_names else None
