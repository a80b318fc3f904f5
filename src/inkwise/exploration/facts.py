"""The facts of a data set to know before training: shapes, ranges, shares of the labels, mean and spread."""

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from scipy import stats

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import ShapeError

SIGNIFICANCE = 0.05
_CHUNK_IMAGES = 4096
_FEWEST_EXPECTED = 5  # below this the chi-square distribution fits badly (Cochran 1954)


class PartFacts(BaseModel, frozen=True):
    """One part, train or test.

    Attributes:
        images_shape: (N, 28, 28).
        labels_shape: (N,).
        label_counts: images of each class, K whole numbers.
        label_shares: the same as fractions of N.
        pixel_range: smallest and largest byte.
        scaled_range: the same after division by 255.
        pixel_mean: mean of the scaled pixels, a fraction.
        pixel_std: their standard deviation (population).
        pixel_counts: how often each byte occurs, 256 whole numbers.
        class_brightness: mean of the scaled pixels of each class, K fractions; None for a class without
            images.
    """

    images_shape: tuple[int, ...]
    images_dtype: str
    labels_shape: tuple[int, ...]
    labels_dtype: str
    label_counts: tuple[int, ...]
    label_shares: tuple[float, ...]
    pixel_range: tuple[int, int]
    scaled_range: tuple[float, float]
    pixel_mean: float
    pixel_std: float
    pixel_counts: tuple[int, ...]
    class_brightness: tuple[float | None, ...]


