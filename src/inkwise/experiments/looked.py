"""Which image `inkwise inspect` looks at, and what was done to its pixels, in words."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.data.images import RESIZE_NOTE, decode_grey, fit_image
from inkwise.errors import DataError, ShapeError
from inkwise.preprocessing import Preprocessing

ImageArgument = str | os.PathLike[str] | Tensor | Any
_HALF_BRIGHT = 127


@dataclass(frozen=True)
class Looked:
    """The image that is looked at.

    Attributes:
        pixels: (28, 28) uint8.
        words: where it is from.
        original: (H, W) uint8, the picture it was made of; None where nothing was done to it.
        index, label: its place in the test part and its class; None for a picture of one's own.
    """

    pixels: NDArray[np.uint8]
    words: str
    original: NDArray[np.uint8] | None = None
    index: int | None = None
    label: int | None = None


def choose_image(image: ImageArgument | None, test: Split | None, *, index: int, name: str) -> Looked:
    """Return the image asked for, or where image is None the test image at index of the set called name.

    Raises:
        DataError: no such picture, or an index past the end.
        ShapeError: pixels of another shape or type.
    """
    if image is None:
        assert test is not None
        if not 0 <= index < len(test):
            raise DataError(
                f"index {index}: the test part of {name} has {len(test):,} images; expected 0 to "
                f"{len(test) - 1}, choose another with --index"
            )
        words = f"test image {index:,} of {name}"
        return Looked(np.array(test.images[index]), words, index=index, label=int(test.labels[index]))
    if isinstance(image, str | os.PathLike):
        grey, words = decode_grey(image, name=str(image)), Path(image).name
    else:
        grey, words = np.asarray(image), "an image of your own"
        if grey.dtype != np.uint8 or grey.ndim != 2:
            raise ShapeError(
                f"image is {grey.dtype} of shape {grey.shape}, expected uint8 (0 to 255) of shape (H, W); "
                "from a batch take images[0], for floats in [0, 1] multiply by 255"
            )
    fitted = fit_image(grey, name=words)
    return Looked(fitted, words, original=None if fitted is grey else grey)


def say_preprocessing(preprocessing: Preprocessing, looked: Looked, train: Split | None) -> str:
    """Return what was done to the pixels, and whether ink and paper may be the wrong way round."""
    low, high = preprocessing.value_range()
    words = f"For the network black becomes {low:.2f} and white {high:.2f}.".replace("-", "\N{MINUS SIGN}")
    if looked.original is not None:
        words = f"The picture was made grey and {RESIZE_NOTE}. {words}"
    if (
        looked.index is None
        and train is not None
        and _is_paper_light(looked.pixels) != _is_paper_light(train.images[0])
    ):
        kinds = ("light ink on dark paper", "dark ink on light paper")
        is_light = _is_paper_light(looked.pixels)
        words += f" This picture is {kinds[is_light]}, the training images are {kinds[not is_light]}: "
        words += "expect nonsense, or invert it first."
    return words


def _is_paper_light(image: NDArray[np.uint8]) -> bool:
    return bool(np.median(np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])) > _HALF_BRIGHT)
