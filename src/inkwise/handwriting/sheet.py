"""The sheet in a photo that shows a table too: what lies beside it is no writing."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.paper import border_of

_SIDE = 240  # pixels of the longer side on which the sheet is looked for
_MIN_PICTURE = 100  # pixels of the shorter side: nobody's photo of a table is smaller
_SHARE = (0.12, 0.97)  # of the picture, least and most
_MIN_SOLIDITY = 0.93  # of the sheet's outline and its convex hull: sheets have no bays
_MAX_RING = 0.5  # of the picture's edge may be sheet; what shows less of a table may be a shadow
_MIN_STEP = 18.0  # grey levels between sheet and table
_MAX_LIGHT_BESIDE = 0.15  # of what lies beside the sheet
_MARGIN = 0.012  # of the longer side that is cut from the sheet: its shadow and its torn edge


def find_sheet(channel: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Return where the sheet lies, (H, W) bool, or None where the paper fills the picture.

    Args:
        channel: (H, W) float32, 0 to 255, paper lighter than ink.
    """
    rows, columns = channel.shape
    if min(rows, columns) < _MIN_PICTURE:
        return None
    factor = min(1.0, _SIDE / max(rows, columns))
    size = (max(1, round(columns * factor)), max(1, round(rows * factor)))
    small = np.clip(cv2.resize(channel, size, interpolation=cv2.INTER_AREA), 0, 255).astype(np.uint8)
    # Writing is filled in first: it must not cut the sheet in two.
    small = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    _, light = cv2.threshold(small, 0, 1, cv2.THRESH_OTSU)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(light, np.uint8), connectivity=4)
    if count < 2:
        return None
    label = int(stats[1:, cv2.CC_STAT_AREA].argmax()) + 1
    sheet = np.asarray(labels == label)
    hull = _hull(sheet)
    if border_of(hull).mean() > _MAX_RING or not _is_sheet(sheet, hull, small) or _is_paper_too(light, hull):
        return None
    margin = 2 * round(_MARGIN * max(small.shape)) + 1
    inside = cv2.erode(hull.astype(np.uint8), np.ones((margin, margin), np.uint8), borderValue=1)
    return np.asarray(cv2.resize(inside, (columns, rows), interpolation=cv2.INTER_NEAREST) > 0)


def _is_paper_too(light: Any, hull: NDArray[np.bool_]) -> bool:
    """Return whether much outside the hull is light: then it is the inside of a 0, not a sheet."""
    return float(light[~hull].mean()) > _MAX_LIGHT_BESIDE


def _hull(sheet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    outlines, _ = cv2.findContours(sheet.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    filled = np.zeros(sheet.shape, np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(np.concatenate(outlines)), 1)
    return filled > 0


def _is_sheet(sheet: NDArray[np.bool_], hull: NDArray[np.bool_], small: NDArray[Any]) -> bool:
    if not _SHARE[0] < hull.mean() < _SHARE[1]:
        return False
    if sheet.sum() < _MIN_SOLIDITY * hull.sum():
        return False
    # The step is taken across the outline: light that falls off slowly has none there.
    square = np.ones((7, 7), np.uint8)
    inner = hull & ~(cv2.erode(hull.astype(np.uint8), square, borderValue=1) > 0)
    outer = ~hull & (cv2.dilate(hull.astype(np.uint8), square) > 0)
    return float(np.percentile(small[inner], 30) - np.percentile(small[outer], 60)) > _MIN_STEP
