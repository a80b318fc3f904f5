"""Images and labels as a pair of IDX files, one pair a part, named as MNIST, EMNIST and QMNIST name them."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.part import Memory, Part, hold
from inkwise.data.formats.paths import list_entries, printable
from inkwise.data.formats.picture import RESIZE_NOTE, fit_images
from inkwise.data.idx import IdxHeader, check_end, map_idx, open_idx, read_elements, read_idx
from inkwise.errors import DataError

_CHUNK_IMAGES = 4096
_TEST_NAME = re.compile(r"t10k|(?<!la)test", re.IGNORECASE)  # and no latest
_IMAGES_NAME = re.compile(r".*images.*idx3", re.IGNORECASE)


def find_idx_images(folder: Path) -> dict[str, Path]:
    """Return the image files of a folder by part: {"train": path, "test": path}, or fewer.

    A file is of the test part if its name has t10k or test, else of the train part. Where both the packed
    and the unpacked file lie there, the unpacked one is taken.

    Raises:
        DataError: two different files claim one part.
    """
    found: dict[str, Path] = {}
    for path in list_entries(folder):
        if not _IMAGES_NAME.match(path.name):
            continue
        part = "test" if _TEST_NAME.search(path.name) else "train"
        other = found.setdefault(part, path)
        if other.name.removesuffix(".gz") != path.name.removesuffix(".gz"):
            raise DataError(
                f"{printable(folder)}: both {printable(other.name)} and {printable(path.name)} could be the "
                f"{part} images, expected one; give the one to load by its own path"
            )
        if path.suffix != ".gz":
            found[part] = path
    return found


def read_idx_pair(images_path: Path, *, memory: Memory) -> Part:
    """Return the images of an IDX file with the labels of the file beside it.

    Raises:
        DataError: a file is missing or damaged, or the two lengths differ.
    """
    labels_path = _labels_path(images_path)
    part = read_idx_images(images_path, memory=memory)
    labels = read_idx_labels(labels_path)
    if len(part.images) != len(labels):
        raise DataError(
            f"{printable(images_path)} has {len(part.images)} images but {printable(labels_path.name)} has "
            f"{len(labels)} labels; expected one label an image, check that both belong together"
        )
    return replace(part, labels=labels)


def read_idx_images(path: Path, *, memory: Memory) -> Part:
    """Return the images of an IDX file without labels, as (N, 28, 28) uint8.

    Raises:
        DataError: the file is missing, damaged, or holds no images.
    """
    with open_idx(path, num_dims=3) as (header, _):
        if header.dtype != np.uint8:
            raise DataError(f"{printable(path)}: int32 pixels, expected unsigned bytes; convert the file")
    num_images = header.shape[0]
    is_direct = not header.is_packed and header.shape[1:] == (IMAGE_SIZE, IMAGE_SIZE)
    if is_direct and memory.is_too_small_for(num_images):
        return Part(map_idx(path, num_dims=3), None, sources=(path,))
    part = hold(num_images, partial(_fill, path=path, memory=memory), sources=[path], memory=memory)
    if header.shape[1:] == (IMAGE_SIZE, IMAGE_SIZE):
        return part
    return replace(part, notes={"resize": f"{header.shape[1]}x{header.shape[2]} pixels, {RESIZE_NOTE}"})


def read_idx_labels(path: Path) -> NDArray[np.int64]:
    """Return the labels of an IDX file as (N,) int64; of QMNIST's eight columns the first.

    Raises:
        DataError: the file is missing, damaged, or holds no labels.
    """
    labels = read_idx(path)
    if labels.ndim == 2:  # QMNIST: class, source, writer, ...
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise DataError(
            f"{printable(path)}: {labels.ndim} dimensions, expected 1 (labels); "
            "check that images and labels are not swapped"
        )
    return labels.astype(np.int64)


def _fill(images: NDArray[np.uint8], *, path: Path, memory: Memory) -> None:
    name = printable(path)
    with open_idx(path, num_dims=3) as (header, file):
        for start in range(0, len(images), _CHUNK_IMAGES):
            stop = min(start + _CHUNK_IMAGES, len(images))
            raw = _room(header, images[start:stop])
            read_elements(file, raw, name=name)
            if raw.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
                images[start:stop] = fit_images(raw, name=name)
            memory.report(stop, len(images))
        check_end(file, header, name=name)


def _room(header: IdxHeader, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return where to read to: the images themselves if no resizing follows."""
    if header.shape[1:] == images.shape[1:]:
        return images
    return np.empty((len(images), *header.shape[1:]), np.uint8)


def _labels_path(images_path: Path) -> Path:
    name = images_path.name
    stem = name.removesuffix(".gz").replace("images", "labels").replace("Images", "Labels")
    stems = [stem.replace("idx3", "idx1"), stem.replace("idx3-ubyte", "idx2-int")]
    for candidate in [f"{stem}{end}" for stem in stems for end in ("", ".gz")]:
        path = images_path.with_name(candidate)
        if candidate.removesuffix(".gz") != name.removesuffix(".gz") and path.is_file():
            return path
    raise DataError(
        f"{printable(images_path)}: no labels beside it; expected {printable(stems[0])} or the same with .gz"
    )
