"""Colours mean values: the same on the whole picture, and 0 in the middle where signs matter."""

import matplotlib as mpl
import numpy as np

from inkwise.figures.inspection.panels.scale import Scale, even_scale, grey_scale, say_value, signed_scale


def test_even_scale_covers_the_true_range() -> None:
    scale = even_scale(np.array([-3.0, 0.0, 5.0], dtype=np.float32))
    assert (scale.low, scale.high) == (-3, 5)
    painted = scale.paint(np.array([-3.0, 5.0], dtype=np.float32))
    viridis = mpl.colormaps["viridis"]
    assert painted.tolist() == [list(viridis(0.0, bytes=True)), list(viridis(1.0, bytes=True))]


def test_grey_scale_paints_black_to_white() -> None:
    painted = grey_scale(np.array([-1.0, 1.0], dtype=np.float32)).paint(np.array([-1.0, 1.0]))
    assert painted.tolist() == [[0, 0, 0, 255], [255, 255, 255, 255]]


def test_signed_scale_has_zero_in_the_middle() -> None:
    """A weight of 0 is nearly white though all others are positive; equal sizes are equally far from it."""
    scale = signed_scale(np.array([0.1, 0.4], dtype=np.float32))
    assert scale.low == -scale.high
    assert signed_scale(np.array([-0.5, 0.25], dtype=np.float32)).high == 0.5
    assert min(scale.paint(np.zeros(1))[0][:3]) > 240
    red, blue = scale.paint(np.array([0.4, -0.4]))
    assert red[0] > red[2]
    assert blue[2] > blue[0]


def test_value_that_is_no_number_has_no_colour() -> None:
    painted = even_scale(np.array([0.0, np.nan, np.inf, 1.0])).paint(np.array([np.nan]))
    assert painted[0, 3] == 0


def test_marks_leave_out_a_zero_too_near_an_end() -> None:
    assert Scale("viridis", -1, 1).marks() == [-1, 0, 1]
    assert Scale("viridis", -0.01, 1).marks() == [-0.01, 1]
    assert Scale("viridis", 0, 1).marks() == [0, 1]


def test_values_are_said_with_a_real_minus() -> None:
    assert say_value(-0.5) == "\N{MINUS SIGN}0.5"
    assert say_value(0.00012) == "1.2e\N{MINUS SIGN}04"
