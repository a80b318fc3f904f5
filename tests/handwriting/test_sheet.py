"""Sheets of paper on tables."""

import cv2
import numpy as np
import pytest
from tests.handwriting.drawn import overlap, shaded

from inkwise.handwriting.ink import find_ink
from inkwise.handwriting.sheet import find_sheet

CORNERS = np.array([(60, 40), (330, 60), (350, 270), (40, 250)], np.int32)


def photo(*, table: int = 110, paper: int = 225) -> np.ndarray:  # type: ignore[type-arg]
    """Return a sheet, seen at an angle, with 47 on it, and a dark pencil beside it."""
    picture = np.full((300, 400), table, np.uint8)
    cv2.fillConvexPoly(picture, CORNERS, paper)
    cv2.putText(picture, "47", (120, 190), cv2.FONT_HERSHEY_SIMPLEX, 3, 50, 6)
    cv2.line(picture, (375, 30), (385, 260), 20, 6)
    return picture


def test_sheet_is_found_within_its_outline() -> None:
    found = find_sheet(photo().astype(np.float32))
    truth = cv2.fillConvexPoly(np.zeros((300, 400), np.uint8), CORNERS, 1) > 0
    assert found is not None
    assert not (found & ~truth).any()
    assert found.sum() > 0.9 * truth.sum()


def test_what_lies_on_the_table_is_no_ink() -> None:
    coverage = find_ink(photo()).coverage
    assert not coverage[:, 360:].any()
    assert not coverage[:35].any()
    assert coverage[110:200, 110:270].any()


@pytest.mark.parametrize("light", [0.4, 0.7])
def test_paper_in_the_shade_is_no_table(light: float) -> None:
    """The edge of a shadow is as sharp as that of a sheet; but a table has no writing."""
    page = np.full((400, 600), 235, np.uint8)
    for number, line in enumerate(("31415", "92653", "58979")):
        cv2.putText(page, line, (60, 110 + 120 * number), cv2.FONT_HERSHEY_SIMPLEX, 3, 50, 6)
    shade = cv2.GaussianBlur(np.where(np.arange(600) > 190, light, 1.0)[None].repeat(400, 0), (0, 0), 2)
    shady = np.asarray(page * shade, np.uint8)
    assert find_sheet(shady.astype(np.float32)) is not None
    assert overlap(find_ink(shady).coverage, page < 140) > 0.9


@pytest.mark.parametrize("least", [1.0, 0.6, 0.3])
def test_page_that_fills_the_picture_has_no_sheet(least: float) -> None:
    """Light that falls off slowly has no edge."""
    page = np.full((300, 400), 230, np.uint8)
    cv2.putText(page, "47", (120, 190), cv2.FONT_HERSHEY_SIMPLEX, 3, 50, 6)
    assert find_sheet(shaded(page, least=least).astype(np.float32)) is None


def test_ring_is_no_table_around_a_sheet() -> None:
    """The inside of a fat 0 is light, convex and sharp: but it is no sheet, the paper goes on outside."""
    picture = np.full((200, 200), 230, np.uint8)
    cv2.circle(picture, (100, 100), 70, 30, 20)
    assert find_sheet(picture.astype(np.float32)) is None


def test_tiny_picture_has_no_sheet() -> None:
    assert find_sheet(np.zeros((28, 28), np.float32)) is None
