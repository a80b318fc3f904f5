"""The few constants of a work, from small runs: seconds = start + images x each + blocks x each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls


@dataclass(frozen=True)
class Run:
    """One measured run.

    Attributes:
        num_images, num_blocks: that it did.
        seconds: from the command to its end.
        peak_bytes: the most memory that all its processes held at once; 0 where it was not watched.
    """

    num_images: int
    num_blocks: int
    seconds: float
    peak_bytes: int = 0


@dataclass(frozen=True)
class Line:
    """A fitted line: seconds, or bytes, that a run takes.

    Attributes:
        start: whatever its size.
        an_image, a_block: more for each.
    """

    start: float
    an_image: float
    a_block: float

    def at(self, num_images: int, num_blocks: int) -> float:
        """Return what a run of so many takes."""
        return self.start + num_images * self.an_image + num_blocks * self.a_block


def fit_seconds(runs: Sequence[Run], *, has_blocks: bool = True) -> Line:
    """Return the line of least squares through the seconds of runs; nothing in it is below 0.

    Errors count in shares of each run's own seconds, so that long runs do not outvote short ones.

    Args:
        runs: as many as there are constants, or more.
        has_blocks: False where all blocks hold as many images, and what one takes is part of what they take.
    Raises:
        ValueError: too few runs, or their sizes cannot tell the parts apart.

    >>> fit_seconds([Run(1, 1, 5.102), Run(1000, 1, 7.1), Run(1000, 11, 8.1)])
    Line(start=5.0, an_image=0.002, a_block=0.1)
    """
    return _fit(runs, [run.seconds for run in runs], has_blocks=has_blocks)


def fit_bytes(runs: Sequence[Run], *, has_blocks: bool = True) -> Line:
    """Return the line through the peak memory of runs, as fit_seconds does."""
    return _fit(runs, [float(run.peak_bytes) for run in runs], has_blocks=has_blocks)


def _fit(runs: Sequence[Run], values: Sequence[float], *, has_blocks: bool) -> Line:
    sizes = [(run.num_images, run.num_blocks) for run in runs]
    rows = np.array([(1.0, images, blocks)[: 3 if has_blocks else 2] for images, blocks in sizes])
    scale = rows.max(axis=0, initial=1.0)
    if np.linalg.matrix_rank(rows / scale) < rows.shape[1]:
        raise ValueError(
            f"{len(rows)} runs of sizes {sorted(set(sizes))}; expected more that differ in images, "
            "and in blocks at an equal number of images"
        )
    weights = 1 / np.array(values)
    solved, _ = nnls(rows / scale * weights[:, None], np.ones(len(rows)))
    start, an_image, a_block = (float(f"{value:.10g}") for value in (*(solved / scale), 0.0)[:3])
    return Line(start, an_image, a_block)
