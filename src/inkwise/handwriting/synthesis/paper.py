"""Paper: what is on a page before anybody writes on it."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.shapes.points import Chance

Scene = NDArray[np.float32]  # (H, W, 3): red, green, blue, 0..255
Colour = tuple[float, float, float]
Ruling = Literal["none", "ruled", "squared"]

_TINTS: tuple[Colour, ...] = (
    (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), (1.0, 0.98, 0.92), (0.94, 0.97, 1.0), (1.0, 0.9, 0.92),
    (0.92, 1.0, 0.9), (1.0, 0.97, 0.65), (0.86, 0.84, 0.8), (0.88, 0.92, 0.62), (0.8, 0.66, 0.5),
)  # fmt: skip
_LINE_COLOURS: tuple[Colour, ...] = ((120, 150, 200), (150, 150, 155), (200, 140, 150), (130, 170, 160))


@dataclass(frozen=True)
class Paper:
    """A sheet.

    Attributes:
        colour: red, green, blue, 0..255.
        grain: standard deviation of the fibres' brightness, grey values.
        clouds: how much brightness changes over the sheet, grey values.
        ruling: lines, squares or neither.
        spacing: between lines, as a part of the height of a digit.
        contrast: of the lines against the paper, 0..1.
        folds: how many creases.
        stains: how many.
    """

    colour: Colour = (255.0, 255.0, 255.0)
    grain: float = 0.0
    clouds: float = 0.0
    ruling: Ruling = "none"
    spacing: float = 1.6
    contrast: float = 0.3
    folds: int = 0
    stains: int = 0

    @classmethod
    def draw(cls, generator: np.random.Generator, *, ruled_share: float = 0.2) -> "Paper":
        """Return some sheet; that share is ruled or squared."""
        u = Chance(generator)
        tint, light = _TINTS[int(generator.integers(len(_TINTS)))], u.between(150, 252)
        is_ruled = u.happens(ruled_share)
        ruling: Ruling = "none" if not is_ruled else "ruled" if u.happens(0.55) else "squared"
        return cls(
            colour=(tint[0] * light, tint[1] * light, tint[2] * light),
            grain=u.between(0.0, 1.0) ** 2 * 9,
            clouds=u.between(0.0, 1.0) ** 2 * 5,
            ruling=ruling,
            spacing=u.between(0.35, 0.8) if ruling == "squared" else u.between(0.9, 2.0),
            contrast=u.between(0.1, 0.5),
            folds=int(u.happens(0.08)),
            stains=int(u.happens(0.06)),
        )

    def lay(self, size: tuple[int, int], generator: np.random.Generator, *, unit_px: float) -> Scene:
        """Return a piece of the sheet.

        Args:
            size: height and width in pixels.
            generator: of grain and places.
            unit_px: height of a digit, the unit of the ruling.
        """
        shade = np.zeros(size, dtype=np.float32)
        if self.grain:
            fibres = generator.standard_normal(size, dtype=np.float32)
            shade += cv2.GaussianBlur(fibres, (0, 0), max(0.6, unit_px / 90)) * np.float32(self.grain * 2)
        if self.clouds:
            shade += clouds(size, generator) * np.float32(self.clouds)
        for _ in range(self.folds):
            shade += _fold(size, generator)
        scene = np.empty((*size, 3), dtype=np.float32)
        scene[:] = self.colour
        scene += shade[..., None]
        for _ in range(self.stains):
            scene *= _stain(size, generator)[..., None]
        if self.ruling != "none":
            _rule(scene, self, generator, unit_px=unit_px)
        return scene


def clouds(size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth noise of about -2..2."""
    coarse = generator.standard_normal((3, 3), dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def slope(size: tuple[int, int], angle: float) -> NDArray[np.float32]:
    """Return a plane that rises from about -1 to 1 across the picture in that direction (radians)."""
    y = np.linspace(-1, 1, size[0], dtype=np.float32)[:, None] * np.float32(np.sin(angle))
    return y + np.linspace(-1, 1, size[1], dtype=np.float32)[None] * np.float32(np.cos(angle))


def _fold(size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
    """Return a crease: one side a little darker, a bright or dark line between."""
    u = Chance(generator)
    across = slope(size, u.between(0, np.pi)) - np.float32(u.between(-0.6, 0.6))
    sides = np.tanh(across * 30) * np.float32(u.between(1, 8))
    line = np.exp(-((across * np.float32(u.between(25, 60))) ** 2))
    return np.asarray(sides + np.float32(u.between(-18, 14)) * line, np.float32)


def _stain(size: tuple[int, int], generator: np.random.Generator) -> NDArray[np.float32]:
    """Return a factor below 1 on a smooth patch."""
    u = Chance(generator)
    y, x = np.ogrid[: size[0], : size[1]]
    middle, radius = (u.between(0, size[0]), u.between(0, size[1])), u.between(0.15, 0.5) * max(size)
    inside = 1 / (1 + np.exp((np.hypot(y - middle[0], x - middle[1]) / radius - 1) * u.between(6, 25)))
    return (1 - u.between(0.04, 0.16) * inside).astype(np.float32)


def _rule(scene: Scene, paper: Paper, generator: np.random.Generator, *, unit_px: float) -> None:
    """Draw the printed lines, in place."""
    u = Chance(generator)
    height, width = scene.shape[:2]
    spacing = max(4.0, paper.spacing * unit_px)
    tilt, line_px = u.near(0.0, 0.015), u.between(0.01, 0.025) * unit_px
    lines = np.zeros((height, width), dtype=np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    directions = [y + np.float32(tilt) * x] + (
        [x - np.float32(tilt) * y] if paper.ruling == "squared" else []
    )
    for along in directions:
        away = np.abs(
            (along + np.float32(u.between(0, spacing))) % np.float32(spacing) - np.float32(spacing / 2)
        )
        # A line below a pixel wide is a paler line of one pixel.
        lines = np.maximum(lines, np.clip(line_px / 2 + 0.5 - away, 0, min(1.0, line_px)).astype(np.float32))
    colour = np.array(_LINE_COLOURS[int(generator.integers(len(_LINE_COLOURS)))], dtype=np.float32)
    strength = (lines * np.float32(paper.contrast * u.between(0.8, 1.8))).clip(0, 1)[..., None]
    scene += strength * (np.minimum(colour, scene * np.float32(0.9)) - scene)
