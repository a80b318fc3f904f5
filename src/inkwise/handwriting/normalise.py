"""The ink of one glyph -> the 28x28 that MNIST's makers would have made of it.

They scaled each digit to a box of 20x20 pixels, smoothing as they went, and put its centre of mass in
the middle of 28x28 (LeCun, Cortes, Burges). Their digits came from pens of one kind. Ours do not, so the
width of the line is brought into the range theirs has, by moving the outline along its distance field.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.ink import stroke_width
from inkwise.handwriting.paper import border_of

SIZE, BOX, CENTRE = 28, 20, 14.0  # MNIST's centres of mass lie about pixel 14, not about 13.5
STROKE_RANGE = (2.0, 4.0)  # of the line's width, in pixels of the 20-pixel box
SMALL = 28  # pixels of the longer side up to which grey says more than an outline
_WORKING_SIDE = 120  # pixels of the glyph's longer side while its outline is moved


def normalise_glyph(
    coverage: NDArray[np.uint8],
    *,
    stroke_range: tuple[float, float] = STROKE_RANGE,
    deslant: bool = False,
) -> NDArray[np.uint8]:
    """Return the MNIST form of one glyph, (28, 28) uint8, light on dark; all 0 where there is no ink.

    Args:
        coverage: (h, w) uint8, 0 paper to 255 ink; ink of other glyphs already removed.
        stroke_range: least and largest width of the line in pixels of the 20-pixel box.
        deslant: set the glyph upright. MNIST's makers did not.
    """
    glyph = _crop(coverage)
    if glyph is None:
        return np.zeros((SIZE, SIZE), np.uint8)
    if _is_small_and_grey(glyph) and not deslant:
        return _centre_small(glyph)
    outline = _enlarged(glyph)
    if deslant:
        outline = _upright(outline)
    distance = _signed_distance(outline)
    if not (distance > 0).any():  # specks so far apart that they vanish
        return np.zeros((SIZE, SIZE), np.uint8)
    per_pixel = max(_extent(distance > 0)) / BOX  # working pixels in one pixel of the box
    width = stroke_width(distance > 0)
    wanted = float(np.clip(width, stroke_range[0] * per_pixel, stroke_range[1] * per_pixel))
    moved = np.clip(distance + (wanted - width) / 2 + 0.5, 0, 1) * 255
    return _centre(moved.astype(np.float32))


def _crop(coverage: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    x, y, width, height = cv2.boundingRect((coverage > 127).astype(np.uint8))
    if not width:
        x, y, width, height = cv2.boundingRect((coverage > 0).astype(np.uint8))
    return coverage[y : y + height, x : x + width] if width else None


def _enlarged(glyph: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the glyph with a longer side of the working size and room around it, float32 0 to 255."""
    factor = _WORKING_SIDE / max(glyph.shape)
    size = (max(1, round(glyph.shape[1] * factor)), max(1, round(glyph.shape[0] * factor)))
    margin = round(_WORKING_SIDE * 0.2)
    pad = max(1, round(margin / factor))
    around = cv2.copyMakeBorder(glyph, pad, pad, pad, pad, cv2.BORDER_CONSTANT)
    size = (size[0] + round(2 * pad * factor), size[1] + round(2 * pad * factor))
    if factor < 1:
        return np.asarray(cv2.resize(around, size, interpolation=cv2.INTER_AREA), np.float32)
    large = cv2.resize(around, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(large, (0, 0), max(0.5, 0.45 * factor)))


def _upright(outline: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the glyph sheared so that its height no longer goes with its place: mu11 becomes 0."""
    moments = cv2.moments(outline)
    lean = float(np.clip(moments["mu11"] / max(moments["mu02"], 1e-6), -1, 1))
    middle = moments["m01"] / max(moments["m00"], 1e-6)
    reach = round(abs(lean) * outline.shape[0])
    wide = cv2.copyMakeBorder(outline, 0, 0, reach, reach, cv2.BORDER_CONSTANT)
    matrix = np.array([[1, -lean, lean * middle], [0, 1, 0]])
    return np.asarray(cv2.warpAffine(wide, matrix, wide.shape[::-1], flags=cv2.INTER_LINEAR), np.float32)


def _signed_distance(outline: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far inside the ink each pixel lies, in pixels; negative outside, 0 on the outline."""
    peak = float(outline.max())
    # A line thinner than a working pixel is fainter than half everywhere: half of its own peak is its edge.
    local = cv2.dilate(cv2.GaussianBlur(outline, (0, 0), 1.0), np.ones((9, 9), np.uint8))
    ink = (outline > 0.5 * np.clip(local, 0.35 * peak, 0.9 * peak)).astype(np.uint8)
    inside = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - ink, cv2.DIST_L2, 5)
    return np.asarray(np.where(ink > 0, inside - 0.5, 0.5 - outside), np.float32)


