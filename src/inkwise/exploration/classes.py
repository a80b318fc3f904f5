"""The mean image of each class, and where its images differ from one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE, Split

_CHUNK_IMAGES = 4096


@dataclass(frozen=True)
class ClassImages:
    """One picture a class.

    Attributes:
        mean: (K, 28, 28) float32, mean of the scaled pixels, 0 to 1; NaN for a class without images.
        spread: (K, 28, 28) float32, their standard deviation (population), 0 to 0.5; NaN likewise.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]


def class_images(split: Split, num_classes: int) -> ClassImages:
    """Return mean and spread of each class of split; images are read in pieces.

    >>> images = np.zeros((2, 28, 28), np.uint8)
    >>> images[1] = 255
    >>> found = class_images(Split(images, np.array([0, 0])), 1)
    >>> found.mean[0, 0, 0], found.spread[0, 0, 0]
    (np.float32(0.5), np.float32(0.5))
    """
    sums, squares = (np.zeros((num_classes, IMAGE_SIZE**2)) for _ in range(2))
    counts = np.bincount(split.labels, minlength=num_classes)
    for start in range(0, len(split), _CHUNK_IMAGES):
        # float64, so that the sum of squares of a million pixels keeps every digit.
        pixels = split.images[start : start + _CHUNK_IMAGES].reshape(-1, IMAGE_SIZE**2) / 255
        labels = split.labels[start : start + _CHUNK_IMAGES]
        members = (labels == np.arange(num_classes)[:, None]).astype(np.float64)  # (K, B)
        sums += members @ pixels
        squares += members @ pixels**2
    divisors = np.where(counts > 0, counts, np.nan)[:, None]
    mean = sums / divisors
    spread = np.sqrt(np.clip(squares / divisors - mean**2, 0, None))
    shape = (num_classes, IMAGE_SIZE, IMAGE_SIZE)
    return ClassImages(mean.reshape(shape).astype(np.float32), spread.reshape(shape).astype(np.float32))
