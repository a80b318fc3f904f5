"""Percent for people never rounds something to nothing nor almost everything to everything."""

import pytest

from inkwise.figures.percent import say_percent


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0, "0 %"),
        (0.00001, "under 0.01 %"),
        (0.0001, "0.01 %"),
        (0.5, "50.00 %"),
        (0.9999, "99.99 %"),
        (0.99996, "over 99.99 %"),
        (1.0, "100 %"),
    ],
)
def test_percent_near_the_ends_stays_true(fraction: float, text: str) -> None:
    assert say_percent(fraction) == text


def test_percent_with_fewer_decimals_moves_the_ends() -> None:
    assert say_percent(0.9996, decimals=1) == "over 99.9 %"
