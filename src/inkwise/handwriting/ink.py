"""Where a picture holds ink and how much, and by which steps that was found."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.paper import (
    Strength,
    ink_channel,
    ink_strength,
    level_light,
    shrink,
    smooth_grain,
    thinned,
    tight_margin,
    to_grey,
    widen,
)
from inkwise.handwriting.polarity import has_light_ink
from inkwise.handwriting.rules import remove_rules
from inkwise.handwriting.sheet import find_sheet

MIN_CONTRAST = 14.0  # grey levels between paper and ink, below which nobody sees a line
MIN_SIGNAL = 5.0  # ... and in standard deviations of the paper's grain
_LOW, _HIGH = 0.32, 0.55  # of the ink's level: a line begins above the second and runs on above the first
# Of the side of a square as large as the picture: what is narrower is looked for, lines first, then all.
_KERNELS = (0.18, 0.5)
_NEAR = 4.0  # widths of the pen: what is narrower is certainly no paper, even across the edge of a shadow
_AS_DENSE = 0.5  # of the share of a sheet that is ink: with so much of it written on, a table is paper too
_LIGHTER = 0.2  # of the level of the lines, by which a shadow is lighter than they are
_CRUMB = 0.05  # of the area of the largest piece
_AS_DARK = 0.25  # of the level: so much lighter than the ink a blot may be on average
_FIRST_SIDE = 640  # pixels of the longer side on which the width of the pen is first measured

Coverage = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Step:
    """One thing that was done to a picture on the way to its ink.

    Attributes:
        name: of the step, one or two words.
        text: what it found or did, one sentence for a person.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Ink:
    """The writing on a picture, everything else removed.

    Attributes:
        coverage: (H, W) uint8, 0 paper to 255 full ink, anti-aliased; 0 wherever there is no writing.
        stroke_px: the median width of the pen's line, in pixels of coverage; 0 where there is no ink.
        is_light_on_dark: the polarity that was found.
        steps: what was done, in order.
    """

    coverage: Coverage
    stroke_px: float
    is_light_on_dark: bool
    steps: tuple[Step, ...]


def find_ink(pixels: NDArray[np.uint8]) -> Ink:
    """Return the writing on a picture.

    Args:
        pixels: (H, W) grey or (H, W, 3) RGB, uint8, upright.
    """
    grey = pixels if pixels.ndim == 2 else to_grey(pixels)
    margin = tight_margin(grey)
    if not margin:
        return _find_ink(pixels, grey)
    # Plain as its border is, there is more of the same paper around.
    ink = _find_ink(widen(pixels, margin), widen(grey, margin))
    inside = (slice(margin, -margin), slice(margin, -margin))
    return replace(ink, coverage=np.ascontiguousarray(ink.coverage[inside]))


def _find_ink(pixels: NDArray[np.uint8], grey: NDArray[np.uint8]) -> Ink:
    is_light = has_light_ink(grey)
    steps = [Step("polarity", "Light ink on dark ground." if is_light else "Dark ink on light ground.")]
    channel = level_light(smooth_grain(ink_channel(~pixels if is_light else pixels)))
    sheet = find_sheet(channel)
    found = _find_strokes(channel, sheet)
    if sheet is not None and _is_written_beside(sheet, found, whole := _find_strokes(channel, None)):
        sheet, found = None, whole
    if sheet is not None:
        steps.append(
            Step("sheet", f"What lies beside the sheet, {1 - sheet.mean():.0%} of the picture, is left out.")
        )
    if found.num_rules:
        steps.append(Step("rules", f"Printed lines taken out: {found.num_rules}."))
    level, stroke_px = found.level, found.stroke_px
    if not stroke_px:
        steps.append(Step("ink", "Nothing stands out from the ground."))
        return Ink(np.zeros(pixels.shape[:2], np.uint8), 0.0, is_light, tuple(steps))
    steps.append(
        Step(
            "ink",
            f"Ink is {level:.0f} of 255 grey levels from the ground; lines are {stroke_px:.1f} px wide.",
        )
    )
    mask = fill_blots(found.mask, channel, level)
    mask, num_specks, num_edges = drop_debris(mask, stroke_px)
    if num_specks or num_edges:
        steps.append(Step("debris", f"Specks left out: {num_specks}; marks at the edge: {num_edges}."))
    coverage = to_coverage(found.strength, mask, level)
    coverage[mask & ~found.mask] = 255
    return Ink(coverage, stroke_px, is_light, tuple(steps))


