"""Marks: what hangs together, what certainly belongs together, how far the rest is apart."""

import cv2
import numpy as np
import pytest
from tests.handwriting.segment.written import STROKE_PX, page, row

from inkwise.handwriting.segment.marks import Marks, drop_cut_off, find_marks, find_scale, join_marks


def bars(shape: tuple[int, int], *boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Return coverage with full rectangles x, y, width, height."""
    coverage = np.zeros(shape, np.uint8)
    for x, y, width, height in boxes:
        coverage[y : y + height, x : x + width] = 255
    return coverage


def joined(coverage: np.ndarray, *, stroke_px: float = 6) -> Marks:
    marks = find_marks(coverage, stroke_px=stroke_px)
    return join_marks(marks, find_scale(marks, stroke_px=stroke_px))


def test_marks_of_two_bars_are_their_boxes() -> None:
    marks = find_marks(bars((80, 90), (20, 10, 6, 50), (60, 20, 6, 40)), stroke_px=6)
    left, top = marks.origin
    boxes = {(x + left, y + top, width, height) for x, y, width, height in marks.boxes.tolist()}
    assert boxes == {(20, 10, 6, 50), (60, 20, 6, 40)}


def test_gap_is_the_empty_pixels_between() -> None:
    # 20 + 6 = 26 is the first empty column, 39 the last: 14 pixels. Each second one is looked at.
    marks = find_marks(bars((80, 90), (20, 10, 6, 50), (40, 10, 6, 50)), stroke_px=6)
    assert marks.gaps[0, 1] == pytest.approx(14, abs=2)


def test_marks_with_one_between_are_no_neighbours() -> None:
    marks = find_marks(bars((80, 90), (10, 10, 6, 50), (30, 10, 6, 50), (50, 10, 6, 50)), stroke_px=6)
    assert set(marks.gaps) == {(0, 1), (1, 2)}


def test_dust_is_no_mark() -> None:
    assert len(find_marks(bars((80, 90), (20, 10, 6, 50), (60, 20, 2, 2)), stroke_px=6).boxes) == 1


def test_paper_without_ink_has_no_marks() -> None:
    assert len(find_marks(np.zeros((30, 40), np.uint8), stroke_px=0).boxes) == 0


def test_height_is_that_of_digits_not_of_dots() -> None:
    dots = [(200 + 12 * i, 10, 8, 8) for i in range(6)]
    marks = find_marks(bars((90, 300), (20, 10, 6, 60), (60, 10, 6, 60), (90, 12, 6, 58), *dots), stroke_px=6)
    assert find_scale(marks, stroke_px=6).height == 60


def test_line_where_pen_skipped_is_joined() -> None:
    dashes = [(30, 10 + 12 * i, 6, 8) for i in range(6)]  # 4 empty pixels, less than the width of the line
    assert len(joined(bars((100, 80), *dashes)).boxes) == 1


@pytest.mark.parametrize("gap", [5, 9])
def test_digits_in_pieces_have_the_height_of_whole_ones(gap: int) -> None:
    coverage = page((110, 500), *row("30852"))
    for y in range(30, 80, 22):
        coverage[y : y + gap] = 0
    scale = find_scale(find_marks(coverage, stroke_px=STROKE_PX), stroke_px=STROKE_PX)
    assert scale.height == pytest.approx(66, abs=4)
    assert scale.skip >= gap
    assert len(joined(coverage).boxes) == 5


def test_lines_close_together_are_not_taken_for_pieces() -> None:
    coverage = page((200, 500), *row("30852"), *row("96035", at=(20, 95)))
    scale = find_scale(find_marks(coverage, stroke_px=STROKE_PX), stroke_px=STROKE_PX)
    assert scale.height == pytest.approx(66, abs=4)
    assert len(joined(coverage).boxes) == 10


def test_chains_of_touching_digits_are_not_taken_for_pieces() -> None:
    coverage = page((200, 500), *row("35862", gap=-6), *row("96358", gap=-6, at=(20, 100)))
    scale = find_scale(find_marks(coverage, stroke_px=STROKE_PX), stroke_px=STROKE_PX)
    assert scale.height == pytest.approx(66, abs=4)


def test_grain_beside_a_stroke_is_joined() -> None:
    assert len(joined(bars((100, 80), (30, 10, 6, 70), (41, 30, 4, 5))).boxes) == 1


def test_two_digits_side_by_side_are_not_joined() -> None:
    assert len(joined(bars((100, 80), (20, 10, 6, 70), (28, 10, 6, 70))).boxes) == 2


def test_lines_one_above_the_other_are_not_joined() -> None:
    coverage = bars((150, 80), (20, 10, 6, 60), (40, 10, 6, 60), (20, 80, 6, 60), (40, 80, 6, 60))
    assert len(joined(coverage).boxes) == 4


def test_slash_through_a_zero_is_joined() -> None:
    coverage = page((100, 100), ("0", 30, 10, 70))
    cv2.line(coverage, (42, 55), (60, 32), 255, 4, cv2.LINE_AA)
    assert len(find_marks(coverage, stroke_px=STROKE_PX).boxes) == 2
    assert len(joined(coverage).boxes) == 1


def kept_boxes(coverage: np.ndarray) -> list[list[int]]:
    marks = find_marks(coverage, stroke_px=6)
    left = drop_cut_off(marks, find_scale(marks, stroke_px=6), (coverage.shape[0], coverage.shape[1]))
    assert set(np.unique(left.labels)) == set(range(len(left.boxes) + 1))
    return [[x + left.origin[0], y + left.origin[1], w, h] for x, y, w, h in left.boxes.tolist()]


def test_stroke_that_the_edge_cuts_off_is_dropped() -> None:
    coverage = bars((100, 120), (20, 10, 6, 60), (26, 10, 30, 6), (112, 20, 8, 60))
    assert kept_boxes(coverage) == [[20, 10, 36, 60]]


def test_stroke_at_the_edge_stays_where_all_digits_reach_it() -> None:
    coverage = bars((70, 120), (20, 0, 6, 70), (112, 5, 8, 60))
    assert len(kept_boxes(coverage)) == 2


def test_bar_at_the_edge_stays_near_its_digit() -> None:
    coverage = bars((100, 120), (40, 8, 6, 60), (40, 0, 30, 5))
    assert len(kept_boxes(coverage)) == 2


def test_stroke_clear_of_the_edge_stays() -> None:
    coverage = bars((100, 122), (20, 10, 6, 60), (112, 20, 8, 60))
    assert len(kept_boxes(coverage)) == 2


def test_marks_are_joined_alike_wherever_they_lie() -> None:
    coverage = page((100, 500), *row("4057"))
    moved = np.pad(coverage, ((31, 5), (7, 60)))
    here, there = joined(coverage), joined(moved)
    assert there.origin == (here.origin[0] + 7, here.origin[1] + 31)
    np.testing.assert_array_equal(here.boxes, there.boxes)


def test_marks_beyond_those_of_writing_are_counted() -> None:
    coverage = np.kron(np.ones((80, 80), np.uint8), np.pad(np.full((2, 2), 255, np.uint8), (0, 4)))
    coverage[:12, :12] = 255  # a large one that must stay; it takes in 9 of them
    marks = find_marks(coverage, stroke_px=2)
    assert marks.num_left_out == 6392 - len(marks.boxes) > 0
    assert marks.boxes[:, 2].max() == 14
