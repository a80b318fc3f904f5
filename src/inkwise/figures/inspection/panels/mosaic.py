"""Many small pictures as one: laid out in rows with a gap between, so that a layer is a single image."""

import math

import numpy as np
from numpy.typing import NDArray

from inkwise.figures.inspection.panels.scale import Colours

MOST_TILES = 256  # more could not be told apart, nor would their numbers be read
_GAP_SHARE = 14  # a gap of one pixel for each so many pixels of a tile's side


def count_columns(num_tiles: int) -> int:
    """Return in how many columns tiles are laid out: nearly a square, the last row full if that can be.

    >>> [count_columns(n) for n in (1, 3, 20, 32, 50, 64)]
    [1, 3, 5, 8, 10, 8]
    """
    if num_tiles <= 3:
        return num_tiles
    columns = math.ceil(math.sqrt(num_tiles))
    return next((wide for wide in range(columns, columns + 3) if num_tiles % wide == 0), columns)


def gap_of(tiles: Colours) -> int:
    """Return the pixels between two tiles of this size."""
    return max(1, round(int(max(tiles.shape[1:3])) / _GAP_SHARE))


def lay_out(tiles: Colours, *, columns: int) -> Colours:
    """Return tiles as one picture, row by row, with clear gaps and nothing around.

    Args:
        tiles: (N, H, W, 4) uint8.
        columns: tiles in a row.
    """
    num_tiles, height, width, _ = tiles.shape
    gap, rows = gap_of(tiles), -(-num_tiles // columns)
    sheet: NDArray[np.uint8] = np.zeros((rows * columns, height + gap, width + gap, 4), np.uint8)
    sheet[:num_tiles, :height, :width] = tiles
    sheet = sheet.reshape(rows, columns, height + gap, width + gap, 4).swapaxes(1, 2)
    return sheet.reshape(rows * (height + gap), columns * (width + gap), 4)[:-gap, :-gap]
