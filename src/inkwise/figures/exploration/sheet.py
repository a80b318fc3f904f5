"""A sheet of small pictures, each with a few words above it."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.style import Picture

_WIDTH = 8.0  # inches
_LETTER = 0.083  # inches of a letter of a caption, more than most are wide
_ENLARGE = 6  # times: an SVG viewer smooths what it enlarges itself


def enlarge(image: NDArray[Any]) -> NDArray[Any]:
    """Return image (H, W) or (H, W, 3) with every pixel as a square of 6 x 6, so that it stays a square."""
    return image.repeat(_ENLARGE, axis=0).repeat(_ENLARGE, axis=1)


def side_by_side(images: Sequence[NDArray[np.uint8]], *, gap: int = 255) -> NDArray[np.uint8]:
    """Return images of equal height in one row, two columns of the value gap between them."""
    between = np.full((len(images[0]), 2), gap, np.uint8)
    parts = [part for image in images for part in (between, image)][1:]
    return np.concatenate(parts, axis=1)


def wrap(text: str, *, inches: float) -> str:
    """Return text with each line broken so that it takes at most so many inches in the captions' font."""
    width = max(int(inches / _LETTER), 8)
    return "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in text.split("\n"))


def render_sheet(pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], *, columns: int) -> Picture:
    """Return pictures in rows from left to right, each below its caption.

    Args:
        pictures: one or more, uint8, grey, all of one shape (H, W).
        captions: text of each; may have several lines, and long ones are broken.
        columns: pictures in a row.
    """
    height, width = pictures[0].shape
    num_rows, cell = -(-len(pictures) // columns), _WIDTH / columns
    captions = [wrap(caption, inches=cell) for caption in captions]
    lines = max(caption.count("\n") for caption in captions) + 1
    row = 0.95 * cell * height / width + 0.19 * lines + 0.12
    figure = style.new_figure(width=_WIDTH, height=num_rows * row)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True), start=1):
        axes = figure.add_subplot(num_rows, columns, place)
        axes.imshow(enlarge(picture), cmap="gray", vmin=0, vmax=255, interpolation="none")
        axes.set_axis_off()
        axes.set_title(caption, fontsize=style.FONT_SIZE - 1, color=style.INK, parse_math=False)
    return figure
