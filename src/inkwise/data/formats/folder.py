"""A folder with one folder of pictures for each class, named by the class."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inkwise.cores import num_cores
from inkwise.data.formats.part import Memory, Part, hold
from inkwise.data.formats.paths import list_entries, list_images, printable
from inkwise.data.formats.picture import RESIZE_NOTE, GreyImage, decode_image
from inkwise.errors import DataError

_BATCH_IMAGES = 512
_Source = TypeVar("_Source")


def read_class_folders(folder: Path, *, memory: Memory) -> Part:
    """Return every picture under the class folders of folder, with the class folder's name as its label.

    Classes and the files within them come in the order of their names. Pictures may lie deeper; hidden and
    other files are passed over, which the notes say.

    Raises:
        DataError: no class folders, no pictures, or a picture that cannot be read (its name is given).
    """
    paths: list[Path] = []
    labels: list[str] = []
    skipped, empty = 0, []
    for entry in list_entries(folder):
        if entry.name.startswith(".") or not entry.is_dir():
            continue
        images, others = list_images(entry, within=folder)
        paths += images
        labels += [printable(entry.name)] * len(images)
        skipped += others
        if not images:
            empty.append(printable(entry.name))
    if not paths:
        raise DataError(f"{printable(folder)}: {_nothing_found(folder)}")
    part = hold(
        len(paths), partial(_fill, paths=paths, labels=labels, memory=memory), sources=paths, memory=memory
    )
    return Part(part.images, part.labels, notes=_notes(skipped, empty), sources=part.sources)


def decode_all(
    sources: Sequence[_Source], decode: Callable[[_Source], GreyImage], images: NDArray[np.uint8]
) -> None:
    """Decode sources into images ((N, 28, 28) uint8) in their order, on several threads.

    Pillow lets go of Python's lock while it decodes, so threads do work side by side.
    """
    with ThreadPoolExecutor(min(8, num_cores())) as pool:
        for index, image in enumerate(pool.map(decode, sources)):
            images[index] = image


def _fill(
    images: NDArray[np.uint8], *, paths: list[Path], labels: list[str], memory: Memory
) -> NDArray[np.str_]:
    for start in range(0, len(paths), _BATCH_IMAGES):
        batch = paths[start : start + _BATCH_IMAGES]
        decode_all(batch, decode_image, images[start : start + len(batch)])
        memory.report(start + len(batch), len(paths))
    return np.array(labels)


def _notes(skipped: int, empty: list[str]) -> dict[str, str]:
    notes = {"resize": f"pictures of another size than 28x28 are {RESIZE_NOTE}"}
    if skipped:
        notes["skipped"] = f"{skipped} files that are hidden or no pictures were passed over"
    if empty:
        notes["empty"] = f"folders without pictures make no class: {', '.join(empty)}"
    return notes


def _nothing_found(folder: Path) -> str:
    here, others = list_images(folder)
    if here:
        return (
            f"{len(here)} pictures but no class folders; "
            "expected one folder a class, named by it, with the pictures inside"
        )
    given = f"{others} files but no pictures" if others else "the folder is empty"
    return f"{given}; expected one folder a class, named by it, with the pictures inside"
