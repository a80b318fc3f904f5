"""A Part: the images and raw labels of train or test as a file gives them, held in memory or mapped."""

import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import file_key, printable
from inkwise.errors import DataError, OutputError

MEMORY_MAP_BYTES = 1 << 30  # pixels of one part past which they stay on the disk: 1.37 million images
_LAYOUT = "1"  # a change of what is written means a new number, so that old files are not taken

Labels = NDArray[np.int64] | NDArray[np.str_]
"""(N,) as the file gives them: numbers, or names of classes."""

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is in all: images here, bytes while fetching."""


@dataclass(frozen=True)
class Part:
    """Images with the labels a file gives for them, before the classes are known.

    Attributes:
        images: (N, 28, 28) uint8; may be a memory map.
        labels: (N,) numbers or names, or None where the file has none.
        classes: names that the file itself gives to labels 0..K-1, else None.
        notes: plain facts for Dataset.notes.
        sources: the files it comes from, where there are any.
    """

    images: NDArray[np.uint8]
    labels: Labels | None
    classes: tuple[str, ...] | None = None
    notes: dict[str, str] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.labels is not None and len(self.labels) != len(self.images):
            raise DataError(
                f"{len(self.images)} images but {len(self.labels)} labels; "
                "expected one label an image, check that both files belong together"
            )


@dataclass(frozen=True)
class Memory:
    """Where images are kept.

    Attributes:
        folder: where the mapped copies of packed or text files are written.
        limit_bytes: a part whose pixels take more is mapped from the disk.
        on_progress: told how far reading is.
    """

    folder: Path
    limit_bytes: int = MEMORY_MAP_BYTES
    on_progress: Progress | None = None

    def is_too_small_for(self, num_images: int) -> bool:
        """Tell whether so many images go past the limit."""
        return num_images * IMAGE_SIZE * IMAGE_SIZE > self.limit_bytes

    def report(self, done: int, total: int) -> None:
        """Tell on_progress, where there is one."""
        if self.on_progress is not None:
            self.on_progress(done, total)


Fill = Callable[[NDArray[np.uint8]], Labels | None]
"""Writes every image into the (N, 28, 28) uint8 array it is given, and returns the labels."""


def hold(num_images: int, fill: Fill, *, sources: Sequence[Path], memory: Memory, tag: str = "") -> Part:
    """Return the part that fill writes: in memory, or mapped from a copy that is written once.

    The copy's name comes from the path, size and time of every source, so a changed file is read anew;
    without sources it is for this process alone and loses its name at once.

    Args:
        num_images: N.
        fill: called once, not at all when the copy is there already.
        sources: the files that the images come from.
        memory: the limit, and where the copy goes.
        tag: tells apart two parts of the same sources.
    Raises:
        OutputError: the copy cannot be written, or the disk has no room for it.
    """
    if not memory.is_too_small_for(num_images):
        images = np.empty((num_images, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        return Part(images, fill(images), sources=tuple(sources))
    copy = memory.folder / (_fingerprint(sources, tag) if sources else uuid.uuid4().hex)
    if not copy.is_dir():
        _write_copy(copy, num_images, fill)
    part = replace(_open_copy(copy), sources=tuple(sources))
    if not sources:
        shutil.rmtree(copy, ignore_errors=True)  # the map keeps the bytes until the process lets go of it
    return part


def _fingerprint(sources: Sequence[Path], tag: str) -> str:
    digest = hashlib.sha256(f"{_LAYOUT}\0{tag}".encode())
    for path in sources:
        digest.update(file_key(path))
    return digest.hexdigest()[:32]


def _write_copy(copy: Path, num_images: int, fill: Fill) -> None:
    """Write images.npy and labels.npy into a temporary folder that takes the name `copy` when whole."""
    temporary: Path | None = None
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=copy.parent, prefix=f".{copy.name}."))
        images = _allocate(temporary / "images.npy", num_images)
        labels = fill(images)
        images.flush()
        if labels is not None:
            np.save(temporary / "labels.npy", labels, allow_pickle=False)
        _rename(temporary, copy)
    except OSError as error:
        raise OutputError(
            f"cannot write {num_images * IMAGE_SIZE**2:,} bytes of images to {printable(copy)}: "
            f"{error.strerror or error}; expected a writable folder with free space, "
            "set INKWISE_CACHE to one that has it"
        ) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _rename(temporary: Path, copy: Path) -> None:
    try:
        temporary.rename(copy)
    except OSError:
        if not copy.is_dir():  # else another process was faster, and its copy is as good
            raise


def _allocate(path: Path, num_images: int) -> "np.memmap[tuple[int, int, int], np.dtype[np.uint8]]":
    shape = (num_images, IMAGE_SIZE, IMAGE_SIZE)
    images = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:  # a full disk must be an error here, not a signal while writing
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return images


def _open_copy(copy: Path) -> Part:
    images = np.load(copy / "images.npy", allow_pickle=False, mmap_mode="r")
    labels = copy / "labels.npy"
    return Part(images, np.load(labels, allow_pickle=False) if labels.exists() else None)
