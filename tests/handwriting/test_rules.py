"""Printed lines, drawn and taken out again."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.handwriting.drawn import overlap, seven

from inkwise.handwriting.ink import find_ink
from inkwise.handwriting.rules import remove_rules

TRUTH = seven(300, stroke_px=12) < 137


def ruled(
    *, lean: float = 0.0, squared: bool = False, strength: int = 70, thickness: int = 2
) -> NDArray[np.uint8]:
    """Return a 7 on paper with lines every 31 pixels, which lean by lean (rise over run)."""
    side = 300
    lines = np.zeros((side, side), np.uint8)
    for start in range(-side, 2 * side, 31):
        cv2.line(lines, (0, start), (side, round(start + lean * side)), 255, 2, cv2.LINE_AA)
        if squared:
            cv2.line(lines, (start, 0), (round(start - lean * side), side), 255, 2, cv2.LINE_AA)
    digit = seven(side, stroke_px=12)
    return np.minimum(digit, (235 - lines / 255.0 * strength).astype(np.uint8))


@pytest.mark.parametrize("lean", [0.0, 0.02, -0.05])
@pytest.mark.parametrize("squared", [False, True])
def test_digit_on_printed_lines_is_left_alone_on_the_page(lean: float, squared: bool) -> None:
    ink = find_ink(ruled(lean=lean, squared=squared))
    assert overlap(ink.coverage, TRUTH) > 0.85
    assert any(step.name == "rules" for step in ink.steps)


def test_one_line_is_not_said_to_be_lines() -> None:
    picture = seven(400, stroke_px=12)
    picture[60:62] = 120
    (said,) = [step.text for step in find_ink(picture).steps if step.name == "rules"]
    assert said == "Printed lines taken out: 1."


def test_lines_as_dark_as_the_pen_are_taken_out() -> None:
    assert overlap(find_ink(ruled(strength=195)).coverage, TRUTH) > 0.75


def test_row_of_long_ones_is_no_paper() -> None:
    """Three strokes as tall as the picture, thin, upright, side by side: 111."""
    picture = np.full((120, 300), 240, np.uint8)
    for x in (60, 150, 240):
        cv2.line(picture, (x, 3), (x, 117), 30, 4)
    coverage = find_ink(picture).coverage
    assert all(coverage[60, x] > 200 for x in (60, 150, 240))


def test_dense_rows_of_digits_are_no_printed_lines() -> None:
    """40 rows of 28 digits fill a page from edge to edge."""
    page = np.full((1200, 900), 250, np.uint8)
    digits = np.random.default_rng(0).integers(10, size=(40, 28))
    for row, numbers in enumerate(digits):
        for column, number in enumerate(numbers):
            place = (20 + 30 * column, 30 + 29 * row)
            cv2.putText(page, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 20, 2)
    ink = find_ink(page)
    assert not any(step.name == "rules" for step in ink.steps)
    assert overlap(ink.coverage, page < 137) > 0.85


def test_foot_as_wide_as_the_picture_stays() -> None:
    """A 2 or a 1 cut out tightly: its foot runs from edge to edge and hangs together with the rest."""
    picture = np.full((200, 120), 240, np.uint8)
    cv2.line(picture, (60, 10), (60, 190), 30, 5)
    cv2.line(picture, (0, 190), (119, 190), 30, 5)
    assert find_ink(picture).coverage[190, 10:110].min() > 200


def test_one_faint_line_from_edge_to_edge_is_taken_out() -> None:
    picture = seven(300, stroke_px=12)
    picture[230:232] = np.minimum(picture[230:232], 190)
    ink = find_ink(picture)
    assert not ink.coverage[230:232, 10:100].any()
    assert overlap(ink.coverage, TRUTH) > 0.85


def test_picture_without_lines_is_given_back_as_it_is() -> None:
    strength = np.where(TRUTH, 200, 0).astype(np.float32)
    cleaned, number = remove_rules(strength, grain=1.0)
    assert cleaned is strength
    assert number == 0
