"""Light writing or dark, on every ground."""

import cv2
import numpy as np
import pytest
from tests.handwriting.drawn import grainy, ring, seven, shaded

from inkwise.handwriting.polarity import has_light_ink

DRAWN = {"seven": seven(), "ring": ring(), "fat ring": ring(stroke_px=30), "thin seven": seven(stroke_px=2)}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("least", [1.0, 0.6, 0.35])
def test_polarity_is_known_under_uneven_light(name: str, least: float) -> None:
    picture = shaded(DRAWN[name], least=least)
    assert not has_light_ink(picture)
    assert has_light_ink(~picture)


@pytest.mark.parametrize("name", DRAWN)
def test_polarity_is_known_in_grain(name: str) -> None:
    if name != "thin seven":  # a hair in such grain nobody sees
        picture = grainy(shaded(DRAWN[name], least=0.7), spread=15)
        assert not has_light_ink(picture)
        assert has_light_ink(~picture)


@pytest.mark.parametrize("name", DRAWN)
def test_polarity_of_tight_crop_is_that_of_the_whole(name: str) -> None:
    """The ink comes near every border, and of a fat ring it is nearly half of the picture."""
    x, y, width, height = cv2.boundingRect((DRAWN[name] < 137).astype(np.uint8))
    crop = DRAWN[name][max(0, y - 3) : y + height + 3, max(0, x - 3) : x + width + 3]
    assert not has_light_ink(crop)
    assert has_light_ink(~crop)


@pytest.mark.parametrize("first", [30, 80, 150])
def test_half_in_shadow_is_no_ink(first: int) -> None:
    picture = seven()
    picture[:, first:] = (picture[:, first:] * 0.55).astype(np.uint8)
    assert not has_light_ink(picture)


def test_faint_writing_on_grey_is_known() -> None:
    picture = shaded(seven(28, stroke_px=1, paper=190, ink=150), least=0.8)
    assert not has_light_ink(picture)
    assert has_light_ink(~picture)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_empty_picture_is_answered(value: int) -> None:
    assert has_light_ink(np.full((40, 50), value, np.uint8)) in (True, False)
