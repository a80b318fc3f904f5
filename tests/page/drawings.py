"""Digits drawn on a canvas in Chromium: as PNG for Python, and as what the page makes of them itself."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.page.exchange import Exchange

from inkwise.handwriting.synthesis.strokes import Writing, write_digit

# Ground, ink: ink on paper, chalk, and the blue on dark of a page at night.
COLOURS = (("#ffffff", "#000000"), ("#000000", "#ffffff"), ("#101418", "#6ea8ff"), ("#fbf8f1", "#1d3a8a"))

_DRAW = """async ({drawings}) => {
    const {coverageOfDrawing} = await import("inkwise/ink.js");
    const {drawStroke} = await import("inkwise/pen.js");
    const {normaliseGlyph} = await import("inkwise/normalise.js");
    const pictures = [];
    for (const [index, {strokes, width, height, ratio, ground, ink, isRaw}] of drawings.entries()) {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [width * ratio, height * ratio];
        const context = canvas.getContext("2d", {willReadFrequently: true});
        context.fillStyle = ground;
        context.fillRect(0, 0, canvas.width, canvas.height);
        context.scale(ratio, ratio);
        context.fillStyle = context.strokeStyle = ink;
        context.lineCap = context.lineJoin = "round";
        for (const stroke of strokes) {
            if (!isRaw) { drawStroke(context, stroke); continue; }
            context.lineWidth = stroke.width;
            context.beginPath();
            for (const {x, y} of stroke.points) context.lineTo(x, y);
            context.stroke();
        }
        const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
        const coverage = coverageOfDrawing(data, canvas.width, canvas.height);
        await sendBytes(`coverage-${index}`, coverage);
        await sendBytes(`image-${index}`, normaliseGlyph(coverage, canvas.width, canvas.height));
        pictures.push(canvas.toDataURL("image/png").split(",")[1]);
    }
    return pictures;
}"""


@dataclass(frozen=True)
class Drawing:
    """Strokes on a canvas.

    Attributes:
        strokes: {"points": [{"x", "y", "pressure"}], "width"}, CSS pixels.
        size: width and height of the canvas, CSS pixels.
        ratio: pixels of the canvas for each.
        ground: colour of the canvas.
        ink: colour of the strokes.
        is_raw: drawn by the canvas's own lines of even width; False: by the page's pen.
    """

    strokes: list[dict[str, Any]]
    size: tuple[int, int]
    ratio: int = 1
    ground: str = "#ffffff"
    ink: str = "#000000"
    is_raw: bool = False


@dataclass(frozen=True)
class Drawn:
    """What became of a drawing.

    Attributes:
        png: the canvas as a file.
        coverage: (H, W) uint8, where the page finds its ink.
        image: (28, 28) uint8, what the page makes of all its ink as one glyph.
    """

    png: bytes
    coverage: NDArray[np.uint8]
    image: NDArray[np.uint8]


def strokes_of(
    writing: Writing, *, corner: tuple[float, float], height: float, width: float
) -> list[dict[str, Any]]:
    """Return a digit as the strokes of a pen of that width.

    Args:
        writing: the digit.
        corner: x, y of the upper left end of its lines.
        height: of a digit of unit height.
        width: of the pen at its usual pressure.
    """
    left, top, _, _ = writing.box()
    return [
        {
            "points": [
                {
                    "x": float(corner[0] + (x - left) * height),
                    "y": float(corner[1] + (y - top) * height),
                    "pressure": float(swell - 0.5),  # the pen's width is its own times 0.5 + pressure
                }
                for x, y, swell in path[:: max(1, len(path) // 60)]
            ],
            "width": width,
        }
        for path in writing.paths
    ]


def draw_digit(
    generator: np.random.Generator,
    *,
    ratio: int,
    colours: tuple[str, str],
    is_raw: bool,
    least_pen: float = 4,
) -> Drawing:
    """Return some digit on a canvas of 280 to 560 pixels, with a pen of up to 40."""
    side = int(generator.integers(280, 561))
    height = float(generator.uniform(0.35, 0.7)) * side
    width = float(generator.uniform(least_pen, min(40.0, 0.2 * height)))
    writing = write_digit(int(generator.integers(10)), generator)
    left, top, right, bottom = writing.box()
    room = np.array([side, side]) - np.array([right - left, bottom - top]) * height - 2 * width
    corner = width + generator.uniform(0, 1, 2) * np.maximum(room, 1)
    strokes = strokes_of(writing, corner=(float(corner[0]), float(corner[1])), height=height, width=width)
    return Drawing(strokes, (side, side), ratio, *colours, is_raw)


def drawn(js: Page, exchange: Exchange, drawings: list[Drawing]) -> list[Drawn]:
    """Return what Chromium and the page make of drawings."""
    asked = [
        {
            "strokes": drawing.strokes,
            "width": drawing.size[0],
            "height": drawing.size[1],
            "ratio": drawing.ratio,
            "ground": drawing.ground,
            "ink": drawing.ink,
            "isRaw": drawing.is_raw,
        }
        for drawing in drawings
    ]
    pictures = js.evaluate(_DRAW, {"drawings": asked})
    made = []
    for index, (drawing, picture) in enumerate(zip(drawings, pictures, strict=True)):
        width, height = (side * drawing.ratio for side in drawing.size)
        coverage = np.frombuffer(exchange.take(f"coverage-{index}"), np.uint8).reshape(height, width)
        image = np.frombuffer(exchange.take(f"image-{index}"), np.uint8).reshape(28, 28)
        made.append(Drawn(base64.b64decode(picture), coverage, image))
    return made
