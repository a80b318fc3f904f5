"""A batch for each of several seeds at a time: every seed keeps its own images, order and random changes."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from inkwise.training.batches import STRETCH, Augment, Batches, BatchSource, run_ahead


def batches_together(
    sources: Sequence[BatchSource],
    orders: Sequence[Tensor],
    *,
    augments: Sequence[Augment | None],
    ahead: bool = False,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches (images (S, B, 1, 28, 28) float32, labels (S, B)): seed s sees what it would see alone.

    Args:
        sources: S sources of equal length, over the same images; each has its own indices and preprocessing.
        orders: S permutations (N,) int64.
        augments: S changes of a batch, or None for each.
        ahead: prepare the next batches on a thread of their own while these are used.
    """
    size, num_images = sources[0].batch_size, len(sources[0])
    per_stretch = max(STRETCH // (size * len(sources)), 1)  # batches
    starts = range(0, num_images, per_stretch * size)
    jobs: Iterator[Callable[[], Batches]] = (
        partial(
            _gather,
            sources,
            [order[start : start + per_stretch * size] for order in orders],
            augments=augments,
            first_batch=start // size,
        )
        for start in starts
    )
    if ahead:
        yield from run_ahead(jobs)
        return
    for job in jobs:
        yield from job()


def _gather(
    sources: Sequence[BatchSource],
    parts: Sequence[Tensor],
    *,
    augments: Sequence[Augment | None],
    first_batch: int,
) -> Batches:
    """Return the batches of one stretch, which begins with batch number first_batch."""
    first = sources[0]
    chosen = torch.stack(
        [source.indices[part] for source, part in zip(sources, parts, strict=True)]
    )  # (S, L)
    pixels = first.images[chosen.flatten()].view(*chosen.shape, 1, *first.images.shape[1:])
    images = pixels.to(torch.float32).div_(255)  # (S, L, 1, 28, 28)
    for source, own, augment in zip(sources, images, augments, strict=True):
        if augment is not None:
            for number, batch in enumerate(own.split(first.batch_size)):
                batch.copy_(augment(batch, first_batch + number))
        source.preprocessing.standardise_(own)
    labels = first.labels[chosen]
    split = first.batch_size
    return list(zip(images.split(split, dim=1), labels.split(split, dim=1), strict=True))
