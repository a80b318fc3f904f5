"""The paper without its ink."""

import numpy as np
import pytest
from tests.handwriting.drawn import grainy, ring, seven, shaded

from inkwise.handwriting.paper import ink_channel, ink_strength, level_light, shrink, smooth_grain


def test_even_light_is_left_as_it_is() -> None:
    channel = seven().astype(np.float32)
    assert level_light(channel) is channel


def test_falling_light_is_made_even() -> None:
    """From 235 at the left to 94 at the right: afterwards paper is 235 to within a few levels all over."""
    channel = level_light(shaded(ring(), least=0.4).astype(np.float32))
    paper = channel[ring() > 230]
    assert paper.max() - paper.min() < 12
    assert np.median(paper) == pytest.approx(235, abs=6)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_edge_of_a_shadow_is_no_falling_light(share: float) -> None:
    """A curved surface fits one side of it, or neither."""
    picture = ring().astype(np.float32)
    picture[:, : round(share * 200)] *= 0.55
    assert level_light(picture) is picture


def test_strength_is_the_difference_to_the_paper() -> None:
    strength = ink_strength(seven(paper=200, ink=80).astype(np.float32), kernel=60, near=40)
    assert np.median(strength[seven(paper=200, ink=80) == 80]) == pytest.approx(120, abs=3)
    assert np.median(strength[seven(paper=200, ink=80) == 200]) == pytest.approx(0, abs=1)


def test_channel_of_grey_picture_in_colour_is_that_grey() -> None:
    grey = seven()
    np.testing.assert_allclose(ink_channel(np.dstack([grey] * 3)), grey, atol=0.01)
    np.testing.assert_array_equal(ink_channel(grey), grey)


def test_grain_is_smoothed_and_clean_lines_are_not() -> None:
    clean = seven(stroke_px=1).astype(np.float32)
    assert smooth_grain(clean) is clean
    noisy = grainy(seven(), spread=20).astype(np.float32)
    bare = seven() > 230
    assert smooth_grain(noisy)[bare].std() < 0.5 * noisy[bare].std()


def test_shadow_does_not_weaken_ink() -> None:
    """Paper 200 and ink 80 beside the same at half the light: 120 levels and 60, strength 120 twice."""
    picture = np.full((120, 240), 200, np.float32)
    picture[50:58, 20:220] = 80
    picture[:, 120:] *= 0.5
    strength = ink_strength(picture, kernel=60, near=30)
    light, dark = (float(np.median(strength[50:58, columns])) for columns in (slice(30, 90), slice(150, 210)))
    assert light == pytest.approx(120, abs=8)
    assert dark == pytest.approx(light, abs=12)
    assert strength[:40, 140:].max() < 10  # the edge of the shadow is at 120, paper within 15 of it


def test_shrink_keeps_shape_and_mean() -> None:
    small = shrink(seven(400), 100)
    assert small.shape == (100, 100)
    assert small.mean() == pytest.approx(seven(400).mean(), abs=0.5)
    assert shrink(small, 100) is small
