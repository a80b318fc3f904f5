"""Whether the writing on a picture is darker or lighter than what it stands on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.paper import border_of, shrink
from inkwise.handwriting.sheet import find_sheet

_SIDE = 96  # pixels of the longer side; what is left of the grain of a photo there is little
_CLEAR = 0.85  # share of the variance between two greys (Otsu), from which a picture is of two greys
_BORDER = 0.1  # of the border, at most, may be of the other grey than its ground
_GROUND = 0.5  # of the shorter side: the window whose median is the ground
_WIDE = 0.2  # of the shorter side: what is wider than this is light or shadow, not writing

Grey = NDArray[np.uint8]


def has_light_ink(grey: Grey) -> bool:
    """Return whether the writing is lighter than its ground.

    Where the picture is of two greys and one of them has the border, that one is the ground. Elsewhere the
    narrow things decide that stand out from the ground around them, which may be uneven: whether more of
    them, by the square of the difference, are darker or lighter.

    Args:
        grey: (H, W) uint8.
    """
    small = shrink(_on_sheet(grey), _SIDE)
    threshold, _ = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    is_dark = small <= threshold
    ring = float(border_of(is_dark).mean())
    if min(ring, 1 - ring) < _BORDER and _variance_between(small, is_dark) > _CLEAR:
        return ring > 0.5
    window = max(3, int(_GROUND * min(small.shape)) | 1)
    difference = small.astype(np.float32) - cv2.medianBlur(small, window)
    spread = max(1.0, 1.4826 * float(np.median(np.abs(difference))))
    least = max(3 * spread, 6.0)
    return _energy(difference, difference > least) > _energy(difference, difference < -least)


def _on_sheet(grey: Grey) -> Grey:
    """Return what lies on the sheet of a photo that shows a table too, or grey itself."""
    sheet = find_sheet(grey.astype(np.float32))
    if sheet is None:
        return grey
    rows, columns = np.nonzero(sheet)
    filled = np.where(sheet, grey, np.uint8(np.median(grey[sheet])))
    return np.asarray(filled[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], np.uint8)


def _variance_between(grey: Grey, is_dark: NDArray[np.bool_]) -> float:
    """Return which share of the variance of grey lies between its dark and its light part."""
    share = float(is_dark.mean())
    if share in (0.0, 1.0):
        return 0.0
    step = float(grey[~is_dark].mean()) - float(grey[is_dark].mean())
    return share * (1 - share) * step**2 / max(float(grey.var()), 1e-6)


def _energy(difference: NDArray[np.float32], stands_out: NDArray[np.bool_]) -> float:
    """Return the sum of squared differences over what stands out and is narrow."""
    mask = stands_out.astype(np.uint8)
    side = int(_WIDE * min(mask.shape)) | 1
    wide = cv2.morphologyEx(
        mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8), borderType=cv2.BORDER_REPLICATE
    )
    narrow = stands_out & (cv2.dilate(wide, np.ones((7, 7), np.uint8)) == 0)
    return float((difference[narrow] ** 2).sum())
