"""Pens: what a line becomes when ink is put to it.

A pen first covers pixels (anti-aliased, or all or nothing as a paint program's mouse does), then its ink
has a colour and a strength that changes from place to place: grain of a pencil, skips of a ballpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.shapes.points import Chance
from inkwise.handwriting.synthesis.strokes import Path

Kind = Literal["pencil", "ballpoint", "felt", "brush", "marker", "mouse"]
Colour = tuple[float, float, float]  # red, green, blue, 0..255

# How often each pen is met, its width and its greatest width as parts of a digit's height, and the
# strength of its ink from .. to.
_KINDS: dict[Kind, tuple[float, tuple[float, float], tuple[float, float]]] = {
    "pencil": (3, (0.012, 0.05), (0.35, 0.85)),
    "ballpoint": (4, (0.02, 0.06), (0.7, 1.0)),
    "felt": (3, (0.05, 0.12), (0.8, 1.0)),
    "brush": (1, (0.08, 0.18), (0.75, 1.0)),
    "marker": (2, (0.1, 0.22), (0.85, 1.0)),
}
_INKS: tuple[Colour, ...] = (
    (20, 20, 22), (25, 30, 60), (20, 40, 130), (40, 50, 170), (60, 60, 70), (150, 25, 30), (190, 40, 45),
    (20, 90, 50), (10, 60, 20), (90, 30, 110), (200, 60, 20), (30, 100, 130), (110, 60, 30),
)  # fmt: skip


@dataclass(frozen=True)
class Pen:
    """A pen and its ink.

    Attributes:
        kind: of pen.
        width: of its line, as a part of the height of a digit.
        strength: of its ink, 0 invisible to 1 opaque.
        colour: of its ink.
        grain: by how much the strength changes from pixel to pixel, 0..1.
        skips: share of the line on which the ink is weak, 0..1.
    """

    kind: Kind
    width: float
    strength: float
    colour: Colour
    grain: float
    skips: float

    @classmethod
    def draw(cls, generator: np.random.Generator, kind: Kind | None = None) -> "Pen":
        """Return a pen of that kind; None: of any but "mouse"."""
        u = Chance(generator)
        if kind == "mouse":
            return cls("mouse", u.between(0.02, 0.16), 1.0, (0.0, 0.0, 0.0), 0.0, 0.0)
        if kind is None:
            shares = np.cumsum([share for share, _, _ in _KINDS.values()])
            kind = list(_KINDS)[int(np.searchsorted(shares, u.between(0, shares[-1]), side="right"))]
        _, widths, strengths = _KINDS[kind]
        grey = u.between(30, 90)
        colour = (grey, grey, grey) if kind == "pencil" else _INKS[int(generator.integers(len(_INKS)))]
        return cls(
            kind=kind,
            width=u.between(*widths),
            strength=u.between(*strengths),
            colour=colour,
            grain={"pencil": u.between(0.1, 0.7), "brush": u.between(0.0, 0.3)}.get(
                kind, u.between(0.0, 0.15)
            ),
            skips=u.between(0.0, 0.25) if kind == "ballpoint" and u.happens(0.4) else 0.0,
        )


def draw_paths(
    paths: Sequence[Path], size: tuple[int, int], *, stroke_px: float, is_smooth: bool = True
) -> NDArray[np.uint8]:
    """Return how far each pixel is covered by the line of a pen along paths.

    Args:
        paths: (n, 3): x, y in pixels (the middle of the upper left pixel is 0, 0), relative width.
        size: height and width of the picture.
        stroke_px: width of the line in pixels where its relative width is 1.
        is_smooth: anti-aliased; False: each pixel wholly or not at all, as a paint program without smoothing.
    Returns:
        (H, W) uint8, 0 paper to 255.
    """
    if not is_smooth and round(stroke_px) <= 1:
        canvas = np.zeros(size, dtype=np.uint8)
        for path in paths:
            _polyline(canvas, path[:, :2], 1)
        return canvas
    # Drawn larger and averaged down: an edge then has the grey values a scanner gives it.
    times = 4 if max(size) <= 500 else 2
    canvas = np.zeros((size[0] * times, size[1] * times), dtype=np.uint8)
    for path in paths:
        _draw_path(canvas, path[:, :2] * times + (times - 1) / 2, path[:, 2] * stroke_px * times)
    small = cv2.resize(canvas, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small if is_smooth else (small > 127) * 255, np.uint8)


def _polyline(canvas: NDArray[np.uint8], points: NDArray[np.float64], width: int) -> None:
    """Draw a line an odd number of pixels wide: that is what OpenCV makes of the even number below."""
    fixed = np.round(points * 16).astype(np.int32)  # sixteenths of a pixel
    cv2.polylines(canvas, [fixed[:, None]], False, 255, max(1, width - 1), cv2.LINE_8, 4)


def _draw_path(canvas: NDArray[np.uint8], points: NDArray[np.float64], widths: NDArray[np.float64]) -> None:
    """Draw one path, in runs of equal width."""
    odd = 2 * np.maximum(0, np.round((widths - 1) / 2)).astype(int) + 1
    breaks = np.flatnonzero(np.diff(odd)) + 1
    for start, end in zip([0, *breaks], [*breaks, len(odd)], strict=True):
        _polyline(canvas, points[max(0, start - 1) : end + 1], int(odd[start]))


def ink_strength(
    coverage: NDArray[np.uint8], pen: Pen, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Return how opaque the ink is at each pixel, (H, W) float32 in 0..1."""
    strength = coverage.astype(np.float32) * np.float32(pen.strength / 255)
    if pen.grain > 0.02:
        noise = generator.random(coverage.shape, dtype=np.float32)
        soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.7), np.float32)
        strength *= np.clip(1 - np.float32(pen.grain * 2.2) * (soft - np.float32(0.42)), 0.0, 1.15)
    if pen.skips:
        strength *= _skips(coverage.shape, pen.skips, generator)
    return np.asarray(np.minimum(strength, 1), np.float32)


def _skips(shape: tuple[int, ...], share: float, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return a map that is about 0.3 in patches of that share of the area, else 1."""
    height, width = shape[0], shape[1]
    cells = (max(2, height // 12), max(2, width // 12))
    patches = (generator.random(cells, dtype=np.float32) < share).astype(np.float32)
    return 1 - np.float32(0.7) * cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC).clip(
        0, 1
    )
