"""A Dataset: images and labels in memory, as the rest of inkwise takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inkwise.errors import DataError, ShapeError

IMAGE_SIZE = 28  # pixels a side of every image inside inkwise, as in MNIST


@dataclass(frozen=True)
class Split:
    """Images with their labels.

    Attributes:
        images: (N, 28, 28) uint8, 0 to 255, one grey channel; may be a memory map, so never written to, or
            StreamedImages, which takes indices as an array does and is not to be read as a whole.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: a shape or type differs from these, or the two lengths differ.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        expected = (len(self.images), IMAGE_SIZE, IMAGE_SIZE)
        if self.images.dtype != np.uint8 or self.images.shape != expected:
            raise ShapeError(
                f"images must be uint8 of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), got {self.images.dtype} "
                f"of shape {self.images.shape}; for one image pass image[None]"
            )
        if self.labels.dtype != np.int64 or self.labels.shape != (len(self.images),):
            raise ShapeError(
                f"labels must be int64 of shape ({len(self.images)},), one an image, "
                f"got {self.labels.dtype} of shape {self.labels.shape}"
            )

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: NDArray[np.int64]) -> "Split":
        """Return the images and labels at indices ((M,) int64), in that order, as copies."""
        return Split(self.images[indices], self.labels[indices])


@dataclass(frozen=True)
class Dataset:
    """A train part and a test part with their class names.

    Attributes:
        name: what it was loaded as: a catalogue name, or the path given.
        classes: K names; label k means classes[k].
        train: what training and validation are cut from.
        test: touched once, to evaluate a finished classifier.
        notes: plain facts about how it came to be: {"test": "20% of the images ...", "resize": "..."}.
    Raises:
        DataError: fewer than two classes, an empty part, or a label outside 0..K-1.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    notes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.classes) < 2:
            raise DataError(
                f"{self.name}: a classifier needs at least 2 classes, got {len(self.classes)} "
                f"({', '.join(self.classes) or 'none'}); add images of another class"
            )
        for part, split in (("train", self.train), ("test", self.test)):
            if not len(split):
                raise DataError(f"{self.name}: the {part} part holds no images; expected at least one")
            low, high = int(split.labels.min()), int(split.labels.max())
            if low < 0 or high >= len(self.classes):
                raise DataError(
                    f"{self.name}: {part} labels run from {low} to {high}, expected 0 to "
                    f"{len(self.classes) - 1} for {len(self.classes)} classes; correct the label file"
                )


def renumber(split: Split, classes: Sequence[str], *, wanted: Sequence[str]) -> Split:
    """Return split with label k meaning wanted[k] instead of classes[k]; the images are shared.

    Args:
        classes: every one of them is among wanted.
    """
    places = np.array([wanted.index(name) for name in classes], np.int64)
    return Split(split.images, places[split.labels])