class LabelBias(BaseModel, frozen=True):
    """Pearson's chi-square test of whether train and test hold the classes in equal shares.

    Attributes:
        statistic: chi-square, no continuity correction.
        degrees_of_freedom: classes that occur, less 1.
        p_value: chance of so large a statistic if the shares are equal.
        is_biased: p_value below 0.05.
        verdict: the same in words.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    is_biased: bool
    verdict: str


class FirstSample(BaseModel, frozen=True):
    """The first image of the train part.

    Attributes:
        label: 0..K-1.
        class_name: its name.
        one_hot: the label as K numbers, a single 1.
        image: 28 rows of 28 bytes.
    """

    label: int
    class_name: str
    one_hot: tuple[int, ...]
    image: tuple[tuple[int, ...], ...]


def label_bias(train_counts: tuple[int, ...], test_counts: tuple[int, ...]) -> LabelBias:
    """Return whether train and test hold the classes in equal shares.

    Args:
        train_counts: images of each class in train, K numbers.
        test_counts: the same in test.
    Source: K. Pearson, Philosophical Magazine 50 (1900); computed by scipy.stats.chi2_contingency.
    """
    table = np.array([train_counts, test_counts])
    table = table[:, table.sum(axis=0) > 0]  # a class without any image says nothing
    result = stats.chi2_contingency(table, correction=False)
    is_biased = bool(result.pvalue < SIGNIFICANCE)
    found = "train and test hold the classes in different shares" if is_biased else "no difference shown"
    numbers = f"chi-square {result.statistic:.2f}, {result.dof} degrees of freedom, p = {result.pvalue:.3g}"
    verdict = f"{found} ({numbers})"
    if result.expected_freq.min() < _FEWEST_EXPECTED:
        verdict += "; some classes have too few images for the test to be exact"
    return LabelBias(
        statistic=float(result.statistic),
        degrees_of_freedom=int(result.dof),
        p_value=float(result.pvalue),
        is_biased=is_biased,
        verdict=verdict,
    )


def one_hot(labels: NDArray[np.int64], num_classes: int) -> NDArray[np.float32]:
    """Return labels as rows with a single 1, (N, K) float32.

    Args:
        labels: (N,) int64 in 0..K-1.
        num_classes: K.
    Raises:
        ShapeError: another shape or type, or a label outside 0..K-1.

    >>> one_hot(np.array([2, 0]), 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise ShapeError(
            f"labels must be whole numbers of shape (N,), got {labels.dtype} of shape {labels.shape}"
            "; for one label pass np.array([label])"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < num_classes:
        raise ShapeError(
            f"labels run from {labels.min()} to {labels.max()}, expected 0 to {num_classes - 1}; "
            "give the right num_classes"
        )
    rows = np.zeros((len(labels), num_classes), np.float32)
    rows[np.arange(len(labels)), labels] = 1
    return rows


def from_one_hot(rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the labels, (N,) int64, of rows that each hold a single 1.

    Args:
        rows: (N, K), one 1 a row and 0 elsewhere.
    Raises:
        ShapeError: another shape, or a row that is not so; probabilities are refused, take their argmax.
    """
    if rows.ndim != 2 or not np.all(np.isin(rows, (0, 1))) or not np.all(rows.sum(axis=1) == 1):
        raise ShapeError(
            f"one-hot rows must have shape (N, K) with a single 1 in each, got shape {rows.shape} or other "
            "values; for probabilities take argmax(axis=1)"
        )
    labels: NDArray[np.int64] = rows.argmax(axis=1).astype(np.int64)
    return labels


def pixel_counts(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how often each of the 256 pixel values occurs, (256,) int64, reading images in pieces."""
    counts = np.zeros(256, np.int64)
    for start in range(0, len(images), _CHUNK_IMAGES):
        counts += np.bincount(images[start : start + _CHUNK_IMAGES].reshape(-1), minlength=256)
    return counts


def describe_part(split: Split, num_classes: int) -> PartFacts:
    """Return the facts of one part; images are read in pieces, so a mapped set stays on the disk."""
    label_counts = np.bincount(split.labels, minlength=num_classes)
    counts = pixel_counts(split.images)
    present = np.flatnonzero(counts)
    low, high = int(present[0]), int(present[-1])
    scaled = np.arange(256) / 255
    mean = float(counts @ scaled / counts.sum())
    return PartFacts(
        images_shape=split.images.shape,
        images_dtype=str(split.images.dtype),
        labels_shape=split.labels.shape,
        labels_dtype=str(split.labels.dtype),
        label_counts=tuple(label_counts.tolist()),
        label_shares=tuple((label_counts / len(split)).tolist()),
        pixel_range=(low, high),
        scaled_range=(low / 255, high / 255),
        pixel_mean=mean,
        pixel_std=float(np.sqrt(counts @ (scaled - mean) ** 2 / counts.sum())),
        pixel_counts=tuple(counts.tolist()),
        class_brightness=_class_brightness(split, label_counts),
    )


def _class_brightness(split: Split, label_counts: NDArray[np.int64]) -> tuple[float | None, ...]:
    sums = np.zeros(len(label_counts))
    for start in range(0, len(split), _CHUNK_IMAGES):
        images = split.images[start : start + _CHUNK_IMAGES]
        labels = split.labels[start : start + _CHUNK_IMAGES]
        sums += np.bincount(labels, images.sum(axis=(1, 2), dtype=np.int64), minlength=len(sums))
    pixels = label_counts * split.images[0].size * 255
    return tuple(float(s / n) if n else None for s, n in zip(sums, pixels, strict=True))


def say_task(dataset: Dataset) -> str:
    """Return why this is classification, in words."""
    labels = dataset.train.labels
    return (
        f"the labels are {len(np.unique(labels))} distinct whole numbers for {len(labels):,} images "
        f"(the first is {labels[0]}): names of classes, not measured amounts, so this is classification"
    )


def first_sample(dataset: Dataset) -> FirstSample:
    """Return the first train image with its label."""
    label = int(dataset.train.labels[0])
    row = one_hot(dataset.train.labels[:1], len(dataset.classes))[0]
    return FirstSample(
        label=label,
        class_name=dataset.classes[label],
        one_hot=tuple(int(value) for value in row),
        image=tuple(tuple(line) for line in dataset.train.images[0].tolist()),
    )
