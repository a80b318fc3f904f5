"""Which strokes make one digit: over strings whose truth is known, and over cases made by hand."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from tests.page.strings import WrittenString, write_lines

Groups = list[list[list[int]]]

_RUN = """async drawings => {
    const {groupStrokes} = await import("inkwise/segment.js");
    return drawings.map(strokes => groupStrokes(strokes));
}"""


def grouped(js: Page, *lines: list[tuple[float, float]], width: float = 10) -> Groups:
    """Return the groups of strokes given as points x, y."""
    strokes = [
        {"points": [{"x": x, "y": y, "pressure": 0.5} for x, y in line], "width": width} for line in lines
    ]
    found: Groups = js.evaluate(_RUN, [strokes])[0]
    return found


def share_right(js: Page, strings: list[WrittenString]) -> float:
    found = js.evaluate(_RUN, [string.strokes for string in strings])
    return float(np.mean([mine == string.lines for mine, string in zip(found, strings, strict=True)]))


def arc(
    x: float, y: float, *, across: float, down: float, begin: float, end: float
) -> list[tuple[float, float]]:
    """Points along an ellipse about x, y; angles in degrees, 0 to the right, 90 below."""
    angles = np.radians(np.linspace(begin, end, 25))
    return [(float(x + across * np.cos(angle)), float(y + down * np.sin(angle))) for angle in angles]


@pytest.mark.parametrize(("num_lines", "count"), [(1, 80), (2, 25)])
def test_digits_apart_are_grouped_right(js: Page, num_lines: int, count: int) -> None:
    generator = np.random.default_rng(num_lines)
    strings = [write_lines(generator, num_lines=num_lines, space=(0.1, 0.5)) for _ in range(count)]
    assert share_right(js, strings) > 0.97


def test_digits_that_nearly_touch_are_mostly_grouped_right(js: Page) -> None:
    generator = np.random.default_rng(3)
    strings = [write_lines(generator, space=(-0.05, 0.05)) for _ in range(40)]
    assert share_right(js, strings) > 0.85


def test_bars_added_at_the_end_find_their_digits(js: Page) -> None:
    generator = np.random.default_rng(4)
    strings = [second_strokes_last(write_lines(generator, space=(0.15, 0.4))) for _ in range(40)]
    assert share_right(js, strings) > 0.9


def second_strokes_last(string: WrittenString) -> WrittenString:
    """The string as somebody writes it who comes back for the bars when all digits stand."""
    digits = [digit for line in string.lines for digit in line]
    order = [digit[0] for digit in digits] + [index for digit in digits for index in digit[1:]]
    place = {index: new for new, index in enumerate(order)}
    lines = [[sorted(place[index] for index in digit) for digit in line] for line in string.lines]
    strokes: list[dict[str, Any]] = [string.strokes[index] for index in order]
    return WrittenString(strokes, lines, string.digits)


def test_nothing_written_gives_no_line(js: Page) -> None:
    assert grouped(js) == []


def test_five_keeps_its_bar_that_stands_apart(js: Page) -> None:
    body = [(110, 60), (105, 110), *arc(130, 140, across=40, down=40, begin=-130, end=140)]
    bar = [(125, 42), (180, 40)]
    assert grouped(js, body, bar) == [[[0, 1]]]
    assert grouped(js, bar, body) == [[[0, 1]]]


def test_seven_keeps_the_bar_that_crosses_it(js: Page) -> None:
    seven = [(100, 50), (170, 50), (120, 200)]
    assert grouped(js, seven, [(110, 130), (180, 125)]) == [[[0, 1]]]


def test_one_beside_one_stays_apart(js: Page) -> None:
    ones = [[(x, 50), (x - 5, 200)] for x in (100, 130, 160)]
    assert grouped(js, *ones) == [[[0], [1], [2]]]


def test_two_halves_of_a_zero_are_one(js: Page) -> None:
    left = arc(100, 100, across=40, down=70, begin=-90, end=-270)
    right = arc(104, 100, across=40, down=70, begin=-90, end=90)
    assert grouped(js, left, right) == [[[0, 1]]]
    assert grouped(js, left, right[::-1]) == [[[0, 1]]]


def test_lines_are_read_from_the_top_and_from_the_left(js: Page) -> None:
    below = [(60, 300), (60, 420)]
    right, left = [(200, 60), (200, 180)], [(80, 70), (80, 190)]
    assert grouped(js, below, right, left) == [[[2], [1]], [[0]]]


def test_low_digit_does_not_end_the_line(js: Page) -> None:
    """The last digit stands above the low one's top, but beside the first."""
    low = [(130, 155), (180, 155), (130, 215), (180, 215)]
    assert grouped(js, [(60, 50), (60, 200)], low, [(260, 40), (260, 135)]) == [[[0], [1], [2]]]


def test_slip_of_the_pen_is_left_out_but_not_alone(js: Page) -> None:
    slip = [(300, 300), (301, 300)]
    assert grouped(js, [(60, 50), (60, 200)], slip) == [[[0]]]
    assert grouped(js, slip) == [[[0]]]
