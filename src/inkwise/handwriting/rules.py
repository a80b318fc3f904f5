"""The printed lines of ruled and squared paper: found by being thin, long and straight, and taken out.

A line may lean and bend a little, as on a photo. Where writing breaks it, its pieces are known by lying on
one line; where writing crosses it, the writing stays.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_MIN_SIDE = 60  # pixels of a picture in which print can be told from the bar of a digit
_MIN_PIECE = 0.1  # of the picture's side: shorter pieces may be strokes
_LONG_PIECE = 0.25  # ... and each line has one at least so long
_MIN_SPAN = 0.9  # of the side, from the first piece of a line to its last
_MIN_SHARE = 0.5  # of the side, that the pieces of a line among many cover ...
_LONE_SHARE = 0.9  # ... and those of a single one, which runs from edge to edge
_MANY = 3
_MAX_LEAN = 0.12  # rise over run
_MAX_SCATTER = 0.4  # of a line's pixels about its middle, in its thickness
_FAINTER = 0.7  # a lone line that touches the writing is printed only if it is so much fainter

Strength = NDArray[np.float32]
Mask = NDArray[np.bool_]


def remove_rules(strength: Strength, *, grain: float) -> tuple[Strength, int]:
    """Return strength with printed lines set to 0, and how many lines there were.

    Args:
        strength: (H, W) float32, by how many grey levels a pixel is darker than the paper.
        grain: standard deviation of the bare paper, in grey levels.
    """
    if min(strength.shape) < _MIN_SIDE:
        return strength, 0
    visible = strength > max(3 * grain, 8.0)
    num_level, level = _lines(visible, strength)
    num_upright, upright = _lines(np.ascontiguousarray(visible.T), np.ascontiguousarray(strength.T))
    if not num_level + num_upright:
        return strength, 0
    return np.where(level | upright.T, np.float32(0), strength), num_level + num_upright


@dataclass(frozen=True)
class _Piece:
    """A straight piece of a line: its component, its length, its lean (rise over run) and its middle."""

    label: int
    width: int
    slope: float
    x: float
    y: float


def _lines(visible: Mask, strength: Strength) -> tuple[int, Mask]:
    """Return how many lines run from left to right, and their pixels but those of writing across them."""
    rows, columns = visible.shape
    thickest = int(np.clip(0.012 * max(rows, columns) + 3, 4, 14))
    run = max(9, 2 * thickest, round(0.03 * columns)) | 1
    none = np.zeros_like(visible)
    if columns < 3 * run or rows < 3 * thickest:
        return 0, none
    tall = _open(visible, height=thickest + 1)  # writing, and lines the other way
    runs = _open(_close(visible & ~tall, width=thickest + 2), width=run)
    if not runs.any():
        return 0, none
    # A line that leans goes on one step up or down.
    joined = _close(runs, width=run, height=3).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lines = _on_one_line(
        _straight_pieces(np.where(visible, labels, 0), stats, thickest=thickest), tolerance=1.5 * thickest
    )
    lines = [line for line in lines if _runs_through(line, columns, span=_MIN_SPAN, share=_MIN_SHARE)]
    if len(lines) < _MANY:
        to_edges = 1 - 4 / columns
        lines = [line for line in lines if _runs_through(line, columns, span=to_edges, share=_LONE_SHARE)]
        lines = [line for line in lines if _is_printed(_pixels(labels, line), visible, strength)]
    if not lines:
        return 0, none
    pieces = [piece for line in lines for piece in line]
    # The smeared edge of a line belongs to it; what stands on it or crosses it does not.
    found = _dilate(_pixels(labels, pieces), width=3, height=3) & ~_open(visible, height=thickest + 3)
    return len(lines), found


def _straight_pieces(labels: NDArray[Any], stats: NDArray[Any], *, thickest: int) -> list[_Piece]:
    """Return the components that are pieces of nearly level lines."""
    pieces = []
    for label in np.flatnonzero(stats[1:, cv2.CC_STAT_WIDTH] > _MIN_PIECE * labels.shape[1]) + 1:
        x, y, width, height, _ = (int(value) for value in stats[label])
        if height > _MAX_LEAN * width + thickest:
            continue
        down, right = np.nonzero(labels[y : y + height, x : x + width] == label)
        if len(down) < width / 2:  # mostly gaps
            continue
        slope, offset = np.polyfit(right, down, 1)
        # A solid bar of thickness t scatters by 0.29 t about its middle; a row of writing by far more.
        if np.std(down - offset - slope * right) > _MAX_SCATTER * len(down) / width + 0.7:
            continue
        pieces.append(
            _Piece(int(label), width, float(slope), x + float(right.mean()), y + float(down.mean()))
        )
    return pieces


def _on_one_line(pieces: list[_Piece], *, tolerance: float) -> list[list[_Piece]]:
    """Return pieces in groups, each of which lies on one line, leaning as most of them lean."""
    if not pieces:
        return []
    slope = float(np.average([piece.slope for piece in pieces], weights=[piece.width for piece in pieces]))
    heights = np.array([piece.y - slope * piece.x for piece in pieces])
    order = heights.argsort()
    begins = np.diff(heights[order], prepend=-np.inf) > tolerance
    lines: list[list[_Piece]] = []
    for index, is_new in zip(order, begins, strict=True):
        if is_new:
            lines.append([])
        lines[-1].append(pieces[index])
    return lines


def _runs_through(line: list[_Piece], columns: int, *, span: float, share: float) -> bool:
    widths = [piece.width for piece in line]
    first = min(piece.x - piece.width / 2 for piece in line)
    last = max(piece.x + piece.width / 2 for piece in line)
    return (
        last - first > span * columns
        and sum(widths) > share * columns
        and max(widths) > _LONG_PIECE * columns
    )


def _pixels(labels: NDArray[Any], pieces: list[_Piece]) -> Mask:
    return np.isin(labels, [piece.label for piece in pieces])


def _is_printed(line: Mask, visible: Mask, strength: Strength) -> bool:
    """Return whether one line from edge to edge is printed: a 2 may have a foot as wide as the picture."""
    rest = visible & ~_dilate(line, height=7)
    if not rest.any():
        return False
    if float(np.median(strength[line & visible])) < _FAINTER * float(np.percentile(strength[rest], 80)):
        return True
    _, labels = cv2.connectedComponents((visible | line).astype(np.uint8), connectivity=8)
    touching = np.isin(labels, np.unique(labels[line]))
    return int(touching.sum()) < 1.5 * int((line & visible).sum())


def _open(mask: Mask, *, width: int = 1, height: int = 1) -> Mask:
    return _morph(cv2.MORPH_OPEN, mask, width=width, height=height)


def _close(mask: Mask, *, width: int = 1, height: int = 1) -> Mask:
    return _morph(cv2.MORPH_CLOSE, mask, width=width, height=height)


def _dilate(mask: Mask, *, width: int = 1, height: int = 1) -> Mask:
    return _morph(cv2.MORPH_DILATE, mask, width=width, height=height)


def _morph(operation: int, mask: Mask, *, width: int, height: int) -> Mask:
    changed = cv2.morphologyEx(mask.astype(np.uint8), operation, np.ones((height, width), np.uint8))
    return np.asarray(changed > 0)
