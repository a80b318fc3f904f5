"""From the arrays of the original files to inkwise's own: upright 28x28 images, labels from 0."""

import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.catalogue import CatalogueEntry
from inkwise.data.dataset import IMAGE_SIZE, Dataset, Split
from inkwise.data.splits import TEST_FRACTION, TEST_SEED, split_test
from inkwise.errors import DataError

BOX_SIZE = 20  # MNIST digits were fitted into 20x20 pixels in the middle of 28x28
RESIZE_NOTE = "resized to 20x20 (bicubic), placed in the middle of 28x28"
_TURN_AT_ONCE = 4096  # images turned at a time, so that a large set is never held twice


def make_split(entry: CatalogueEntry, images: NDArray[Any], labels: NDArray[Any], *, part: str) -> Split:
    """Return the split that the arrays of an image file and a label file make.

    Args:
        images: (N, 28, 28) or (N, 16, 16) uint8; turned in place where the set is transposed.
        labels: (N,), or (N, columns) with the class in the first column; counted from entry.first_label.
        part: "train" or "test", for messages.
    Raises:
        DataError: the numbers of images and labels differ, or a label is not one of the classes.
    """
    classes = (labels[:, 0] if labels.ndim == 2 else labels).astype(np.int64) - entry.first_label
    if len(images) != len(classes):
        raise DataError(
            f"{entry.name}: {len(images)} {part} images but {len(classes)} labels, expected as many; "
            f"run: inkwise data check {entry.name}"
        )
    if len(classes) and not 0 <= classes.min() <= classes.max() < len(entry.classes):
        raise DataError(
            f"{entry.name}: {part} labels run from {classes.min() + entry.first_label} to "
            f"{classes.max() + entry.first_label}, expected {entry.first_label} to "
            f"{len(entry.classes) - 1 + entry.first_label}; run: inkwise data check {entry.name}"
        )
    if entry.is_transposed:
        images = _turn(images)
    return Split(images if images.shape[1:] == (IMAGE_SIZE, IMAGE_SIZE) else centre(images), classes)


def centre(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return small square images as (N, 28, 28): resized to 20x20 (bicubic), placed in the middle.

    Args:
        images: (N, side, side) uint8, light on dark.
    """
    margin = (IMAGE_SIZE - BOX_SIZE) // 2
    result = np.zeros((len(images), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for image, target in zip(images, result, strict=True):
        box = Image.fromarray(image).resize((BOX_SIZE, BOX_SIZE), Image.Resampling.BICUBIC)
        target[margin : margin + BOX_SIZE, margin : margin + BOX_SIZE] = np.asarray(box)
    return result


def load_digits(entry: CatalogueEntry) -> Dataset:
    """Return scikit-learn's 1,797 digits as a Dataset, with a fixed stratified fifth as the test part.

    Raises:
        DataError: scikit-learn's file of them cannot be read.
    """
    try:
        rows = _digit_rows()
    except (EOFError, OSError, ValueError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise DataError(
            f"{entry.name}: scikit-learn's file cannot be read ({said}); "
            "check the disk, or run: pip install --force-reinstall scikit-learn"
        ) from error
    images = centre(np.rint(rows[:, :-1].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8))
    labels = rows[:, -1].astype(np.int64)
    train, test = split_test(labels, name=entry.name)
    everything = Split(images, labels)
    notes = {
        "source": f"scikit-learn's load_digits, from {entry.homepage}, licence: {entry.licence}",
        "resize": f"8x8 of 0 to 16, scaled to 0 to 255, {RESIZE_NOTE}",
        "test": f"a fixed {TEST_FRACTION:.0%} of each class, drawn with seed {TEST_SEED} "
        "whatever seed the training has",
    }
    return Dataset(entry.name, entry.classes, everything.take(train), everything.take(test), notes)


def _digit_rows() -> NDArray[np.uint8]:
    """Return scikit-learn's digits, (1797, 65) uint8: 8x8 pixels from 0 to 16, then the class.

    Its file is read, for importing it takes longer than reading; another version may keep it elsewhere.
    """
    package = find_spec("sklearn")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        path = Path(folder, "datasets", "data", "digits.csv.gz")
        if path.is_file():
            return np.loadtxt(path, np.uint8, delimiter=",")
    from sklearn.datasets import load_digits as sklearn_digits

    bunch = sklearn_digits()
    return np.column_stack([bunch.data, bunch.target]).astype(np.uint8)


def _turn(images: NDArray[Any]) -> NDArray[Any]:
    """Exchange rows and columns of square images in place."""
    for start in range(0, len(images), _TURN_AT_ONCE):
        chunk = images[start : start + _TURN_AT_ONCE]
        chunk[:] = chunk.transpose(0, 2, 1).copy()
    return images
