"""A given 28x28 digit drawn again: at any size, with any pen.

The digit becomes a field of distances, which can be enlarged without steps at its edges; a line of another
width is the same field cut at another distance. A much thinner pen follows the middle of the strokes.
"""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 28
UNIT_PX = 20  # the box into which MNIST's makers fitted a digit: its height is the unit of Writing, too
_TIMES = 4  # the field is this much finer than the image
_SOFT = 1.6  # points by which the field is blurred: it takes out the steps that the image's pixels leave
_HALF = 118  # the grey value at the edge of a full stroke
_FAINT = 42  # ... and of the faintest that is one


def redraw(image: NDArray[np.uint8], *, unit_px: float, stroke_px: float | None = None) -> NDArray[np.uint8]:
    """Return the digit of `image`, larger or smaller, cut out with a margin of one pixel.

    Args:
        image: (28, 28) uint8, light ink on black.
        unit_px: height that MNIST's 20-pixel box is to have.
        stroke_px: width of the new line; None: as wide as the old one, in proportion.
    Returns:
        (h, w) uint8, 0 paper to 255 ink, anti-aliased; (1, 1) zeros for an image without ink.
    """
    mask = _mask(image)
    if not mask.any():
        return np.zeros((1, 1), dtype=np.uint8)
    scale = unit_px / (UNIT_PX * _TIMES)  # pixels of the result per point of the field
    field = _outside(mask, None if stroke_px is None else stroke_px / scale) * scale
    return _cut(_enlarged(field, scale))


def _mask(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return where the enlarged image is at least half as bright as its stroke is nearby, as 0 and 1.

    A thin line has no full pixel, so half of full brightness would break it.
    """
    fine = cv2.resize(image, (SIDE * _TIMES, SIDE * _TIMES), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(fine, (0, 0), 0.4 * _TIMES).astype(np.float32)
    nearby = cv2.dilate(soft, np.ones((2 * _TIMES + 1, 2 * _TIMES + 1), np.uint8))
    mask = np.asarray(soft >= (0.5 * nearby).clip(_FAINT, _HALF), np.uint8)
    # Beside a full stroke a faint one that meets it is held to the other's half: close that gap.
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((_TIMES + 1, _TIMES + 1), np.uint8))
    return np.asarray(mask | ((closed > 0) & (soft >= _FAINT)), np.uint8)


def stroke_width(mask: NDArray[np.uint8]) -> float:
    """Return about how wide the strokes of a mask of 0 and 1 are, in pixels; 0 if there are none."""
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    ridge = inside[(inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8)) - 1e-3) & (inside > 0.5)]
    return 2 * float(np.median(ridge)) - 1 if len(ridge) else 0.0


def _outside(mask: NDArray[np.uint8], width: float | None) -> NDArray[np.float32]:
    """Return the distance of each point from the edge of a line of that width; negative inside."""
    old = stroke_width(mask)
    if width is not None and width < 0.7 * old:
        away = cv2.distanceTransform(1 - thin(mask), cv2.DIST_L2, 5)
        return np.asarray(cv2.GaussianBlur(away, (0, 0), _SOFT) - _blurred_distance(width / 2), np.float32)
    edge = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5) - cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    wider = 0.0 if width is None else (width - old) / 2
    return np.asarray(cv2.GaussianBlur(edge, (0, 0), _SOFT) - wider, np.float32)


def _blurred_distance(distance: float) -> float:
    """Return what the blur makes of a distance from a line: the mean of |distance + normal noise|."""
    spread = distance / (_SOFT * math.sqrt(2))
    return _SOFT * math.sqrt(2 / math.pi) * math.exp(-spread * spread) + distance * math.erf(spread)


def _enlarged(field: NDArray[np.float32], scale: float) -> NDArray[np.uint8]:
    """Return the coverage of the field's inside; distances are in pixels of the result already."""
    if scale < 1:
        # Small results are drawn four times as large and averaged: one sample a pixel would miss thin lines.
        side = max(4, round(len(field) * scale) * 4)
        large = cv2.resize(field, (side, side), interpolation=cv2.INTER_LINEAR)
        covered = np.clip(127.5 - large * (4 * 255), 0, 255).astype(np.uint8)
        return np.asarray(cv2.resize(covered, (side // 4, side // 4), interpolation=cv2.INTER_AREA), np.uint8)
    side = max(1, round(len(field) * scale))
    large = cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(127.5 - large * 255, 0, 255), np.uint8)


def _cut(coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    left, top, width, height = cv2.boundingRect(coverage)
    return np.pad(coverage[top : top + height, left : left + width], 1)


def thin(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the middle lines of a mask of 0 and 1, one pixel wide, as 0 and 1.

    Source: Guo, Hall, Communications of the ACM 32, 1989, algorithm A1.
    """
    thinned = np.pad(mask, 1)
    while True:
        before = thinned
        for removable in _removable():
            thinned = thinned & ~removable[_neighbourhoods(thinned)]
        if np.array_equal(thinned, before):
            return thinned[1:-1, 1:-1]


def _neighbourhoods(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the eight neighbours of each pixel as a byte: bit 0 is above, then with the clock."""
    code = np.zeros_like(mask)
    inner = code[1:-1, 1:-1]
    places = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    height, width = mask.shape
    for bit, (row, column) in enumerate(places):
        inner |= mask[row : row + height - 2, column : column + width - 2] << bit
    return code


@cache
def _removable() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return for each neighbourhood 1 if its pixel may go, in the first and in the second pass."""
    tables = (np.zeros(256, dtype=np.uint8), np.zeros(256, dtype=np.uint8))
    for code in range(256):
        n, ne, e, se, s, sw, w, nw = (code >> bit & 1 for bit in range(8))
        crossings = sum(((1 - a) & (b | c)) for a, b, c in ((n, ne, e), (e, se, s), (s, sw, w), (w, nw, n)))
        pairs = min((nw | n) + (ne | e) + (se | s) + (sw | w), (n | ne) + (e | se) + (s | sw) + (w | nw))
        if crossings == 1 and 2 <= pairs <= 3:
            tables[0][code] = not ((n | ne | (1 - se)) & e)
            tables[1][code] = not ((s | sw | (1 - nw)) & w)
    return tables
