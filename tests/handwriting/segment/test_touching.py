"""Cuts through marks that touch, and the best way through what they offer."""

import itertools

import cv2
import numpy as np
import pytest

from inkwise.handwriting.segment.touching import Cut, best_path, find_cuts


def two_rings() -> np.ndarray:
    """Return two rings around columns 30 and 90 that a thin line of ink holds together at column 60."""
    coverage = np.zeros((80, 120), np.uint8)
    for x in (30, 90):
        cv2.ellipse(coverage, (x, 40), (25, 36), 0, 0, 360, 255, 6, cv2.LINE_AA)
    coverage[38:42, 52:68] = 255
    return coverage


def test_best_cut_of_two_rings_goes_between_them() -> None:
    best = min(find_cuts(two_rings(), stroke_px=6), key=lambda cut: cut.crossed)
    assert np.abs(best.columns - 60).max() < 12
    assert best.columns[40] == pytest.approx(60, abs=5)
    assert best.crossed == pytest.approx(4 / 6, abs=0.35)  # the line is 4 rows thick
    assert best.ink == pytest.approx(1.5 / 2, abs=0.05)  # half of the 1.5 squares that the mark is wide


def test_cuts_are_where_the_mark_lies() -> None:
    here = find_cuts(two_rings(), stroke_px=6)
    there = find_cuts(two_rings(), stroke_px=6, origin=(300, 70))
    for cut, moved in zip(here, there, strict=True):
        np.testing.assert_allclose(moved.columns, cut.columns + 300)
        assert (moved.top, cut.top) == (70, 0)


def test_slanted_strokes_are_cut_along_the_slant() -> None:
    coverage = np.zeros((100, 120), np.uint8)
    for x in (50, 75):
        cv2.line(coverage, (x + 25, 5), (x - 25, 95), 255, 6, cv2.LINE_AA)
    coverage[48:52, 50:75] = 255  # between them they hang together
    best = min(find_cuts(coverage, stroke_px=6), key=lambda cut: cut.crossed)
    assert best.crossed == pytest.approx(4 / 6, abs=0.35)
    assert best.columns[15] - best.columns[85] == pytest.approx(70 * 50 / 90, abs=15)


def test_cuts_come_from_left_to_right_and_none_twice() -> None:
    cuts = find_cuts(two_rings(), stroke_px=6)
    assert len(cuts) > 3
    assert all(left.ink <= right.ink for left, right in itertools.pairwise(cuts))
    assert len({cut.columns.tobytes() for cut in cuts}) == len(cuts)


def test_bar_is_never_cut_where_all_of_it_is_thick() -> None:
    assert find_cuts(np.full((60, 20), 255, np.uint8), stroke_px=6) == []


def test_cut_that_crosses_another_is_not_left_of_it() -> None:
    down = Cut(np.array([1, 2, 3], np.float32), 0, 1.0, 0.5)
    up = Cut(np.array([3, 2, 1], np.float32), 0, 1.0, 0.5)
    straight = Cut(np.array([4, 4, 4], np.float32), 0, 1.0, 0.7)
    assert not down.is_left_of(up)
    assert down.is_left_of(straight)
    assert not straight.is_left_of(up)


def test_best_path_is_the_best_of_all_paths() -> None:
    generator = np.random.default_rng(7)
    scores = {(i, j): float(generator.normal()) for i in range(7) for j in range(i + 1, 7)}
    paths = [(0, *inner, 6) for n in range(6) for inner in itertools.combinations(range(1, 6), n)]
    totals = {path: sum(scores[step] for step in itertools.pairwise(path)) for path in paths}
    expected = max(totals, key=totals.__getitem__)
    assert best_path(7, scores) == list(itertools.pairwise(expected))


def test_best_path_goes_round_what_leads_nowhere() -> None:
    assert best_path(4, {(0, 1): 9.0, (0, 2): -5.0, (2, 3): -5.0}) == [(0, 2), (2, 3)]
