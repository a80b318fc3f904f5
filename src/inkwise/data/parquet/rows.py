"""Rows of parquet -> (28, 28) uint8: pictures, paths of pictures, or pixels as they are."""

from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import printable
from inkwise.data.formats.picture import GreyImage, decode_image
from inkwise.data.streaming.pixels import decode_pixels
from inkwise.data.streaming.shards import Pixels, Rows
from inkwise.errors import DataError

_IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE


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


def row_decoder(kind: Any, *, path: Path, first: int) -> Any:
    """Return what writes the chosen rows of a column of this type into an array."""
    if _is_raw(kind):
        return _copy_raw
    return partial(_decode_pictures, path=path, first=first)


def _is_raw(kind: Any) -> bool:
    """Return whether a column's type is 784 bytes a row: pixels as they are, row by row of the picture."""
    import pyarrow as pa

    if pa.types.is_fixed_size_binary(kind):
        return bool(kind.byte_width == _IMAGE_BYTES)
    return bool(
        pa.types.is_fixed_size_list(kind)
        and kind.list_size == _IMAGE_BYTES
        and pa.types.is_uint8(kind.value_type)
    )


def _copy_raw(stored: Any, rows: Rows, out: Pixels) -> None:
    # The second buffer of a fixed-size binary is its bytes; a list's values are an array of their own.
    values = stored.flatten() if hasattr(stored, "flatten") and stored.type.num_fields else stored
    whole = np.frombuffer(values.buffers()[1], np.uint8)
    offset = values.offset * (1 if values is not stored else _IMAGE_BYTES)
    pixels = whole[offset : offset + len(stored) * _IMAGE_BYTES].reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    np.take(pixels, rows, axis=0, out=out, mode="clip")


def _decode_pictures(stored: Any, rows: Rows, out: Pixels, *, path: Path, first: int) -> None:
    bounds, content = bytes_of(stored)
    for row, image in zip(rows.tolist(), out, strict=True):
        if content is None or bounds[row] == bounds[row + 1]:  # a path, or nothing
            image[:] = decode_row(
                stored[row].as_py(), folder=path.parent, name=f"{printable(path)}, row {first + row}"
            )
        else:
            raw = content[bounds[row] : bounds[row + 1]]
            image[:] = decode_pixels(raw, name=f"{printable(path)}, row {first + row}")


def bytes_of(stored: Any) -> tuple[list[int], memoryview | None]:
    """Return where each row's bytes begin, then where the last ends, and all bytes; paths have none."""
    import pyarrow as pa

    if pa.types.is_struct(stored.type):
        index = stored.type.get_field_index("bytes")
        stored = stored.field(index) if index >= 0 else stored
    wide = pa.types.is_large_binary(stored.type)
    if not (wide or pa.types.is_binary(stored.type)):
        return [], None
    _, places, content = stored.buffers()
    kind: Any = np.int64 if wide else np.int32
    bounds = np.frombuffer(places, kind)[stored.offset : stored.offset + len(stored) + 1]
    # pyarrow's own are signed, and a signed byte is equal to no byte of bytes.
    return bounds.tolist(), memoryview(b"" if content is None else content).cast("B")
