"""A few digits in MNIST's form that need no data set: drawn from strokes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.character import cover
from inkwise.handwriting.synthesis.strokes import write_digit


def given_digits(count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return count images (28, 28) uint8 and their labels, 0 1 2 ... in turn."""
    generator = np.random.default_rng(11)
    labels = np.arange(count, dtype=np.int64) % 10
    images = np.zeros((count, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        tile = cover(write_digit(int(label), generator), unit_px=16, stroke_px=2.4)[:28, :28]
        top, left = (28 - tile.shape[0]) // 2, (28 - tile.shape[1]) // 2
        image[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return images, labels


def count_pieces(coverage: NDArray[np.uint8]) -> int:
    """Return how many connected pieces of ink there are."""
    return cv2.connectedComponents((coverage > 127).astype(np.uint8), connectivity=8)[0] - 1


def count_holes(coverage: NDArray[np.uint8]) -> int:
    """Return how many areas of paper are closed in by ink."""
    paper = np.pad(coverage <= 127, 1, constant_values=True).astype(np.uint8)
    return cv2.connectedComponents(paper, connectivity=4)[0] - 2
