"""Parquet files in the Hugging Face layout: a column `image` (bytes, or a path) and a column `label`.

Needs pyarrow, the extra `parquet`; nothing else in inkwise imports it.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.paths import list_entries, printable
from inkwise.data.formats.picture import RESIZE_NOTE, GreyImage, decode_image
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import DataError

_IMAGE_COLUMNS = ("image", "img")
_LABEL_COLUMNS = ("label", "labels")
_READ_BYTES = 1 << 16
_AT_ONCE = 8  # files opened side by side: the disk's delays add up


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
    from inkwise.data.streaming.parquet import ParquetShards  # imports this file

    images = StreamedImages(ParquetShards(tuple(paths), tuple(files), column))
    if memory.is_too_small_for(len(images)):
        return images.as_array()

    def fill(held: NDArray[np.uint8]) -> None:
        images.copy_to(held, on_progress=memory.report)

    return hold(len(images), fill, sources=paths, memory=memory).images


def open_parquet(source: Path | IO[bytes], *, name: str, metadata: Any = None) -> Any:
    """Return the open parquet file; the caller closes it, or lets go of it.

    Args:
        source: a path, or a file that can be sought in.
        name: what error messages call it.
        metadata: its footer, where it has been read before.
    Raises:
        DataError: pyarrow is not installed, or this is no whole parquet file.
    """
    try:
        import pyarrow.parquet  # the extra may be absent, and it is slow to import
    except ImportError:
        raise DataError(
            f"{name}: reading parquet needs pyarrow, which is not installed; "
            "run: pip install 'inkwise[parquet]'"
        ) from None
    try:
        # Read in small pieces: else pyarrow holds a whole row group's column, packed.
        return pyarrow.parquet.ParquetFile(
            source, metadata=metadata, buffer_size=_READ_BYTES, pre_buffer=False
        )
    except (OSError, ValueError) as error:
        raise unreadable_parquet(name, error) from error


def unreadable_parquet(name: str, error: Exception) -> DataError:
    """Return the error that says a parquet file cannot be read, by pyarrow's own error."""
    return DataError(f"{name}: cannot be read as parquet ({error}); expected a whole file, get it again")


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


def image_column(file: Any, *, name: str) -> str:
    """Return which column of an open parquet file holds the pictures.

    Raises:
        DataError: none is called so.
    """
    names = file.schema_arrow.names
    image = next((column for column in _IMAGE_COLUMNS if column in names), None)
    if image is None:
        raise DataError(
            f"{name}: columns {', '.join(names)}, expected image (bytes or path) and label; rename them"
        )
    return image


def decode_row(image: Any, *, folder: Path, name: str) -> GreyImage:
    """Return the picture in a row as (28, 28) uint8.

    Args:
        image: its bytes, its path, or {"bytes": ..., "path": ...} as Hugging Face writes it.
        folder: what a path is counted from.
        name: what error messages call the row.
    Raises:
        DataError: there is none, it cannot be decoded, or the path leads out of the folder.
    """
    found = picture_in_row(image, name=name)
    if isinstance(found, bytes):
        return decode_image(found, name=name)
    return decode_image(folder / found, name=f"{name}, {found}")


def picture_in_row(image: Any, *, name: str) -> bytes | str:
    """Return what a row holds: the bytes of a picture, or its path below the folder of the file.

    Raises:
        DataError: neither, or the path leads out of the folder.
    """
    raw = image.get("bytes") if isinstance(image, dict) else image
    if isinstance(raw, bytes) and raw:
        return raw
    relative = image.get("path") if isinstance(image, dict) else image
    if not isinstance(relative, str) or not relative:
        raise DataError(f"{name}: no image; expected the bytes of a picture or its path, drop that row")
    if PurePosixPath(relative).is_absolute() or ".." in PurePosixPath(relative).parts:
        raise DataError(
            f"{name}: path {relative} leads out of the folder; expected one below it, move the picture there"
        )
    return relative


def _labels(files: list[Any], column: str, *, paths: list[Path]) -> Labels | None:
    from inkwise.data.streaming.parquet import read_whole_numbers

    name = printable(paths[0])
    try:
        numbers = read_whole_numbers(files, column)
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


def _class_names(file: Any, column: str) -> tuple[str, ...] | None:
    """Return the names that the schema's `huggingface` entry gives to the labels, where it does."""
    try:
        entry = json.loads((file.schema_arrow.metadata or {})[b"huggingface"])
        names = entry["info"]["features"][column]["names"]
    except (KeyError, ValueError, TypeError):
        return None
    is_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return tuple(names) if is_names else None
