"""The MNIST form, measured on drawn glyphs and on MNIST itself."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.handwriting.drawn import ring, seven

from inkwise.data.load import load_dataset
from inkwise.handwriting.ink import find_ink, stroke_width
from inkwise.handwriting.normalise import BOX, CENTRE, SIZE, cubic_weights, is_mnist_form, normalise_glyph


def centre_of_mass(image: NDArray[np.uint8]) -> tuple[float, float]:
    rows, columns = np.indices(image.shape)
    return float((columns * image).sum() / image.sum()), float((rows * image).sum() / image.sum())


@pytest.mark.parametrize("stroke_px", [2, 5, 9, 16])
@pytest.mark.parametrize("side", [60, 200, 700])
def test_glyph_fills_the_box_and_is_centred_by_mass(side: int, stroke_px: int) -> None:
    image = normalise_glyph(255 - seven(side, stroke_px=stroke_px, paper=255, ink=0))
    _, _, width, height = cv2.boundingRect((image > 127).astype(np.uint8))
    assert image.shape == (SIZE, SIZE)
    assert image.dtype == np.uint8
    assert max(width, height) == pytest.approx(BOX, abs=1)
    assert centre_of_mass(image) == pytest.approx((CENTRE, CENTRE), abs=0.15)


def test_glyph_anywhere_on_the_page_gives_the_same_image() -> None:
    page = np.zeros((300, 400), np.uint8)
    page[20:220, 30:230] = 255 - seven(paper=255, ink=0)
    moved = np.roll(page, (45, 120), axis=(0, 1))
    np.testing.assert_array_equal(normalise_glyph(page), normalise_glyph(moved))


def test_glyph_twice_as_large_gives_nearly_the_same_image() -> None:
    small = normalise_glyph(255 - ring(150, stroke_px=8, paper=255, ink=0)).astype(int)
    large = normalise_glyph(255 - ring(300, stroke_px=16, paper=255, ink=0)).astype(int)
    assert np.abs(small - large).mean() < 4


@pytest.mark.parametrize(("stroke_px", "least", "most"), [(1, 1.5, 2.9), (40, 3.0, 5.0)])
def test_line_of_any_pen_comes_into_the_range_of_mnist(stroke_px: int, least: float, most: float) -> None:
    image = normalise_glyph(255 - ring(400, stroke_px=stroke_px, paper=255, ink=0))
    enlarged = cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    assert least < stroke_width(enlarged > 127) / 8 < most


def test_thin_line_does_not_close_the_hole_of_a_ring() -> None:
    image = normalise_glyph(255 - ring(300, stroke_px=1, paper=255, ink=0))
    assert image[12:16, 12:16].max() == 0


def test_drawing_of_black_and_white_becomes_smooth() -> None:
    """28x28 from a paint programme, a line one pixel wide: edges of many greys, as MNIST has."""
    drawing = np.zeros((28, 28), np.uint8)
    cv2.ellipse(drawing, (10, 12), (4, 7), 0, 0, 360, 255, 1)
    image = normalise_glyph(drawing)
    assert ((image > 20) & (image < 235)).sum() > 40


def test_deslanted_stroke_stands_upright() -> None:
    """A line that leans by 30 pixels over 100: its columns spread over 7 of the box, upright over 3."""
    picture = np.zeros((160, 160), np.uint8)
    cv2.line(picture, (95, 30), (65, 130), 255, 10)
    leaning = cv2.boundingRect((normalise_glyph(picture) > 127).astype(np.uint8))[2]
    upright = cv2.boundingRect((normalise_glyph(picture, deslant=True) > 127).astype(np.uint8))[2]
    assert leaning >= 6
    assert upright <= 4


def test_no_ink_gives_an_empty_image() -> None:
    assert not normalise_glyph(np.zeros((50, 30), np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (2, 3)])
def test_glyph_of_a_few_pixels_is_answered(shape: tuple[int, int]) -> None:
    image = normalise_glyph(np.full(shape, 255, np.uint8))
    assert image.shape == (SIZE, SIZE)
    assert image.any()


def test_mnist_form_is_known_on_mnist(mnist_folder: Path) -> None:
    """Stated in is_mnist_form: all but 6 of the 10,000 test images."""
    images = np.asarray(load_dataset("mnist").test.images)
    assert sum(is_mnist_form(image) for image in images) == 9994


def test_mnist_form_is_denied_to_drawings_and_negatives() -> None:
    form = normalise_glyph(find_ink(seven()).coverage)
    assert not is_mnist_form(255 - form)
    assert not is_mnist_form(np.where(form > 127, 255, 0).astype(np.uint8))
    assert not is_mnist_form(np.roll(form, 3, axis=1))
    assert not is_mnist_form(form[:27])
    assert not is_mnist_form(np.zeros((SIZE, SIZE), np.uint8))


def test_mnist_digit_normalised_again_stays_close(mnist_folder: Path) -> None:
    images = np.asarray(load_dataset("mnist").test.images[:200])
    differences = [np.abs(normalise_glyph(image).astype(int) - image).mean() for image in images]
    assert np.mean(differences) < 7  # of 255; by way of an outline 8, a shift by one pixel about 17


def test_small_grey_glyph_keeps_its_greys_and_is_centred_by_mass() -> None:
    """A soft stroke of 3x10 pixels: twice as large, and thicker than the widest line of MNIST's pens."""
    stroke = np.tile(np.array([0, 180, 220, 180, 0], np.uint8), (10, 1))
    image = normalise_glyph(stroke)
    _, _, width, height = cv2.boundingRect((image > 30).astype(np.uint8))
    assert (width, height) == (pytest.approx(6, abs=1), pytest.approx(BOX, abs=1))
    assert centre_of_mass(image) == pytest.approx((CENTRE, CENTRE), abs=0.05)
    assert int(image[14].max()) == pytest.approx(220, abs=12)


def test_cubic_weights_of_a_place_within_sum_to_one() -> None:
    """And a straight line of values is met exactly: Keys' kernel is right to the first order."""
    places = np.linspace(2, 7, 41)
    weights = cubic_weights(places, 10)
    assert weights.sum(axis=1) == pytest.approx(np.ones(41))
    assert weights @ np.arange(10) == pytest.approx(places, abs=0.06)
    assert cubic_weights(np.array([3.0]), 10)[0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_specks_too_far_apart_to_be_seen_give_an_empty_image() -> None:
    coverage = np.zeros((4000, 4000), np.uint8)
    coverage[0, 0] = coverage[-1, -1] = 255
    assert not normalise_glyph(coverage).any()
