"""Digits that touch: where one mark of ink could be cut, and the best way through all that could be read."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_ROWS = 64  # height at which cuts are looked for: finer finds no other cuts
_SLANTS = (0.0, -0.4, 0.4)  # of the bands that cuts are looked for in, columns for each row
_SIDEWAYS = 0.2  # how far a cut may leave the middle of its band, in heights of the mark
_ASIDE, _PULL = 0.08, 0.02  # what a step aside costs, and what a row at the band's edge, in rows of ink
_THICKEST = 2.6  # ink a cut may cross, in widths of the line: two lines, no more
_LEAST_SLICE = 0.05  # least ink between two cuts, in that of a square of the mark's height
_CUTS_PER_SQUARE = 8.0  # most cuts of a mark, for each height that it is wide


@dataclass(frozen=True, eq=False)
class Cut:
    """A way from the top of a mark to its bottom that crosses little ink.

    Attributes:
        columns: (h,) float32, where the cut passes each row of the mark, in pixels of the page.
        top: the first row of the mark.
        crossed: the ink it crosses, in widths of the line.
        ink: to its left, where 1 is what a square of the mark's height holds: about one digit.
    """

    columns: NDArray[np.float32]
    top: int
    crossed: float
    ink: float

    def is_left_of(self, other: "Cut") -> bool:
        """Return whether this cut of the same mark nowhere lies to the right of other."""
        return bool((self.columns <= other.columns).all())


def find_cuts(
    coverage: NDArray[np.uint8], *, stroke_px: float, origin: tuple[int, int] = (0, 0)
) -> list[Cut]:
    """Return the cuts worth a try, from left to right by the ink before them; they may cross each other.

    Each is the cheapest way down, by dynamic programming over the rows, through a band around one column,
    upright or slanted: straight or bent, whichever crosses least ink.

    Args:
        coverage: (h, w) uint8, one mark's ink alone.
        stroke_px: width of the line in pixels of coverage.
        origin: x, y of coverage on the page.
    """
    height, width = coverage.shape
    scale = min(1.0, _ROWS / height)
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    ink = np.asarray(cv2.resize(coverage, size, interpolation=cv2.INTER_AREA) / 255, np.float32)
    paths = np.concatenate([_cheapest_paths(ink, slant) for slant in _SLANTS])
    rows = np.arange(size[1])
    aside = np.diff(paths, axis=1, prepend=paths[:, :1])
    crossed = (ink[rows, paths] * np.hypot(1, aside)).sum(axis=1) / max(1.0, stroke_px * scale)
    where = (np.arange(height) + 0.5) * size[1] / height - 0.5
    cuts = []
    left = _ink_left(ink, paths)
    for i in _distinct(left, crossed, squares=_squares(ink)):
        columns = origin[0] + (np.interp(where, rows, paths[i]) + 0.5) * width / size[0]
        cuts.append(Cut(columns.astype(np.float32), origin[1], float(crossed[i]), float(left[i].sum())))
    return cuts


def _cheapest_paths(ink: NDArray[np.float32], slant: float) -> NDArray[np.int64]:
    """Return (K, rows) columns: for each of K bands the way down that crosses least ink."""
    rows, columns = ink.shape
    reach = max(1, round(_SIDEWAYS * rows))
    # (K, rows): the middle of each band, upright or slanted.
    middles = np.arange(2, max(3, columns - 2), 2)[:, None] + np.rint(slant * (np.arange(rows) - rows / 2))
    middles = middles.astype(np.int64)
    offsets = np.arange(-reach, reach + 1)
    # A slight pull to the middle of the band keeps the ways straight where there is no ink.
    pull = _PULL * (np.abs(offsets) / reach).astype(np.float32)
    beyond = np.ones((rows, 2 * rows), np.float32)  # outside the mark a step costs as much as ink
    wide = np.concatenate([beyond, ink, beyond], axis=1)
    # Column 0 and the last one are walls on either side of the bands, so that each has two neighbours.
    total = np.full((len(middles), len(offsets) + 2), np.inf, np.float32)
    total[:, 1:-1] = 0.0
    came = np.zeros((rows, len(middles), len(offsets)), np.int8)
    for row in range(rows):
        here = wide[row][middles[:, row, None] + offsets + 2 * rows]
        drift = int(middles[0, row] - middles[0, max(0, row - 1)])
        # From the left, from above, from the right: a slanted step is longer, and crosses so much more ink.
        options = np.stack(
            [
                total[:, 1 + move : 1 + move + len(offsets)]
                + _ASIDE * abs(move)
                + here * math.hypot(1, drift - move)
                for move in (-1, 0, 1)
            ]
        )
        came[row] = options.argmin(axis=0) - 1
        total[:, 1:-1] = options.min(axis=0) + pull
    paths = _walked_back(came, total[:, 1:-1].argmin(axis=1)) - reach + middles
    return np.asarray(paths.clip(0, columns - 1), np.int64)


def _walked_back(came: NDArray[np.int8], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (K, rows) places within their bands of the ways that end at ends in the last row."""
    paths = np.empty((len(ends), len(came)), np.int64)
    place, which = ends.copy(), np.arange(len(ends))
    for row in range(len(came) - 1, -1, -1):
        paths[:, row] = place
        place = (place + came[row, which, place]).clip(0, came.shape[2] - 1)
    return paths


def _squares(ink: NDArray[np.float32]) -> float:
    return float(max(1.0, ink.shape[1] / ink.shape[0]))


def _ink_left(ink: NDArray[np.float32], paths: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (K, rows) float32: ink to the left of each way, row by row; a square of the mark holds 1."""
    before = np.pad(ink.cumsum(axis=1), ((0, 0), (1, 0))) * _squares(ink) / max(1e-6, float(ink.sum()))
    return np.asarray(before[np.arange(len(ink)), paths], np.float32)


def _distinct(left: NDArray[np.float32], crossed: NDArray[np.float32], *, squares: float) -> list[int]:
    """Return the ways to keep, by the ink to their left: the cheapest first, each apart from those before."""
    kept: list[int] = []
    for i in np.argsort(crossed, kind="stable"):
        if crossed[i] > _THICKEST or len(kept) >= math.ceil(_CUTS_PER_SQUARE * squares):
            break
        is_inside = _LEAST_SLICE <= left[i].sum() <= squares - _LEAST_SLICE
        if is_inside and (np.abs(left[kept] - left[i]).sum(axis=1) > _LEAST_SLICE).all():
            kept.append(int(i))
    return sorted(kept, key=lambda i: float(left[i].sum()))


def best_path(num_nodes: int, scores: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """Return the steps (i, j) from node 0 to the last whose scores add up to most; [] if none lead there.

    Args:
        num_nodes: nodes are numbered in reading order.
        scores: of the step from node i to node j > i, by (i, j).

    >>> best_path(4, {(0, 1): -1.0, (1, 2): -2.0, (2, 3): -0.1, (0, 2): -0.5})
    [(0, 2), (2, 3)]
    """
    best = [0.0] + [-math.inf] * (num_nodes - 1)
    came = [-1] * num_nodes
    for (begin, end), score in sorted(scores.items(), key=lambda item: item[0][1]):
        if best[begin] + score > best[end]:
            best[end], came[end] = best[begin] + score, begin
    steps: list[tuple[int, int]] = []
    end = num_nodes - 1
    while end > 0 and came[end] >= 0:
        steps.append((came[end], end))
        end = came[end]
    return steps[::-1]
