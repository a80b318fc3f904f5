"""The shuffle buffer as a plan: which images are read when, and in what order they leave the buffer.

Nothing is read here. A plan is a pure function of the sizes of the runs and of a seed, so that a resumed
training finds its place by arithmetic: it makes the plan again and leaves out what is done.

A run is a stretch of images that lie one after the other on the disk. The runs are shuffled over the whole
set; LANES of them are open at once, and each gives its share to every fill of the buffer; a fill is
shuffled as a whole and handed out. So two images meet in a fill although they lie far apart, every
image comes once an epoch, and the disk is still read in long pieces.
"""

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUFFER_IMAGES = 65_536  # images in a fill: 51 MB; chosen by results/streaming
LANES = 64  # runs open at once, at most: an open run of a large parquet row group takes 3 MB
MIN_PIECE = 64  # images read in one go from a run, at least, where the buffer is small
RAMP = (16, 8, 4, 2)  # the first fills of a training are so many times smaller: the first batch comes sooner


@dataclass(frozen=True)
class Piece:
    """Images start to stop of a run, in the order they lie there."""

    run: int
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


Fill = tuple[Piece, ...]
"""What is in the buffer at once."""


def plan_fills(
    sizes: Sequence[int], *, images: int, seed: tuple[int, ...] | None, before: Sequence[int] = ()
) -> Iterator[Fill]:
    """Yield the fills of an epoch: every image of every run once.

    Args:
        sizes: images of each run, 0 or more.
        images: how many a fill holds; only the last one may hold fewer.
        before: how many the first fills hold, where they are smaller.
        seed: whole numbers, 0 or above; equal ones give equal plans. None keeps the runs in their order
            and reads one after the other.

    >>> [[len(piece) for piece in fill] for fill in plan_fills([3, 2], images=4, seed=None)]
    [[3, 1], [1]]
    """
    runs = range(len(sizes)) if seed is None else _permutation(len(sizes), seed).tolist()
    waiting = iter([(run, 0) for run in runs if sizes[run]])
    lanes = 1 if seed is None else min(LANES, max(images // MIN_PIECE, 1))
    share = -(-images // lanes)
    is_open = deque(pair for _, pair in zip(range(lanes), waiting, strict=False))
    fill: list[Piece] = []
    rooms = itertools.chain(before, itertools.repeat(images))
    room = next(rooms)
    while is_open:
        run, start = is_open.popleft()
        piece = Piece(run, start, min(start + share, start + room, sizes[run]))
        fill.append(piece)
        room -= len(piece)
        following = (run, piece.stop) if piece.stop < sizes[run] else next(waiting, None)
        if following is not None:
            # Without a seed the run that is not finished goes on, with one the lanes take turns.
            is_open.append(following)
        if not room:
            yield tuple(fill)
            fill, room = [], next(rooms)
    if fill:
        yield tuple(fill)


def shuffle_fill(num_images: int, *, seed: tuple[int, ...], number: int) -> NDArray[np.int64]:
    """Return the order (N,) int64 in which the images of a fill leave the buffer.

    Args:
        seed: that of the plan.
        number: which fill of the epoch it is, 0 for the first.
    """
    return _permutation(num_images, (*seed, number + 1))


def _permutation(length: int, seed: tuple[int, ...]) -> NDArray[np.int64]:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed))).permutation(length)


@dataclass(frozen=True)
class Randomness:
    """How far the order of an epoch is from the stored one, on a set that lies class by class.

    Attributes:
        entropy: of the classes in a batch, in nats; the mean over all batches. 0 is one class alone.
        entropy_of_full_shuffle: the same of a permutation of the whole set.
        correlation: Pearson's, of an image's place in the epoch with its place on the disk: 1 is the stored
            order, 0 none.
        correlation_in_run: the same with its place in its run: runs are read front to back.
        drift: the largest difference of a class's share in any 1/20 of the epoch to its share in the set.
    """

    entropy: float
    entropy_of_full_shuffle: float
    correlation: float
    correlation_in_run: float
    drift: float


def measure_shuffle(
    sizes: Sequence[int], *, num_classes: int, buffer_images: int | None, batch_size: int, epochs: int = 3
) -> Randomness:
    """Return the randomness of the buffer for runs of these sizes, whose images are sorted by class.

    Classes are of equal size. Means over epochs, of seeds 0, 1, 2, ...

    Args:
        sizes: images of each run.
        buffer_images: of a fill; None reads in the stored order.
    """
    num_images = sum(sizes)
    classes = np.arange(num_images) * num_classes // num_images
    starts = np.concatenate([[0], np.cumsum(sizes)])
    inside = np.arange(num_images) - np.repeat(starts[:-1], sizes)
    found = []
    for epoch in range(epochs):
        order = (
            np.arange(num_images)
            if buffer_images is None
            else _order(sizes, starts, images=buffer_images, epoch=epoch)
        )
        full = classes[_permutation(num_images, (epoch, 1))]
        found.append(
            (
                _entropy(classes[order], batch_size, num_classes),
                _entropy(full, batch_size, num_classes),
                float(np.corrcoef(order, np.arange(num_images))[0, 1]),
                float(np.corrcoef(inside[order], np.arange(num_images))[0, 1]),
                _drift(classes[order], num_classes),
            )
        )
    return Randomness(*np.mean(found, axis=0).tolist())


def _order(sizes: Sequence[int], starts: NDArray[np.int64], *, images: int, epoch: int) -> NDArray[np.int64]:
    """Return the places (N,) int64 of the images on the disk in the order of an epoch."""
    parts = []
    for number, fill in enumerate(plan_fills(sizes, images=images, seed=(epoch,))):
        held = np.concatenate([starts[one.run] + np.arange(one.start, one.stop) for one in fill])
        parts.append(held[shuffle_fill(len(held), seed=(epoch,), number=number)])
    return np.concatenate(parts)


def _entropy(classes: NDArray[np.int64], batch_size: int, num_classes: int) -> float:
    whole = len(classes) // batch_size * batch_size
    batches = classes[:whole].reshape(-1, batch_size)
    counts = np.stack([(batches == one).sum(axis=1) for one in range(num_classes)], axis=1)  # (batches, K)
    shares = counts / batch_size
    return float(-(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1).mean())


def _drift(classes: NDArray[np.int64], num_classes: int) -> float:
    parts = np.array_split(classes, 20)
    shares = np.array([np.bincount(part, minlength=num_classes) / len(part) for part in parts])
    return float(np.abs(shares - 1 / num_classes).max())
