"""Pages: strings and lines of digits on one sheet, with what they say and where each digit lies.

Digits stand apart or touch their neighbours; those that touch really do, ink on ink.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.errors import HandwritingError
from inkwise.handwriting.synthesis.camera import Camera
from inkwise.handwriting.synthesis.character import Character, Tile, cover
from inkwise.handwriting.synthesis.paper import Paper
from inkwise.handwriting.synthesis.pen import Pen
from inkwise.handwriting.synthesis.picture import put_ink
from inkwise.handwriting.synthesis.shapes.points import Chance

Box = tuple[int, int, int, int]  # x, y, width, height in pixels
_BLACK_PEN = Pen("felt", 0.09, 1.0, (20.0, 20.0, 20.0), 0.0, 0.0)
_DEEPEST = 0.4  # of its width, by which a digit may reach into its neighbour's
_BARE = 0.3  # width by height of a 1 without upstroke
_INK = 127  # coverage above which a pixel belongs to a digit


@dataclass(frozen=True)
class Layout:
    """How digits stand on a page; lengths are parts of the height of a digit.

    Attributes:
        unit_px: that height in pixels.
        gap: from the ink of one digit to that of the next, least and greatest.
        touching: share of neighbours that touch, 0..1.
        line_gap: from one line to the next.
        margin: around all the writing.
        unevenness: of sizes and heights above the line, 0..1.
        tilt: radians by which the lines climb, with the clock.
    """

    unit_px: float = 60.0
    gap: tuple[float, float] = (0.15, 0.5)
    touching: float = 0.0
    line_gap: float = 0.6
    margin: float = 0.5
    unevenness: float = 0.3
    tilt: float = 0.0


@dataclass(frozen=True)
class WrittenPage:
    """A picture of a page and the truth about it.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        truth: (H, W) uint8, the coverage of all ink.
        lines: what is written, top to bottom.
        boxes: of each digit of each line, around its ink, in pixels of the picture.
    """

    pixels: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    lines: tuple[str, ...]
    boxes: tuple[tuple[Box, ...], ...]


@dataclass
class _Placed:
    """A digit with the place of its tile's upper left corner."""

    tile: Tile
    left: int
    top: int

    @property
    def right(self) -> int:
        return self.left + int(self.tile.shape[1])

    @property
    def bottom(self) -> int:
        return self.top + int(self.tile.shape[0])


@dataclass
class _Sheet:
    """Lines of placed digits; room is made around them at the end."""

    lines: list[list[_Placed]] = field(default_factory=list)

    def all(self) -> list[_Placed]:
        return [placed for line in self.lines for placed in line]


def write_page(
    lines: Sequence[Sequence[tuple[Character, int]]],
    generator: np.random.Generator,
    *,
    layout: Layout | None = None,
    pen: Pen = _BLACK_PEN,
    paper: Paper | None = None,
    camera: Camera | None = None,
) -> WrittenPage:
    """Return a photo of a page with these lines of digits.

    Args:
        lines: for each line its digits: lines or image, and label 0..9.
        generator: of everything that is left to chance.
        layout: how they stand; None: spaced, 60 pixels high.
        pen: its width is a part of a digit's height; a felt pen.
        paper: None: plain white.
        camera: None: a perfect one.
    Raises:
        HandwritingError: there is not one digit.
    """
    if not any(lines):
        raise HandwritingError("lines holds no digit, expected at least one; give a label and its character")
    layout = layout or Layout()
    sheet = _Sheet()
    for number, line in enumerate(lines):
        base = round(number * (1 + layout.line_gap) * layout.unit_px)
        sheet.lines.append(_write_line([c for c, _ in line], generator, layout=layout, pen=pen, base=base))
    size = _make_room(sheet, round(layout.margin * layout.unit_px))
    truth = np.zeros(size, dtype=np.uint8)
    for placed in sheet.all():
        _stamp(truth, placed)
    scene = (paper or Paper()).lay(size, generator, unit_px=layout.unit_px)
    put_ink(scene, truth, pen, generator=generator)
    photograph = (camera or Camera()).photograph(scene, truth, generator)
    return WrittenPage(
        pixels=photograph.pixels,
        truth=photograph.truth,
        lines=tuple("".join(str(label) for _, label in line) for line in lines),
        boxes=tuple(tuple(_box(placed, photograph.moved) for placed in line) for line in sheet.lines),
    )


