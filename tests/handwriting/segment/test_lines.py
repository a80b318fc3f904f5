"""Lines: which boxes stand side by side, on level and on tilted paper."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inkwise.handwriting.segment.lines import estimate_tilt, group_lines


def boxes(*rows: list[tuple[int, int, int, int]]) -> NDArray[np.int64]:
    return np.array([box for row in rows for box in row], np.int64)


def level_row(y: int, count: int, *, x: int = 0, height: int = 40) -> list[tuple[int, int, int, int]]:
    return [(x + 50 * i, y, 25, height) for i in range(count)]


def as_lists(lines: list[NDArray[np.int64]]) -> list[list[int]]:
    return [line.tolist() for line in lines]


def test_rows_are_read_from_top_and_left() -> None:
    page = boxes(level_row(100, 2), level_row(0, 3))
    assert as_lists(group_lines(page)) == [[2, 3, 4], [0, 1]]


def test_order_of_boxes_does_not_matter() -> None:
    page = boxes(level_row(0, 5), level_row(70, 4))
    order = np.random.default_rng(1).permutation(len(page))
    lines = group_lines(page[order])
    assert [order[line].tolist() for line in lines] == [[0, 1, 2, 3, 4], [5, 6, 7, 8]]


@pytest.mark.parametrize("slope", [-0.3, -0.1, 0.0, 0.2])
def test_tilt_is_the_slope_of_the_rows(slope: float) -> None:
    page = boxes(level_row(200, 8), level_row(300, 8))
    page[:, 1] += np.rint(slope * page[:, 0]).astype(np.int64)
    assert estimate_tilt(page) == pytest.approx(slope, abs=0.02)
    assert as_lists(group_lines(page, tilt=estimate_tilt(page))) == [list(range(8)), list(range(8, 16))]


def test_tilt_of_few_boxes_is_none() -> None:
    assert estimate_tilt(boxes([(0, 0, 20, 40), (50, 15, 20, 40), (100, 30, 20, 40)])) == 0.0


def test_digits_that_dance_are_one_line() -> None:
    page = boxes([(0, 0, 25, 60), (50, 15, 25, 40), (100, -10, 25, 45), (150, 20, 25, 50), (200, 2, 25, 40)])
    assert as_lists(group_lines(page)) == [[0, 1, 2, 3, 4]]


def test_digit_that_slid_down_at_the_end_stays_in_its_line() -> None:
    page = boxes([(0, 0, 60, 100), (80, 0, 60, 100), (150, 80, 15, 80)])
    assert as_lists(group_lines(page)) == [[0, 1, 2]]


def test_columns_are_read_across() -> None:
    page = boxes(level_row(0, 2), level_row(80, 2), level_row(3, 2, x=400), level_row(84, 2, x=400))
    assert as_lists(group_lines(page)) == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_no_boxes_are_no_lines() -> None:
    assert group_lines(np.zeros((0, 4), np.int64)) == []
