"""A sheet of small pictures, each with a few words above it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.style import Picture

_ENLARGE = 6  # times: an SVG viewer smooths what it enlarges itself


def enlarge(image: NDArray[Any]) -> NDArray[Any]:
    """Return image (H, W) or (H, W, 3) with every pixel as a square of 6 x 6, so that it stays a square."""
    return image.repeat(_ENLARGE, axis=0).repeat(_ENLARGE, axis=1)


def side_by_side(images: Sequence[NDArray[np.uint8]], *, gap: int = 255) -> NDArray[np.uint8]:
    """Return images of equal height in one row, two columns of the value gap between them."""
    between = np.full((len(images[0]), 2), gap, np.uint8)
    parts = [part for image in images for part in (between, image)][1:]
    return np.concatenate(parts, axis=1)


def render_sheet(
    pictures: Sequence[NDArray[np.uint8]], captions: Sequence[str], *, columns: int, lines: int
) -> Picture:
    """Return pictures in rows from left to right, each below its caption.

    Args:
        pictures: one or more, uint8, grey, all of one shape (H, W).
        captions: text of each; may have several lines.
        columns: pictures in a row.
        lines: of the longest caption, for which room is kept.
    """
    height, width = pictures[0].shape
    num_rows = -(-len(pictures) // columns)
    cell = 8 / columns
    figure = style.new_figure(width=8, height=num_rows * (0.95 * cell * height / width + 0.19 * lines + 0.12))
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True), start=1):
        axes = figure.add_subplot(num_rows, columns, place)
        axes.imshow(enlarge(picture), cmap="gray", vmin=0, vmax=255, interpolation="none")
        axes.set_axis_off()
        axes.set_title(caption, fontsize=style.FONT_SIZE - 1, color=style.INK, parse_math=False)
    return figure
