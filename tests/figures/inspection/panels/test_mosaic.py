"""A mosaic holds every tile, unchanged, where its number says."""

import numpy as np
import pytest

from inkwise.figures.inspection.panels.mosaic import count_columns, gap_of, lay_out


@pytest.mark.parametrize("num_tiles", [1, 2, 7, 20, 50, 64])
def test_tile_stands_at_its_row_and_column(num_tiles: int) -> None:
    tiles = np.random.default_rng(0).integers(1, 256, (num_tiles, 5, 6, 4), dtype=np.uint8)
    columns = count_columns(num_tiles)
    sheet, gap = lay_out(tiles, columns=columns), gap_of(tiles)
    for number, tile in enumerate(tiles):
        top, left = number // columns * (5 + gap), number % columns * (6 + gap)
        assert np.array_equal(sheet[top : top + 5, left : left + 6], tile)


def test_gaps_are_clear_and_nothing_lies_around() -> None:
    tiles = np.full((4, 2, 2, 4), 255, dtype=np.uint8)
    sheet = lay_out(tiles, columns=2)
    assert sheet.shape == (5, 5, 4)
    assert not sheet[2].any()
    assert not sheet[:, 2].any()
    assert sheet[..., 3].sum() == 16 * 255


def test_wide_layers_are_nearly_square() -> None:
    for num_tiles in range(4, 300):
        columns = count_columns(num_tiles)
        rows = -(-num_tiles // columns)
        assert columns * rows >= num_tiles
        assert columns <= rows + 5
