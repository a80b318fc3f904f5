import numpy as np
import pytest
from tests.handwriting.synthesis.given_digits import count_holes, count_pieces, given_digits

from inkwise.handwriting.synthesis.redrawn import redraw, stroke_width, thin


def _bar(width: int) -> np.ndarray:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[4:24, 14 - width // 2 : 14 - width // 2 + width] = 255
    return image


def test_redrawn_bar_is_as_high_as_asked() -> None:
    # 20 of 28 pixels high at 100 px for MNIST's 20: 100 high; rounded ends and threshold take a little.
    tile = redraw(_bar(4), unit_px=100)
    rows = np.flatnonzero((tile > 127).any(axis=1))
    assert abs(np.ptp(rows) + 1 - 100) <= 6


@pytest.mark.parametrize("stroke_px", [3.0, 8.0, 15.0, 30.0])
def test_redrawn_line_is_as_wide_as_asked(stroke_px: float) -> None:
    tile = redraw(_bar(4), unit_px=100, stroke_px=stroke_px)
    middle = tile[tile.shape[0] // 2].astype(float) / 255
    assert abs(middle.sum() - stroke_px) < 0.05 * stroke_px + 1.3


def test_redrawn_tile_has_an_empty_margin() -> None:
    tile = redraw(_bar(4), unit_px=50)
    frame = np.concatenate([tile[0], tile[-1], tile[:, 0], tile[:, -1]])
    assert frame.max() == 0
    assert tile[1].max() > 0


@pytest.mark.parametrize("unit_px", [12, 20, 33, 90])
@pytest.mark.parametrize("share", [0.04, 0.1])
def test_redrawn_digits_keep_their_pieces(unit_px: int, share: float) -> None:
    images, labels = given_digits(10)
    for image, label in zip(images, labels, strict=True):
        tile = redraw(image, unit_px=unit_px, stroke_px=max(1.6, share * unit_px))
        assert count_pieces(tile) == count_pieces(redraw(image, unit_px=200)), label


def test_empty_image_redrawn_stays_empty() -> None:
    assert redraw(np.zeros((28, 28), dtype=np.uint8), unit_px=80).tolist() == [[0]]


def test_thinned_bar_is_one_pixel_wide() -> None:
    mask = np.zeros((40, 30), dtype=np.uint8)
    mask[5:35, 10:19] = 1
    lines = thin(mask)
    assert set(lines[10:30].sum(axis=1)) == {1}


def test_thinned_ring_keeps_its_hole() -> None:
    y, x = np.ogrid[:41, :41]
    distance = np.hypot(y - 20, x - 20)
    ring = ((distance < 16) & (distance > 8)).astype(np.uint8)
    lines = thin(ring)
    assert lines.sum() < 0.25 * ring.sum()
    assert count_holes(lines * 255) == 1


def test_thinned_empty_mask_is_empty() -> None:
    assert thin(np.zeros((5, 5), dtype=np.uint8)).sum() == 0


@pytest.mark.parametrize("width", [3, 6, 11])
def test_stroke_width_of_a_bar_is_its_width(width: int) -> None:
    mask = np.zeros((80, 40), dtype=np.uint8)
    mask[5:75, 10 : 10 + width] = 1
    assert abs(stroke_width(mask) - width) <= 1.01


def test_stroke_width_without_ink_is_zero() -> None:
    assert stroke_width(np.zeros((8, 8), dtype=np.uint8)) == 0


def test_faint_line_of_an_image_is_not_lost() -> None:
    image = _bar(4)
    image[12, 16:26] = 100  # a pixel wide and less than half bright, beside a full stroke
    tile = redraw(image, unit_px=100)
    columns = np.flatnonzero((tile > 127).any(axis=0))
    # The faint line reaches 10 pixels, 50 here, beyond the bar of 4.
    assert np.ptp(columns) > 0.8 * (14 * 5)
    assert count_pieces(tile) == 1
