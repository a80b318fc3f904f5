"""Which boxes on a page stand in one line of writing, and how far the page is tilted: geometry alone."""

import numpy as np
from numpy.typing import NDArray

_STEEPEST = 0.45  # of a line of writing, vertical for horizontal: about 24 degrees
_LEAST_OVERLAP = 0.35  # of two neighbours' heights, as a share of the lower one's, to stand in one line
_LEAST_DROPPED = 0.15  # the same for a last digit that slid below the others, where nothing else is beside it


def estimate_tilt(boxes: NDArray[np.int64]) -> float:
    """Return how much lines of writing fall to the right, as a slope; 0 where fewer than four boxes tell.

    Each box is compared with its nearest neighbour to the right; the median of their slopes does not mind
    a tall 7 or a neighbour taken from the wrong line.

    Args:
        boxes: (N, 4) x, y, width, height in pixels, of whole digits.
    """
    if len(boxes) < 4:
        return 0.0
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    across = centres[None, :, 0] - centres[:, None, 0]
    down = centres[None, :, 1] - centres[:, None, 1]
    is_neighbour = (across > 0.3 * np.median(boxes[:, 3])) & (np.abs(down) < _STEEPEST * across)
    distance = np.where(is_neighbour, np.hypot(across, 2 * down), np.inf)
    nearest = distance.argmin(axis=1)
    rows = np.flatnonzero(np.isfinite(distance.min(axis=1)))
    if len(rows) < 3:
        return 0.0
    return _shallowest(down[rows, nearest[rows]] / across[rows, nearest[rows]])


def _shallowest(slopes: NDArray[np.float64]) -> float:
    """Return the median slope, or 0 where the slopes scatter so that they could as well be level."""
    middle = float(np.median(slopes))
    error = 1.25 * float(np.median(np.abs(slopes - middle))) * 1.48 / len(slopes) ** 0.5
    return middle if abs(middle) > 2 * error else 0.0


def group_lines(boxes: NDArray[np.int64], *, tilt: float = 0.0) -> list[NDArray[np.int64]]:
    """Return for each line of writing, top to bottom, the indices of its boxes from left to right.

    Args:
        boxes: (N, 4) x, y, width, height in pixels, of whole digits.
        tilt: the slope of the lines, as estimate_tilt returns it.

    >>> group_lines(np.array([[50, 2, 8, 20], [10, 0, 8, 20], [12, 40, 8, 20]]))
    [array([1, 0]), array([2])]
    """
    if not len(boxes):
        return []
    middles = boxes[:, 0] + boxes[:, 2] / 2
    tops = boxes[:, 1] - tilt * middles
    spans = np.stack([tops, tops + boxes[:, 3]], axis=1)
    lines: list[list[int]] = []
    for index in np.argsort(middles, kind="stable"):
        _join_line(lines, int(index), spans)
    lines = _with_dropped(lines, spans, boxes)
    lines.sort(key=lambda line: float(np.median(spans[line].mean(axis=1))))
    return [np.array(line, np.int64) for line in lines]


def _join_line(lines: list[list[int]], index: int, spans: NDArray[np.float64]) -> None:
    """Put a box at the end of the line whose last boxes stand beside it, or begin a line with it."""
    # The last three, for one low 2 between two tall 7s must not hide the second from the first.
    beside = [max(_overlap(spans[index], spans[other]) for other in line[-3:]) for line in lines]
    if beside and max(beside) >= _LEAST_OVERLAP:
        lines[int(np.argmax(beside))].append(index)
    else:
        lines.append([index])


def _overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the share of the shorter of two spans (start, end) that the other covers; below 0 apart."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return float(shared / max(1.0, min(a[1] - a[0], b[1] - b[0])))


def _with_dropped(
    lines: list[list[int]], spans: NDArray[np.float64], boxes: NDArray[np.int64]
) -> list[list[int]]:
    """Return lines, each put at the end of another that it goes on: beside it, and sharing some height."""
    merged: list[list[int]] = []
    for line in sorted(lines, key=lambda line: boxes[line, 0].min()):
        for other in merged:
            left, right = boxes[other], boxes[line]
            is_beside = (left[:, 0] + left[:, 2]).max() <= right[:, 0].min()
            span = [np.array([spans[part][:, 0].min(), spans[part][:, 1].max()]) for part in (other, line)]
            if is_beside and _overlap(span[0], span[1]) >= _LEAST_DROPPED:
                other.extend(line)
                break
        else:
            merged.append(list(line))
    return merged