@dataclass(frozen=True)
class _Strokes:
    """What one pass finds: strength (H, W), where there is ink, how strong a full line is and how wide."""

    strength: Strength
    mask: Mask
    level: float
    stroke_px: float
    num_rules: int


def _find_strokes(channel: Strength, sheet: Mask | None) -> _Strokes:
    # Twice: the second time the paper is followed as closely as the width of the pen allows.
    pen_px = max(_pen_width(channel, sheet), 1.2)
    return _strokes(channel, kernel=10 * pen_px, near=_NEAR * pen_px, sheet=sheet)


def _is_written_beside(sheet: Mask, on_sheet: _Strokes, whole: _Strokes) -> bool:
    """Return whether there is as much writing beside the sheet as on it: then that is paper in the shade.

    The grain of a table has other lines than the pen, and what lies on a table is a thing or two.
    """
    beside = _without_crumbs(whole.mask & ~sheet)
    num_marks = cv2.connectedComponents(beside.astype(np.uint8), connectivity=8)[0] - 1
    is_dense = beside.sum() * sheet.sum() > _AS_DENSE * on_sheet.mask.sum() * (~sheet).sum()
    width = stroke_width(beside)
    return bool(num_marks > 2 and is_dense and on_sheet.stroke_px / 2 < width < 2 * on_sheet.stroke_px)


def _strokes(channel: Strength, *, kernel: float, near: float, sheet: Mask | None) -> _Strokes:
    strength = ink_strength(channel, kernel=kernel, near=near)
    if sheet is not None:
        strength = np.where(sheet, strength, np.float32(0))
    grain = grain_of(strength)
    without_rules, num_rules = remove_rules(strength, grain=grain)
    mask, level = ink_mask(without_rules, grain=grain)
    if num_rules and not mask.any():  # then they were the writing: 111, as tall as the picture
        without_rules, num_rules = strength, 0
        mask, level = ink_mask(strength, grain=grain)
    return _Strokes(without_rules, mask, level, stroke_width(_without_crumbs(mask)), num_rules)


def _without_crumbs(mask: Mask) -> Mask:
    """Return the larger pieces of mask: crumbs of grain say nothing of the pen."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    is_large = area >= _CRUMB * area[1:].max(initial=0)
    is_large[0] = False
    return np.asarray(is_large[labels])


def _pen_width(channel: Strength, sheet: Mask | None) -> float:
    """Return about how wide the lines are, pixels of channel; 0 where there are none.

    Lines are looked for that are narrow against the picture, then wide ones as well. What only the second
    look finds is taken for ink if it is as dark as the lines; if not, it is the edge of a shadow.
    """
    small = shrink(channel, _FIRST_SIDE)
    sheet = find_sheet(small) if sheet is not None and len(small) < len(channel) else sheet
    side = float(np.sqrt(small.size))
    narrow, wide = (
        _strokes(small, kernel=share * side, near=share * side, sheet=sheet) for share in _KERNELS
    )
    more = wide.mask & ~narrow.mask
    is_shadow = (
        narrow.mask.any()
        and more.any()
        and float(np.median(small[more]) - np.median(small[narrow.mask])) > _LIGHTER * narrow.level
    )
    return (narrow if is_shadow else wide).stroke_px * len(channel) / len(small)


def ink_mask(strength: Strength, *, grain: float) -> tuple[Mask, float]:
    """Return where there is ink, (H, W) bool, and its level: how strong a full line is.

    A line begins where it is clearly ink and runs on while it is fainter (hysteresis, as in Canny 1986).

    Args:
        strength: (H, W) float32, by how many grey levels a pixel is darker than the paper.
        grain: standard deviation of the bare paper, in grey levels.
    """
    values = thinned(strength, 600)
    clear = values[values > max(MIN_SIGNAL * grain, MIN_CONTRAST)]
    if clear.size < 3:
        return np.zeros(strength.shape, np.bool_), 0.0
    level = float(np.percentile(clear, 80))
    high = max(_HIGH * level, MIN_SIGNAL * grain)
    low = max(_LOW * level, 3 * grain)
    count, labels = cv2.connectedComponents((strength > low).astype(np.uint8), connectivity=8)
    begins = np.zeros(count, np.bool_)
    begins[labels[strength > high]] = True
    begins[0] = False
    return np.asarray(begins[labels]), level


def grain_of(strength: Strength) -> float:
    """Return the standard deviation of bare paper in grey levels, taken from what is lighter: never ink."""
    sample = thinned(strength, 300)
    lighter = -sample[sample < 1e-3]  # a clean page is 0 but for rounding
    # The root mean square: where part of the paper has more grain than the rest, that part counts for more.
    return float(np.sqrt(np.mean(np.square(lighter)))) if lighter.size else 0.0


def stroke_width(mask: Mask) -> float:
    """Return the median width of the lines in mask, in pixels; 0 for an empty one.

    Measured where the distance to the nearest paper is largest, along the middle of each line; a wide line
    counts for as much more as it is wider, so that specks do not outvote it.
    """
    if not mask.any():
        return 0.0
    inside = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
    ridge = (inside >= cv2.dilate(inside, np.ones((3, 3), np.uint8))) & (inside > 0)
    halves = np.sort(inside[ridge])
    # A line one pixel wide is 1 away from paper, one three wide 2: the width is twice that less one.
    return float(2 * halves[np.searchsorted(halves.cumsum(), halves.sum() / 2)] - 1)


def fill_blots(mask: Mask, channel: Strength, level: float) -> Mask:
    """Return mask with the holes filled that are as dark as the ink around them: blots too wide for a line.

    Args:
        mask: (H, W) bool, where ink was found.
        channel: (H, W) float32, ink darker than paper.
        level: by how many grey levels a full line is darker.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    if count < 3:  # the mask itself and what surrounds it
        return mask
    x, y, width, height, _ = stats.T
    is_hole = (x > 0) & (y > 0) & (x + width < mask.shape[1]) & (y + height < mask.shape[0])
    is_hole[0] = False
    in_hole = is_hole[labels]
    total = np.bincount(labels[in_hole], weights=channel[in_hole], minlength=count)
    mean = total / stats[:, cv2.CC_STAT_AREA]
    is_blot = is_hole & (mean < float(np.median(channel[mask])) + _AS_DARK * level)
    return np.asarray(mask | is_blot[labels])


