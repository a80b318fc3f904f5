"""What is no digit: letters, marks, pieces of digits, digits that run together, blobs, texture.

A reader meets all of these: on forms, on pages with doodles, and in the pieces it cuts while it looks for
the borders between touching digits. What a careful person could take for a digit is left out: half a 7 is
a 7, the head of a 9 a 0, a slim piece of anything a 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from inkwise.handwriting.synthesis.character import Character, Tile, cover, cut_out, joined
from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.shapes.letters import LETTERS
from inkwise.handwriting.synthesis.shapes.points import Chance
from inkwise.handwriting.synthesis.shapes.scribbles import SCRIBBLES
from inkwise.handwriting.synthesis.strokes import write

NO_DIGIT = -1
DrawDigit = Callable[[], tuple[Character, int]]  # a digit with its label, another one at each call

# Halves that still read as another digit, or as the same, are not drawn.
_SIDES_TO_KEEP = {
    "left": (0, 2, 3, 5, 8, 9),
    "right": (0, 2, 5, 6),
    "top": (0, 2, 3, 4, 5),
    "bottom": (0, 3, 5),
}
_SLIMMEST_PIECE = 0.42  # width by height below which a piece may be taken for a 1


def outlier_tile(
    generator: np.random.Generator, draw_digit: DrawDigit, *, unit_px: float, stroke_px: float
) -> Tile:
    """Return the coverage of something that is no digit, cut out.

    Args:
        generator: of everything that is left to chance.
        draw_digit: gives digits, for pieces of them and for pairs.
        unit_px: height of a digit.
        stroke_px: width of the pen's line.
    """
    ask = _Ask(generator, draw_digit, unit_px, stroke_px)
    while True:
        kind = _KINDS[int(np.searchsorted(_SHARES, generator.random(), side="right"))]
        tile = kind(ask)
        if tile is not None and tile.any():
            return cut_out(tile)


@dataclass(frozen=True)
class _Ask:
    generator: np.random.Generator
    draw_digit: DrawDigit
    unit_px: float
    stroke_px: float


def _letter(ask: _Ask) -> Tile:
    shape = LETTERS[int(ask.generator.integers(len(LETTERS)))]
    writing = write(shape, ask.generator, hand=Hand.draw(ask.generator), label=NO_DIGIT)
    return cover(writing, unit_px=ask.unit_px, stroke_px=ask.stroke_px)


def _scribble(ask: _Ask) -> Tile:
    shape = SCRIBBLES[int(ask.generator.integers(len(SCRIBBLES)))]
    writing = write(shape, ask.generator, hand=Hand.draw(ask.generator), label=NO_DIGIT)
    return cover(writing, unit_px=ask.unit_px, stroke_px=ask.stroke_px)


def _piece(ask: _Ask) -> Tile | None:
    """Return about half of a digit; None where that half may be taken for a digit."""
    character, label = ask.draw_digit()
    side = list(_SIDES_TO_KEEP)[int(ask.generator.integers(4))]
    if label not in _SIDES_TO_KEEP[side]:
        return None
    tile = cover(character, unit_px=ask.unit_px, stroke_px=ask.stroke_px)
    half = cut_out(_half(tile, side, share=Chance(ask.generator).between(0.36, 0.48)))
    is_slim = half.shape[1] < _SLIMMEST_PIECE * half.shape[0]
    return None if is_slim else half


def _half(tile: Tile, side: str, *, share: float) -> Tile:
    rows, columns = round(tile.shape[0] * share), round(tile.shape[1] * share)
    return {
        "left": tile[:, :columns],
        "right": tile[:, -columns:],
        "top": tile[:rows],
        "bottom": tile[-rows:],
    }[side]


def _pair(ask: _Ask) -> Tile:
    """Return two digits that touch, one beside the other."""
    u = Chance(ask.generator)
    tiles = []
    for _ in range(2):
        size = ask.unit_px * u.between(0.85, 1.1)
        tiles.append(cover(ask.draw_digit()[0], unit_px=size, stroke_px=ask.stroke_px))
    first, second = tiles
    overlap = min(first.shape[1], second.shape[1]) * u.between(0.0, 0.2)
    return joined(
        first, second, right=round(first.shape[1] - 2 - overlap), down=round(u.near(0, 0.06) * ask.unit_px)
    )


def _blob(ask: _Ask) -> Tile:
    """Return a filled shape, wide enough to be no line."""
    u = Chance(ask.generator)
    angles = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    radii = ask.unit_px * u.between(0.25, 0.5) * ask.generator.uniform(0.7, 1.15, len(angles))
    outline = (
        np.column_stack([np.cos(angles) * radii * u.between(0.7, 1.3), np.sin(angles) * radii]) + ask.unit_px
    )
    canvas = np.zeros((round(2 * ask.unit_px), round(2 * ask.unit_px)), dtype=np.uint8)
    cv2.fillPoly(canvas, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return canvas


def _texture(ask: _Ask) -> Tile:
    """Return patches without order, about as coarse as the pen."""
    side = max(12, round(ask.unit_px))
    noise = ask.generator.standard_normal(
        (side, round(side * Chance(ask.generator).between(0.6, 1.3))), dtype=np.float32
    )
    smooth = cv2.GaussianBlur(noise, (0, 0), max(0.8, ask.stroke_px * 0.5))
    level = np.quantile(smooth, Chance(ask.generator).between(0.6, 0.85))
    return np.asarray((smooth > level) * np.uint8(255), dtype=np.uint8)


_Kind = Callable[[_Ask], Tile | None]
_KINDS: tuple[_Kind, ...] = (_letter, _scribble, _piece, _pair, _blob, _texture)
_SHARES = np.cumsum([0.26, 0.26, 0.2, 0.2, 0.03, 0.05])
