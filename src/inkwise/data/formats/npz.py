"""A numpy archive: Keras's x_train, y_train, x_test, y_test, or images and labels; no pickled objects."""

import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.paths import printable
from inkwise.data.formats.picture import RESIZE_NOTE, as_uint8, fit_images
from inkwise.errors import DataError

_TRAIN = (("x_train", "y_train"), ("train_images", "train_labels"), ("images", "labels"), ("x", "y"))
_TEST = (("x_test", "y_test"), ("test_images", "test_labels"))
_LAYOUTS = "x_train and y_train (with x_test and y_test), or images and labels"


def read_npz(path: Path, *, memory: Memory) -> dict[str, Part]:
    """Return the parts of an archive: {"train": ..., "test": ...}, or one of them.

    A part past the memory limit is mapped where it lies if the archive is not compressed and holds uint8 of
    28x28; else it is read as a whole once, and mapped from a copy.

    Raises:
        DataError: no such archive, other names, pickled objects, or labels that are no (N,) numbers or names.
        ShapeError: images that are no pixels.
    """
    name = printable(path)
    try:
        with path.open("rb") as file:  # numpy leaves a file open that it opened itself and could not read
            _check_magic(file, name)
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError(f"{name}: one array, expected an archive with {_LAYOUTS}; use np.savez")
            with archive:
                return _read_parts(archive, path, memory)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        raise DataError(_unreadable(name, error)) from error


def _read_parts(archive: Any, path: Path, memory: Memory) -> dict[str, Part]:
    keys = {"train": _pick(archive.files, _TRAIN), "test": _pick(archive.files, _TEST)}
    found = {part: _read_part(archive, pair, path=path, memory=memory) for part, pair in keys.items() if pair}
    if not found:
        given = ", ".join(archive.files) or "none"
        raise DataError(f"{printable(path)}: arrays {given}, expected {_LAYOUTS}; rename them")
    return found


def _pick(files: list[str], pairs: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    return next((pair for pair in pairs if pair[0] in files), None)


def _read_part(archive: Any, keys: tuple[str, str], *, path: Path, memory: Memory) -> Part:
    images_key, labels_key = keys
    name = f"{printable(path)}, {images_key}"
    labels = (
        _labels(archive[labels_key], f"{printable(path)}, {labels_key}") if labels_key in archive else None
    )
    shape, dtype, mapped = _look(path, images_key)
    if labels is not None and (not shape or shape[0] != len(labels)):
        raise DataError(
            f"{name}: shape {shape} but {len(labels)} labels in {labels_key}; expected one label an image"
        )
    is_resized = shape[1:3] != (IMAGE_SIZE, IMAGE_SIZE)
    notes = {"resize": f"{images_key} has shape {shape}; {RESIZE_NOTE}"} if is_resized else {}
    if dtype.kind == "f":
        notes["scale"] = "floats from 0 to 1 were multiplied by 255 and rounded"
    if mapped is not None and memory.is_too_small_for(len(mapped)):
        return Part(mapped, labels, sources=(path,))
    fill = partial(_fill, archive=archive, key=images_key, name=name)
    part = hold(shape[0] if shape else 0, fill, sources=[path], memory=memory, tag=images_key)
    return Part(part.images, labels, notes=notes, sources=(path,))


def _fill(images: NDArray[np.uint8], *, archive: Any, key: str, name: str) -> None:
    images[:] = fit_images(as_uint8(archive[key], name=name), name=name)


def _look(path: Path, key: str) -> tuple[tuple[int, ...], np.dtype[Any], "np.memmap[Any, Any] | None"]:
    """Return shape and type of an array without reading it, and its map where it can be mapped."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{key}.npy")
        with archive.open(info) as member:
            read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
            shape, is_fortran, dtype = read[npy.read_magic(member)](member)
            offset = member.tell()
    is_direct = info.compress_type == zipfile.ZIP_STORED and not is_fortran and dtype == np.uint8
    if not is_direct or shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        return shape, dtype, None
    start = _data_start(path, info.header_offset) + offset
    return shape, dtype, np.memmap(path, np.uint8, mode="r", offset=start, shape=shape)


def _data_start(path: Path, header_offset: int) -> int:
    """Return where a zip member's bytes begin: after its local header of 30 bytes, name and extra field."""
    with path.open("rb") as file:
        file.seek(header_offset + 26)
        lengths = file.read(4)
    return header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")


def _labels(labels: NDArray[Any], name: str) -> Labels:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iufUb":
        raise DataError(
            f"{name}: {labels.dtype} of shape {labels.shape}, expected whole numbers or names of shape (N,); "
            "turn one-hot rows back by argmax(axis=1)"
        )
    if labels.dtype.kind == "f" and not np.all(labels == np.floor(labels)):
        raise DataError(f"{name}: NaN or fractions among the labels, expected whole numbers; correct them")
    if labels.dtype.kind == "U":
        return labels_from_text(labels.tolist(), name=name)
    return labels.astype(np.int64)


def _check_magic(file: IO[bytes], name: str) -> None:
    """Refuse what begins as neither an archive nor an array, which numpy would take for pickled objects."""
    head = file.read(len(npy.MAGIC_PREFIX))
    file.seek(0)
    if not head.startswith((b"PK", npy.MAGIC_PREFIX)):
        raise DataError(f"{name}: begins with {head!r}, expected a .npz archive; get the file again")


def _unreadable(name: str, error: Exception) -> str:
    if "allow_pickle" in str(error):
        return (
            f"{name}: pickled objects, which could run code; "
            "expected plain arrays of numbers, save them again with a numeric dtype"
        )
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    return f"{name}: cannot be read ({reason}); expected a whole .npz archive, get it again"
