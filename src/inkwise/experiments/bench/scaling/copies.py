"""Sets far larger than MNIST, as files: copies of its training images, each moved by other pixels."""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE, Dataset, Split
from inkwise.errors import RunError

IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE
_MOST_SHIFT = 5  # pixels; 100 copies of MNIST are then 100 different sets
_SIDE = 2 * _MOST_SHIFT
_SPARE_BYTES = 1e9


def write_copies(train: Split, path: Path, *, num_images: int) -> None:
    """Write num_images images (num_images, 28, 28) uint8 to path, a .npy file, a copy of train at a time.

    Copy k is train moved by (k // 10 % 10, k % 10) pixels down and right, the first ones by (0, 0), what
    leaves at one edge comes in at the other: MNIST's edges are empty.

    Raises:
        RunError: the disk has no room for it.
    """
    free = shutil.disk_usage(path.parent).free
    needed = num_images * IMAGE_BYTES
    if free < needed + _SPARE_BYTES:
        raise RunError(
            f"{path.parent}: {num_images:,} images take {needed / 1e9:.1f} GB and 1 GB is to stay free, "
            f"found {free / 1e9:.1f} GB; make room, set TMPDIR to another disk, or take fewer --images"
        )
    shape = (num_images, IMAGE_SIZE, IMAGE_SIZE)
    images = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    for number, start in enumerate(range(0, num_images, len(train))):
        shift = number // _SIDE % _SIDE, number % _SIDE
        part = train.images[: num_images - start]
        images[start : start + len(part)] = np.roll(part, shift, axis=(1, 2))
    images.flush()


def open_copies(path: Path, *, of: Dataset) -> Dataset:
    """Return the set in a file of write_copies; its images stay there, its test part is that of MNIST."""
    images: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
    labels = np.resize(of.train.labels, len(images))  # repeated as often as needed
    return Dataset("copies", of.classes, Split(images, labels), of.test)
