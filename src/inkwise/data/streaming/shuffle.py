"""The shuffle buffer as a plan: which images are read when, and in what order they leave the buffer.

Nothing is read here. A plan is a pure function of the sizes of the runs and of a seed, so that a resumed
training finds its place by arithmetic: it makes the plan again and leaves out what is done.

A run is a stretch of images that lie one after the other on the disk. The runs are shuffled over the whole
set; LANES of them are open at once, and each gives its share to every fill of the buffer; a fill is
shuffled as a whole and handed out. So two images meet in a fill although they lie far apart, every
image comes once an epoch, and the disk is still read in long pieces.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUFFER_IMAGES = 65_536  # images in a fill: 51 MB; chosen by results/streaming
LANES = 128  # runs open at once, at most
MIN_PIECE = 64  # images read in one go from a run, at least, where the buffer is small


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


def plan_fills(sizes: Sequence[int], *, images: int, seed: tuple[int, ...] | None) -> Iterator[Fill]:
    """Yield the fills of an epoch: every image of every run once.

    Args:
        sizes: images of each run, 0 or more.
        images: how many a fill holds; only the last one may hold fewer.
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
    room = images
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
            fill, room = [], images
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