def drop_debris(mask: Mask, stroke_px: float) -> tuple[Mask, int, int]:
    """Return mask without specks and without marks along the edge, and how many of each were dropped.

    A speck is no longer than one and a half widths of the line and not within two of anything longer.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    _, _, width, height, area = stats.T
    length = np.maximum(width, height)
    is_edge = _runs_along_edge(stats, mask.shape)
    is_small = (length < 1.5 * stroke_px + 1) | (area < 0.0016 * area[1:].max(initial=0))
    is_small[0] = is_edge[0] = False
    is_small &= ~is_edge
    kept = ~is_small & ~is_edge
    kept[0] = False
    if not kept.any():
        return mask, 0, 0
    near = cv2.distanceTransform((~kept[labels]).astype(np.uint8), cv2.DIST_L2, 3) < 2 * stroke_px + 1
    for label in np.unique(labels[near & is_small[labels]]):
        kept[label], is_small[label] = True, False
    return kept[labels], int(is_small.sum()), int(is_edge.sum())


def _runs_along_edge(stats: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which components lie along the picture's edge: the end of the sheet, a frame, a table."""
    x, y, width, height, area = stats.T
    rows, columns = shape
    across = (x <= 1) & (x + width >= columns - 1) & (height < 0.12 * rows)
    down = (y <= 1) & (y + height >= rows - 1) & (width < 0.12 * columns)
    beside = ((x <= 1) | (x + width >= columns - 1)) & (width < 0.08 * columns) & (height > 3 * width)
    above = ((y <= 1) | (y + height >= rows - 1)) & (height < 0.08 * rows) & (width > 3 * height)
    frame = (width >= columns - 2) & (height >= rows - 2) & (area < 0.5 * width * height)
    # What fills a picture of one digit from edge to edge is that digit.
    is_main = area == area[1:].max(initial=0)
    return np.asarray((across | down | beside | above | frame) & ~is_main)


def to_coverage(strength: Strength, mask: Mask, level: float) -> Coverage:
    """Return (H, W) uint8: 0 outside the mask and a pixel around it, 255 at nine tenths of the level."""
    around = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    covered = np.clip((strength - 0.1 * level) / (0.8 * level), 0, 1) * 255
    return np.where(around, covered, 0).astype(np.uint8)