def _extent(mask: NDArray[np.bool_]) -> tuple[int, int]:
    _, _, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return max(1, height), max(1, width)


def _centre(glyph: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return glyph scaled to the 20-pixel box with its centre of mass in the middle of 28x28."""
    x, y, width, height = cv2.boundingRect((glyph > 127).astype(np.uint8))
    factor = BOX / max(width, height)
    fine = glyph[max(0, y - 4) : y + height + 4, max(0, x - 4) : x + width + 4]
    blurred = cv2.GaussianBlur(fine, (0, 0), 0.4 / factor)
    # One sampling at the sub-pixel place.
    shift = CENTRE - _centre_of_mass(fine) * factor
    matrix = np.array([[factor, 0, shift[0]], [0, factor, shift[1]]])
    small = cv2.warpAffine(blurred, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR)
    return np.asarray(np.clip(np.rint(small), 0, 255), np.uint8)


def _is_small_and_grey(glyph: NDArray[np.uint8]) -> bool:
    """Return whether the glyph has so few pixels that its greys say more than an outline through them."""
    is_grey = (glyph > 0) & (glyph < 255)
    return max(glyph.shape) <= SMALL and bool(is_grey.sum() > 0.2 * (glyph > 0).sum())


def _centre_small(glyph: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a glyph of a few pixels in the 20-pixel box, its greys as they are; sampled once, by cubics."""
    factor = BOX / max(glyph.shape)
    x, y = _centre_of_mass(glyph)
    down, across = (
        cubic_weights((np.arange(SIZE) - CENTRE) / factor + middle, length)
        for middle, length in ((y, glyph.shape[0]), (x, glyph.shape[1]))
    )
    return np.asarray(np.clip(np.rint(down @ glyph @ across.T), 0, 255), np.uint8)


def cubic_weights(places: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return how much each of length pixels weighs at each place: (places, length); beyond the edges is 0.

    Source: Keys, IEEE Transactions on Acoustics, Speech, and Signal Processing, 1981, with a = -0.75, as
    OpenCV has it.
    """
    distance = np.abs(places[:, None] - np.arange(length))
    near = 1.25 * distance**3 - 2.25 * distance**2 + 1
    far = -0.75 * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    return np.select([distance <= 1, distance < 2], [near, far], 0.0)


def is_mnist_form(pixels: NDArray[np.uint8]) -> bool:
    """Return whether pixels are already as MNIST's own, and are best left alone.

    They are light on dark, their ink spans 20 pixels (19 after rounding) of the 28, its centre of mass lies
    within half a pixel of (14, 14), and its edges are smoothed. All but 6 of MNIST's 10,000 test images
    answer yes, and no drawing of black and white alone.

    Args:
        pixels: (H, W) uint8.
    """
    if pixels.shape != (SIZE, SIZE) or not pixels.any():
        return False
    _, _, width, height = cv2.boundingRect((pixels > 0).astype(np.uint8))
    is_smoothed = ((pixels > 0) & (pixels < 255)).sum() > 0.2 * (pixels > 0).sum()
    off_centre = float(np.abs(_centre_of_mass(pixels) - CENTRE).max())
    is_placed = BOX - 1 <= max(width, height) <= BOX and off_centre < 0.51
    return bool(is_placed and is_smoothed and (border_of(pixels) > 0).mean() < 0.1)


def _centre_of_mass(grey: NDArray[Any]) -> NDArray[np.float64]:
    """Return (x, y) of the centre of mass; pixel 0 has its middle at 0."""
    moments = cv2.moments(grey)
    return np.array([moments["m10"], moments["m01"]]) / moments["m00"]
