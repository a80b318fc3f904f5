"""Cutting one set of labels into two parts: stratified, seeded, the same on every machine."""

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.errors import DataError

TEST_FRACTION = 0.2
BLOCK_IMAGES = 65_536  # of a streamed set; validation images are drawn block by block
TEST_SEED = 0  # fixed, so that a set without a test part always has the same one

Indices = NDArray[np.int64]


def split_validation(labels: NDArray[np.int64], *, fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Return the indices to train on and those to validate on.

    Of each class, a share of `fraction` (rounded to the nearest whole number, half to even) is drawn without
    replacement by numpy's PCG64 generator; at least one image of each class is kept to train on.

    Args:
        labels: (N,) int64, those of the train part only: the test part never chooses anything.
        fraction: at least 0 and below 1; 0 keeps all to train on.
        seed: a whole number, 0 or above; equal seeds give equal parts.
    Returns:
        train_indices and validation_indices: int64, sorted, disjoint, together 0..N-1.
    Raises:
        DataError: the fraction is not in [0, 1), or the seed is negative.

    >>> train, validation = split_validation(np.array([0, 0, 1, 1, 1, 1]), fraction=0.5, seed=1)
    >>> len(train), len(validation)
    (3, 3)
    """
    _check(fraction, seed)
    generator = np.random.Generator(np.random.PCG64(seed))
    is_validation = np.zeros(len(labels), np.bool_)
    for label in np.unique(labels):  # sorted, so the draws come in a fixed order
        members = np.flatnonzero(labels == label)
        count = min(round(len(members) * fraction), len(members) - 1)
        is_validation[generator.permutation(members)[:count]] = True
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def split_blocks(num_images: int, *, fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Return the indices to train on and those to validate on, of a set too large to sort by class.

    Of every 65,536 images, as they are stored, a share of `fraction` is drawn without replacement; shares
    are rounded so that all of them together are the fraction of the whole. Classes are not looked at: their
    shares are right up to chance, a class of 1 % of a million images by a few percent of its own share.

    Args and Raises: as split_validation.
    Returns:
        train_indices and validation_indices: int64, sorted, disjoint, together 0..N-1.

    >>> train, validation = split_blocks(100_000, fraction=0.1, seed=1)
    >>> len(train), len(validation), int((validation < BLOCK_IMAGES).sum())
    (90000, 10000, 6554)
    """
    _check(fraction, seed)
    is_validation = np.zeros(num_images, np.bool_)
    for number, start in enumerate(range(0, num_images, BLOCK_IMAGES)):
        stop = min(start + BLOCK_IMAGES, num_images)
        count = round(stop * fraction) - round(start * fraction)
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
        is_validation[start + generator.permutation(stop - start)[:count]] = True
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


def split_train(split: Split, *, fraction: float, seed: int) -> tuple[Indices, Indices]:
    """Return the indices of a train part to train on and those to validate on.

    By split_validation where the images are in memory, by split_blocks where they are streamed from the
    disk or mapped.

    Args and Raises: as split_validation.
    """
    if isinstance(split.images, np.ndarray) and not isinstance(split.images, np.memmap):
        return split_validation(split.labels, fraction=fraction, seed=seed)
    return split_blocks(len(split), fraction=fraction, seed=seed)


def _check(fraction: float, seed: int) -> None:
    if not 0 <= fraction < 1:
        raise DataError(
            f"a validation fraction of {fraction}, expected at least 0 and below 1; 0.1 is common"
        )
    if seed < 0:
        raise DataError(f"a seed of {seed}, expected a whole number, 0 or above; choose one such")


def split_test(labels: NDArray[np.int64], *, name: str) -> tuple[Indices, Indices]:
    """Return the indices of the train part and of the test part, a stratified fifth drawn with seed 0.

    For sets that come without a test part.

    Args:
        labels: (N,) int64.
        name: what error messages call the set.
    Raises:
        DataError: so few images that the test part would be empty.
    """
    train, test = split_validation(labels, fraction=TEST_FRACTION, seed=TEST_SEED)
    if not len(test):
        raise DataError(
            f"{name}: {len(labels)} images are too few to cut a test part from; "
            "expected at least 3 of a class, add images or a test folder"
        )
    return train, test
