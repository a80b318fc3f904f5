"""Marks: the connected pieces of ink on a page, which certainly belong together, how far the rest are apart.

Decided here by geometry alone. What geometry leaves open (a bar beside a 5, two digits that touch) is decided
in page.py by what the recogniser says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_EDGE = 64  # coverage at which ink begins; find_ink follows a fading line about as far
_MAX_MARKS = 1500  # more are a texture, not writing
_SKIPS = (1.2, 2.0, 3.3, 5.0)  # gaps across which a line is taken to go on, in its widths
_WIDEST_SKIP = 0.25  # the widest of them, in heights of a digit
_MUCH_HIGHER, _TWO_LINES = 1.2, 2.0  # times as high as before: marks are pieces of digits; lines run together
_WIDEST_DIGITS, _MOST_ELONGATED = 0.8, 2.2  # least and greatest height by width of most digits
_DOT = 4.0  # widths of the line, below which a mark is only a dot of it
_CUT_OFF = 0.45  # depth, in heights of a digit, of what the picture's edge left of a neighbour
_CRUMB_GAP = 0.15  # gap, in heights of a digit, across which a piece may still belong to a digit
Box = tuple[int, int, int, int]  # x, y, width, height

NEAR = 0.35  # gap, in heights of a digit, beyond which nothing belongs to one digit


@dataclass(frozen=True)
class Marks:
    """Pieces of ink, numbered from 0.

    Attributes:
        labels: (h, w) int32, 0 where there is no ink, i + 1 on mark i; a cut-out of the page.
        coverage: (h, w) uint8, the ink of the same cut-out.
        origin: x, y of the cut-out on the page.
        boxes: (N, 4) int64 x, y, width, height of each mark within the cut-out.
        gaps: the empty pixels between two marks i < j that are neighbours, by (i, j).
        num_left_out: marks beyond the number that writing can have.
    """

    labels: NDArray[np.int32]
    coverage: NDArray[np.uint8]
    origin: tuple[int, int]
    boxes: NDArray[np.int64]
    gaps: dict[tuple[int, int], float]
    num_left_out: int = 0


@dataclass(frozen=True)
class Scale:
    """How large the writing on a page is.

    Attributes:
        height: of its digits, in pixels.
        skip: the widest gap across which a line of the pen is taken to go on, in pixels.
    """

    height: float
    skip: float


def find_marks(coverage: NDArray[np.uint8], *, stroke_px: float) -> Marks:
    """Return the connected pieces of ink, without those too small to be a dot of the pen.

    Args:
        coverage: (H, W) uint8, 0 paper to 255 ink.
        stroke_px: width of the line in pixels of coverage.
    """
    x, y, width, height = cv2.boundingRect((coverage >= _EDGE).astype(np.uint8))
    # One pixel around, where the anti-aliased edge of the ink lies.
    top, left = max(0, y - 1), max(0, x - 1)
    cutout = coverage[top : y + height + 1, left : x + width + 1] if width else coverage[:0, :0]
    if not width:
        return Marks(np.zeros((0, 0), np.int32), cutout, (0, 0), np.zeros((0, 4), np.int64), {})
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (cutout >= _EDGE).astype(np.uint8), connectivity=8
    )
    areas = stats[:, cv2.CC_STAT_AREA]
    is_kept = areas >= max(2.0, 0.3 * stroke_px**2)
    is_kept[0] = False
    num_left_out = max(0, int(is_kept.sum()) - _MAX_MARKS)
    if num_left_out:
        largest = np.argsort(np.where(is_kept, areas, 0), kind="stable")[-_MAX_MARKS:]
        is_kept[:] = False
        is_kept[largest] = True
    number = np.zeros(count, np.int32)
    number[is_kept] = np.arange(1, is_kept.sum() + 1)
    labels = number[labels]
    boxes = stats[is_kept, :4].astype(np.int64)
    return Marks(labels, cutout, (left, top), boxes, _gaps(labels, stroke_px), num_left_out)


def _gaps(labels: NDArray[np.int32], stroke_px: float) -> dict[tuple[int, int], float]:
    """Return the empty pixels between each two marks with nothing nearer between them, by (i, j), i < j."""
    step = max(1, int(stroke_px / 2.5))  # a line still holds two samples
    sampled = np.ascontiguousarray(labels[::step, ::step])
    if sampled.max(initial=0) < 1:
        return {}
    distance, nearest = cv2.distanceTransformWithLabels(
        (sampled == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owners = np.zeros(int(nearest.max()) + 1, np.int64)
    owners[nearest[sampled > 0]] = sampled[sampled > 0]
    owner = owners[nearest]
    gaps: dict[tuple[int, int], float] = {}
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        first, second = owner[here], owner[there]
        borders = np.nonzero(first != second)
        empty = (distance[here] + distance[there])[borders] * step
        keys = np.sort(np.stack([first[borders], second[borders]]), axis=0)
        for i, j, gap in _least(keys, empty):
            gaps[i - 1, j - 1] = min(gap, gaps.get((i - 1, j - 1), np.inf))
    return gaps


def _least(keys: NDArray[np.int64], values: NDArray[np.float32]) -> Iterator[tuple[int, int, float]]:
    """Yield each pair of keys (2, M) once, with the least of its values (M,)."""
    order = np.lexsort((values, keys[1], keys[0]))
    keys, values = keys[:, order], values[order]
    is_first = np.ones(len(values), bool)
    is_first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    for (i, j), value in zip(keys[:, is_first].T.tolist(), values[is_first].tolist(), strict=True):
        yield i, j, value


def find_scale(marks: Marks, *, stroke_px: float) -> Scale:
    """Return how high the page's digits are, and how far the pen skipped in them.

    Wider and wider gaps are closed for a try. A skip is as wide as the last one that made the marks much
    higher without making them too high for their width, as two lines of writing joined into one would be.

    Args:
        marks: one or more.
        stroke_px: width of the line in pixels.
    """
    tries = (_scale(marks, skip * stroke_px) for skip in _SKIPS)
    scale, _ = next(tries)
    for wider, elongation in tries:
        is_dot = scale.height < _DOT * stroke_px
        if wider.skip > _WIDEST_SKIP * wider.height or (
            wider.height > _TWO_LINES * scale.height and not is_dot
        ):
            break
        if wider.height > _MUCH_HIGHER * scale.height and _WIDEST_DIGITS < elongation < _MOST_ELONGATED:
            scale = wider
    return scale


def _scale(marks: Marks, skip: float) -> tuple[Scale, float]:
    """Return the scale when gaps up to skip are closed, and the median height by width of the high marks.

    The height is the median by ink: half of the height of all marks stands in marks at least so high.
    """
    groups = _groups(len(marks.boxes), [pair for pair, gap in marks.gaps.items() if gap <= skip])
    sizes = np.array([_union(marks.boxes[group])[2:] for group in groups])
    heights = np.sort(sizes[:, 1])[::-1]
    height = float(heights[np.searchsorted(heights.cumsum(), heights.sum() / 2)])
    high = sizes[sizes[:, 1] >= 0.6 * height]
    return Scale(height, skip), float(np.median(high[:, 1] / high[:, 0]))


def join_marks(marks: Marks, scale: Scale) -> Marks:
    """Return marks with those joined that certainly are one digit: a pen that skipped, a slash in a 0, grain.

    Two digits side by side are never joined here, however close.
    """
    parents = list(range(len(marks.boxes)))
    boxes = marks.boxes.copy()
    for (i, j), gap in sorted(marks.gaps.items(), key=lambda item: item[1]):
        if gap > max(scale.skip, _CRUMB_GAP * scale.height):
            break
        a, b = _root(parents, i), _root(parents, j)
        if a != b and _is_one_digit(boxes[a], boxes[b], gap=gap, scale=scale):
            parents[max(a, b)] = min(a, b)
            boxes[min(a, b)] = _union(boxes[[a, b]])
    roots = [_root(parents, i) for i in range(len(parents))]
    return _renumbered(marks, roots, boxes)


def _is_one_digit(a: NDArray[np.int64], b: NDArray[np.int64], *, gap: float, scale: Scale) -> bool:
    """Return whether two marks so far apart can only be parts of one digit."""
    shared = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    smaller, larger = sorted((max(a[2:]) / scale.height, max(b[2:]) / scale.height))
    _, _, width, height = _union(np.stack([a, b])) / scale.height
    if height > 1.4 or width > 1.4:
        return bool(smaller < 0.1)
    is_above = shared >= 0.6 * min(a[2], b[2])  # digits stand side by side
    if gap > scale.skip:  # pieces that make up a digit only together; a crumb may be dust
        return bool(height < 1.15 and width < 0.9 and (smaller > 0.2 and (larger < 0.6 or is_above)))
    return bool(smaller < 0.55 or is_above)


def drop_cut_off(marks: Marks, scale: Scale, shape: tuple[int, int]) -> Marks:
    """Return marks without the strokes of a neighbour that the picture's edge cuts off.

    Where all other high marks keep clear of the edges, so would this one if it were written there; its own
    crumbs are near it.

    Args:
        marks: of a page, joined.
        scale: of its writing.
        shape: height and width of the page in pixels.
    """
    start = marks.boxes[:, :2] + marks.origin
    end = start + marks.boxes[:, 2:]
    at_edge = (start <= 0) | (end >= np.array(shape[::-1]))  # (N, 2): beside, and above or below
    is_shallow = at_edge & (marks.boxes[:, 2:] < _CUT_OFF * scale.height)
    is_high = marks.boxes[:, 3] >= 0.5 * scale.height
    cut_off = set(np.flatnonzero(is_shallow.any(axis=1)).tolist())
    others = [i for i in np.flatnonzero(is_high).tolist() if i not in cut_off]
    if not others or at_edge[others].any():
        return marks
    for pair, gap in marks.gaps.items():
        if gap < _CRUMB_GAP * scale.height and not cut_off.issuperset(pair):
            cut_off -= set(pair)
    return _only(marks, [i for i in range(len(marks.boxes)) if i not in cut_off])


def _only(marks: Marks, kept: list[int]) -> Marks:
    """Return the marks of these numbers alone, numbered from 0 again."""
    place = {mark: new for new, mark in enumerate(kept)}
    number = np.zeros(len(marks.boxes) + 1, np.int32)
    number[np.array(kept) + 1] = np.arange(1, len(kept) + 1)
    gaps = {(place[i], place[j]): gap for (i, j), gap in marks.gaps.items() if i in place and j in place}
    boxes = marks.boxes[kept]
    return Marks(number[marks.labels], marks.coverage, marks.origin, boxes, gaps, marks.num_left_out)


def _union(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    start = boxes[:, :2].min(axis=0)
    return np.concatenate([start, (boxes[:, :2] + boxes[:, 2:]).max(axis=0) - start])


def _groups(count: int, pairs: list[tuple[int, int]]) -> list[list[int]]:
    parents = list(range(count))
    for i, j in pairs:
        a, b = _root(parents, i), _root(parents, j)
        parents[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for i in range(count):
        groups.setdefault(_root(parents, i), []).append(i)
    return list(groups.values())


def _root(parents: list[int], i: int) -> int:
    while parents[i] != i:
        parents[i] = i = parents[parents[i]]
    return i


def _renumbered(marks: Marks, roots: list[int], boxes: NDArray[np.int64]) -> Marks:
    """Return marks where each takes the number of its root, and these run from 0 again."""
    kept = sorted(set(roots))
    place = {root: new for new, root in enumerate(kept)}
    new = [place[root] for root in roots]
    gaps: dict[tuple[int, int], float] = {}
    for (i, j), gap in marks.gaps.items():
        a, b = sorted((new[i], new[j]))
        if a != b:
            gaps[a, b] = min(gap, gaps.get((a, b), np.inf))
    labels = np.array([0, *(number + 1 for number in new)], np.int32)[marks.labels]
    return Marks(labels, marks.coverage, marks.origin, boxes[kept], gaps, marks.num_left_out)
