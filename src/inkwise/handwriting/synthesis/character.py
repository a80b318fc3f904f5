"""One character, whatever its source, as a small tile of coverage."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.pen import draw_paths
from inkwise.handwriting.synthesis.redrawn import redraw
from inkwise.handwriting.synthesis.shapes.points import Chance
from inkwise.handwriting.synthesis.strokes import Writing

Character = Writing | NDArray[np.uint8]  # lines, or an image of 28x28 in MNIST's form
Tile = NDArray[np.uint8]  # (h, w): 0 paper to 255 ink, cut out to its ink with a margin of one pixel


def cover(character: Character, *, unit_px: float, stroke_px: float, is_smooth: bool = True) -> Tile:
    """Return a character drawn with a pen of stroke_px pixels, a digit being about unit_px high.

    Args:
        character: lines, or (28, 28) uint8 in MNIST's form.
        unit_px: pixels of the height of a digit.
        stroke_px: width of the pen's line.
        is_smooth: anti-aliased; False: each pixel wholly or not at all.
    """
    if isinstance(character, Writing):
        return _cover_lines(character, unit_px=unit_px, stroke_px=stroke_px, is_smooth=is_smooth)
    tile = redraw(character, unit_px=unit_px, stroke_px=stroke_px)
    return tile if is_smooth else cut_out(np.asarray((tile >= 110) * 255, np.uint8))


def cut_out(coverage: NDArray[np.uint8]) -> Tile:
    """Return the part of coverage that holds ink, with a margin of one pixel."""
    left, top, width, height = cv2.boundingRect(coverage)
    return np.pad(coverage[top : top + height, left : left + width], 1)


def joined(first: Tile, second: Tile, *, right: int, down: int) -> Tile:
    """Return two tiles in one, the second's corner `right` and `down` pixels from the first's."""
    top, left = max(0, -down), max(0, -right)
    height = max(top + first.shape[0], top + down + second.shape[0])
    width = max(left + first.shape[1], left + right + second.shape[1])
    both = np.zeros((height, width), dtype=np.uint8)
    both[top : top + first.shape[0], left : left + first.shape[1]] = first
    place = both[top + down : top + down + second.shape[0], left + right : left + right + second.shape[1]]
    np.maximum(place, second, out=place)
    return both


def cut_apart(tile: Tile, neighbour: Tile, generator: np.random.Generator) -> Tile:
    """Return a digit as it comes off one that it touched: with a slim piece of it, or short of a little ink.

    Args:
        tile: of the digit.
        neighbour: of the other.
        generator: decides on the side and the size of the piece.
    """
    u = Chance(generator)
    if u.happens(0.5):  # the same at the other side, mirrored
        return np.ascontiguousarray(_cut_right(tile[:, ::-1], neighbour[:, ::-1], u)[:, ::-1])
    return _cut_right(tile, neighbour, u)


def _cut_right(tile: Tile, neighbour: Tile, u: Chance) -> Tile:
    height, width = tile.shape
    lost = round(u.between(0.02, 0.07) * width)
    if u.happens(0.3) and lost:
        return cut_out(tile[:, :-lost])
    piece = neighbour[:, : 1 + max(1, round(u.between(0.02, 0.09) * height))]
    down = round((height - piece.shape[0]) / 2 + u.near(0, 0.08) * height)
    return cut_out(joined(tile, piece, right=width - 2, down=down))


def _cover_lines(writing: Writing, *, unit_px: float, stroke_px: float, is_smooth: bool) -> Tile:
    left, top, right, bottom = writing.box()
    margin = 1 + stroke_px  # the pen's half width, up to 1.7 times where it is pressed
    size = (int((bottom - top) * unit_px + 2 * margin) + 2, int((right - left) * unit_px + 2 * margin) + 2)
    paths = [
        np.column_stack([(path[:, :2] - (left, top)) * unit_px + margin, path[:, 2]])
        for path in writing.paths
    ]
    return cut_out(draw_paths(paths, size, stroke_px=stroke_px, is_smooth=is_smooth))
