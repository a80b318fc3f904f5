"""Which images to show: a few of each class, and batches as a training meets them."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def sample_classes(
    labels: NDArray[np.int64], num_classes: int, *, count: int, seed: int = 0
) -> list[Indices]:
    """Return up to count indices of each class, K arrays, drawn without replacement and sorted.

    Drawn, not the first ones: in a folder of pictures neighbours often come from one hand.
    """
    generator = np.random.default_rng(seed)
    chosen = []
    for label in range(num_classes):
        members = np.flatnonzero(labels == label)
        chosen.append(np.sort(generator.permutation(members)[:count]))
    return chosen


def first_batches(num_images: int, *, batch_size: int, num_batches: int = 3, seed: int = 0) -> list[Indices]:
    """Return the indices of the first batches of an epoch in shuffled order; a small set gives fewer."""
    order = np.random.default_rng(seed).permutation(num_images)[: num_batches * batch_size]
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