def _write_line(
    characters: Sequence[Character],
    generator: np.random.Generator,
    *,
    layout: Layout,
    pen: Pen,
    base: int,
) -> list[_Placed]:
    """Return the digits of one line, from 0 to the right, standing on about base."""
    u = Chance(generator)
    line: list[_Placed] = []
    for character in characters:
        unit_px = layout.unit_px * (1 + layout.unevenness * u.near(0.0, 0.12))
        tile = cover(character, unit_px=unit_px, stroke_px=max(1.0, pen.width * layout.unit_px))
        placed = _Placed(tile, 0, base - tile.shape[0])
        if line:
            touches = u.happens(layout.touching) and not _are_bare(line[-1].tile, tile)
            gap = -u.between(0.5, 1.5) if touches else u.between(*layout.gap) * layout.unit_px
            placed.left = _beside(line[-1], placed, gap=gap, is_close=touches)
        placed.top += round(placed.left * np.tan(layout.tilt) + layout.unevenness * u.near(0, 0.08) * unit_px)
        line.append(placed)
    return line


def _beside(before: _Placed, after: _Placed, *, gap: float, is_close: bool) -> int:
    """Return where the tile `after` begins: gap pixels right of `before`, ink to ink.

    Args:
        before: in its place; after: its left is still open.
        gap: pixels; negative: the inks overlap by so many.
        is_close: measured row by row, so that they touch; False: from box to box.
    """
    if not is_close:
        return before.right - 2 + max(1, round(gap))
    top, bottom = max(before.top, after.top), min(before.bottom, after.bottom)
    ends, starts = [], []
    for row in range(top, bottom):
        left, right = (np.flatnonzero(p.tile[row - p.top] > _INK) for p in (before, after))
        if len(left) and len(right):
            ends.append(int(left[-1]))
            starts.append(int(right[0]))
    if not ends:  # no row has ink of both
        return before.right - 2
    distance = min(start - end for start, end in zip(starts, ends, strict=True))
    # A slope may slide under another one, though not so far that one digit lies within the other.
    deepest = before.right - round(_DEEPEST * min(before.tile.shape[1], after.tile.shape[1]))
    return int(max(deepest, before.left + 1 - distance + round(gap)))


def _are_bare(first: Tile, second: Tile) -> bool:
    """Return whether both are hardly wider than a line: side by side, they would be one thick line."""
    return all(tile.shape[1] < _BARE * tile.shape[0] for tile in (first, second))


def _make_room(sheet: _Sheet, margin: int) -> tuple[int, int]:
    """Move all digits so that margin pixels are free around them, and return the height and width needed."""
    placed = sheet.all()
    left, top = min(p.left for p in placed) - margin, min(p.top for p in placed) - margin
    for one in placed:
        one.left -= left
        one.top -= top
    return (
        max(p.bottom for p in placed) + margin,
        max(p.right for p in placed) + margin,
    )


def _stamp(canvas: NDArray[np.uint8], placed: _Placed) -> None:
    height, width = placed.tile.shape
    place = canvas[placed.top : placed.top + height, placed.left : placed.left + width]
    np.maximum(place, placed.tile, out=place)


def _box(placed: _Placed, moved: NDArray[np.float64]) -> Box:
    """Return the box of a digit's ink after the camera moved it."""
    rows, columns = np.nonzero(placed.tile > _INK)
    points = np.column_stack([columns + placed.left, rows + placed.top]).astype(np.float64)
    if not len(points):
        return (placed.left, placed.top, 0, 0)
    where = cv2.perspectiveTransform(points[:, None], moved)[:, 0]
    left, top = np.floor(where.min(axis=0) + 0.25).astype(int)
    right, bottom = np.ceil(where.max(axis=0) - 0.25).astype(int)
    return int(left), int(top), int(right - left + 1), int(bottom - top + 1)
