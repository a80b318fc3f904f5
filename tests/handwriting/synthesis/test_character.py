import numpy as np
import pytest
from tests.handwriting.synthesis.given_digits import given_digits

from inkwise.handwriting.synthesis.character import cover, cut_apart, cut_out, joined
from inkwise.handwriting.synthesis.strokes import write_digit


@pytest.mark.parametrize("is_smooth", [True, False])
@pytest.mark.parametrize("unit_px", [14, 60, 200])
def test_tile_has_ink_up_to_a_margin_of_one_pixel(unit_px: int, is_smooth: bool) -> None:
    images, _ = given_digits(3)
    for character in (write_digit(5, np.random.default_rng(0)), images[2]):
        tile = cover(character, unit_px=unit_px, stroke_px=0.1 * unit_px, is_smooth=is_smooth)
        assert max(tile[[0, -1]].max(), tile[:, [0, -1]].max()) == 0
        assert min(tile[1].max(), tile[-2].max(), tile[:, 1].max(), tile[:, -2].max()) > 0
        assert len(np.unique(tile)) > 2 if is_smooth else set(np.unique(tile)) == {0, 255}


def test_digit_is_about_as_high_as_asked() -> None:
    writing = write_digit(1, np.random.default_rng(0), shape="one_long_flag")
    rows = np.flatnonzero((cover(writing, unit_px=100, stroke_px=6) > 127).any(axis=1))
    assert 85 < np.ptp(rows) < 125


def test_cut_out_keeps_one_pixel_around_the_ink() -> None:
    coverage = np.zeros((9, 9), dtype=np.uint8)
    coverage[3, 2:6] = 7
    assert cut_out(coverage).tolist() == [[0] * 6, [0, 7, 7, 7, 7, 0], [0] * 6]


def test_joined_tiles_keep_all_ink() -> None:
    first, second = np.full((3, 2), 100, dtype=np.uint8), np.full((2, 2), 200, dtype=np.uint8)
    assert joined(first, second, right=1, down=-1).tolist() == [
        [0, 200, 200],
        [100, 200, 200],
        [100, 100, 0],
        [100, 100, 0],
    ]


def test_digit_cut_off_its_neighbour_is_nearly_the_same() -> None:
    generator = np.random.default_rng(2)
    digit, neighbour = (cover(write_digit(label, generator), unit_px=60, stroke_px=5) for label in (8, 3))
    sizes = set()
    for _ in range(20):
        cut = cut_apart(digit, neighbour, generator)
        sizes.add(cut.shape)
        # At most 9 % of the height more in width, or 7 % of the width less.
        assert digit.shape[1] * 0.9 - 1 <= cut.shape[1] <= digit.shape[1] + 0.1 * digit.shape[0] + 1
        assert 0.8 < cut.astype(float).sum() / digit.sum() < 1.35
    assert len(sizes) > 4
