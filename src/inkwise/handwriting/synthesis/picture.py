"""Pictures of one character in the forms in which people send them.

Mouse drawings of 28x28 pixels, scans shrunk to 28x28, cut-outs of photos, clean drawings on a screen: each
with the coverage that its ink really has, so that whoever reads the picture can be judged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.camera import Camera
from inkwise.handwriting.synthesis.character import Tile
from inkwise.handwriting.synthesis.paper import Paper, Scene
from inkwise.handwriting.synthesis.pen import Pen, ink_strength
from inkwise.handwriting.synthesis.shapes.points import Chance

SMALL = 28  # the side to which many programs shrink what they are given
_LEAST_CONTRAST = 34.0  # grey values between ink and paper; less is hard to see


@dataclass(frozen=True)
class Shot:
    """A picture and what is on it.

    Attributes:
        pixels: (H, W) or (H, W, 3) uint8.
        truth: (H, W) uint8 coverage of the character, 0 paper to 255.
    """

    pixels: NDArray[np.uint8]
    truth: NDArray[np.uint8]


DrawTile = Callable[[float, float, bool], Tile]  # unit_px, stroke_px, is_smooth -> the character's coverage


def take_picture(draw_tile: DrawTile, generator: np.random.Generator) -> Shot:
    """Return a picture of one character, of one of the kinds that people send.

    Args:
        draw_tile: gives the character's coverage for the height of a digit, the width of the pen (pixels)
            and whether it is anti-aliased.
        generator: of everything that is left to chance.
    """
    take = _KINDS[int(np.searchsorted(_SHARES, generator.random(), side="right"))]
    return take(draw_tile, generator)


def mouse_drawing(draw_tile: DrawTile, generator: np.random.Generator) -> Shot:
    """Return a small drawing by mouse, mostly 28x28: thin to fat, often without any grey."""
    u = Chance(generator)
    side = SMALL if u.happens(0.8) else int(u.between(32, 72))
    unit_px = side * u.between(0.42, 0.86)
    stroke_px = max(1.0, unit_px * u.between(0.05, 0.19))
    tile = draw_tile(unit_px, stroke_px, u.happens(0.25))
    truth = _place(tile, (side, side), generator, spread=u.between(0, 1))
    pixels = 255 - truth
    return Shot(~pixels if u.happens(0.4) else pixels, truth)


def clean_drawing(draw_tile: DrawTile, generator: np.random.Generator) -> Shot:
    """Return a drawing on an even ground, larger, thin or fat, either polarity."""
    u = Chance(generator)
    unit_px = 50 * 3.6 ** u.between(0, 1)
    stroke_px = max(1.0, unit_px * 0.01 * 20 ** u.between(0, 1))
    tile = draw_tile(unit_px, stroke_px, u.happens(0.75))
    margin = unit_px * u.between(0.02, 0.9)
    truth = _place(tile, _around(tile, margin, generator), generator, spread=1.0)
    ground = u.between(225, 255) if u.happens(0.3) else 255.0
    ink = u.between(0, 70) if u.happens(0.4) else 0.0
    pixels = (ground + (ink - ground) * (truth.astype(np.float32) / 255)).astype(np.uint8)
    pixels = ~pixels if u.happens(0.4) else pixels
    if u.happens(0.25):
        pixels = _inked(pixels, truth, generator)
    return Shot(pixels, truth)


def photo_crop(draw_tile: DrawTile, generator: np.random.Generator) -> Shot:
    """Return a cut-out of a photo or scan, 40 to 250 pixels, some of it hardly wider than the character."""
    u = Chance(generator)
    unit_px = 28 * 4 ** u.between(0, 1)
    shot = _on_paper(draw_tile, generator, unit_px=unit_px, margin=unit_px * u.between(0.0, 1.0) ** 1.5 * 0.8)
    if u.happens(0.04):  # chalk on a blackboard
        shot = Shot(~shot.pixels, shot.truth)
    return Shot(_grey(shot.pixels), shot.truth) if u.happens(0.5) else shot


def small_scan(draw_tile: DrawTile, generator: np.random.Generator) -> Shot:
    """Return a photo or scan shrunk to 28x28, grey, its paper not white and its line often faint."""
    u = Chance(generator)
    unit_px = u.between(48, 90)
    shot = _on_paper(
        draw_tile, generator, unit_px=unit_px, margin=unit_px * u.between(0.03, 0.5), is_square=True
    )
    size = (SMALL, SMALL)
    pixels = cv2.resize(_grey(shot.pixels), size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    truth = cv2.resize(shot.truth, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    return Shot(~pixels if u.happens(0.15) else pixels, truth)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _on_paper(
    draw_tile: DrawTile,
    generator: np.random.Generator,
    *,
    unit_px: float,
    margin: float,
    is_square: bool = False,
) -> Shot:
    """Return a photo of a character written on some paper with some pen."""
    pen = Pen.draw(generator)
    stroke_px = max(1.0, pen.width * unit_px)
    tile = draw_tile(unit_px, stroke_px, True)
    size = _around(tile, margin, generator)
    size = (max(size), max(size)) if is_square else size
    truth = _place(tile, size, generator, spread=0.7)
    scene = Paper.draw(generator).lay(size, generator, unit_px=unit_px)
    put_ink(scene, truth, pen, generator=generator)
    camera = Camera.draw(generator, unit_px=unit_px, stroke_px=stroke_px)
    photograph = camera.photograph(scene, truth, generator)
    return Shot(photograph.pixels, photograph.truth)


def put_ink(scene: Scene, coverage: NDArray[np.uint8], pen: Pen, *, generator: np.random.Generator) -> None:
    """Write coverage onto a scene with the pen's ink, in place; ink too pale for the paper is made darker.

    Args:
        scene: (H, W, 3) float32, 0..255.
        coverage: (H, W) uint8.
        pen: gives colour, strength, grain.
        generator: of the grain.
    """
    paper = scene[::7, ::7].mean(axis=(0, 1))
    colour = np.array(pen.colour, dtype=np.float32)
    contrast = float((paper - colour).mean()) * pen.strength
    if contrast < _LEAST_CONTRAST:
        colour = np.maximum(0, paper - np.float32(_LEAST_CONTRAST / pen.strength)) * np.float32(0.9)
    strength = ink_strength(coverage, pen, generator)[..., None]
    scene += strength * (colour - scene)


def _inked(
    pixels: NDArray[np.uint8], truth: NDArray[np.uint8], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """Return a grey drawing with ink and ground of two colours that differ clearly."""
    is_dark = bool(np.median(pixels) < 128)
    pen = Pen.draw(generator, "felt")
    ink = np.array(pen.colour, dtype=np.float32)
    ground = generator.uniform(215, 255, 3).astype(np.float32)
    ink, ground = (255 - ink, 255 - ground) if is_dark else (ink, ground)
    share = (truth.astype(np.float32) / 255)[..., None]
    return np.asarray(ground + (ink - ground) * share, dtype=np.float32).astype(np.uint8)


def _around(tile: Tile, margin: float, generator: np.random.Generator) -> tuple[int, int]:
    """Return the height and width of a picture with about that margin on each side of a tile."""
    high, wide = generator.uniform(0.6, 1.5, 2) * margin
    return int(tile.shape[0] + 2 * high), int(tile.shape[1] + 2 * wide)


def _place(
    tile: Tile, size: tuple[int, int], generator: np.random.Generator, *, spread: float
) -> NDArray[np.uint8]:
    """Return a picture with the tile in it: in the middle at spread 0, anywhere at 1; shrunk to fit."""
    shrink = min((size[0] - 1) / tile.shape[0], (size[1] - 1) / tile.shape[1])
    if shrink < 1:
        smaller = (max(1, int(tile.shape[1] * shrink)), max(1, int(tile.shape[0] * shrink)))
        tile = cv2.resize(tile, smaller, interpolation=cv2.INTER_AREA).astype(np.uint8)
    canvas = np.zeros(size, dtype=np.uint8)
    free = np.array(size) - tile.shape
    top, left = np.round(free * (0.5 + (generator.random(2) - 0.5) * spread)).astype(int)
    canvas[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return canvas


_KINDS = (mouse_drawing, small_scan, photo_crop, clean_drawing)
_SHARES = np.cumsum([0.18, 0.16, 0.4, 0.26])
