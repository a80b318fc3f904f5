"""Wilson's interval and Newcombe's for paired shares, against published and hand-computed values."""

import math

import pytest

from inkwise.evaluation.intervals import PairedCounts, paired_difference_interval, wilson_interval

Z = 1.959963984540054  # 97.5 % point of the normal distribution


def test_wilson_equals_its_formula() -> None:
    """(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), Wilson 1927, with p = 0.98, n = 10,000."""
    p, n = 0.98, 10_000
    middle, half = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    low, high = wilson_interval(9_800, 10_000)
    assert low == pytest.approx((middle - half) / (1 + Z**2 / n), abs=1e-12)
    assert high == pytest.approx((middle + half) / (1 + Z**2 / n), abs=1e-12)


def test_wilson_of_all_right_ends_at_one_exactly() -> None:
    """The lower bound of n of n is n / (n + z^2): 10 / 13.8415 = 0.7225."""
    low, high = wilson_interval(10, 10)
    assert (round(low, 4), high) == (0.7225, 1.0)


def test_wilson_of_none_right_starts_at_zero_exactly() -> None:
    low, high = wilson_interval(0, 10)
    assert (low, round(high, 4)) == (0.0, 0.2775)


def test_wilson_at_higher_confidence_is_wider() -> None:
    narrow, wide = wilson_interval(90, 100), wilson_interval(90, 100, confidence=0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_paired_interval_equals_newcombes_published_example() -> None:
    """Newcombe 1998, method 10, for 36, 12, 2 and 0 pairs: 0.0569 to 0.3404 around 10/50 = 0.2."""
    low, high = paired_difference_interval(PairedCounts(36, 2, 12, 0))
    assert (round(low, 4), round(high, 4)) == (0.0569, 0.3404)


def test_paired_interval_after_swapping_the_two_is_negated() -> None:
    low, high = paired_difference_interval(PairedCounts(900, 30, 50, 20))
    swapped = paired_difference_interval(PairedCounts(900, 50, 30, 20))
    assert swapped == pytest.approx((-high, -low), abs=1e-15)


def test_paired_interval_of_equal_classifiers_holds_zero() -> None:
    low, high = paired_difference_interval(PairedCounts(970, 0, 0, 30))
    assert low <= 0 <= high
    assert high - low < 0.01


def test_paired_interval_corrects_a_positive_correlation_for_continuity() -> None:
    """970 both right, 30 both wrong: phi = (970 * 30 - 1000/2) / (970 * 30) = 28600/29100, not 1."""
    low, high = paired_difference_interval(PairedCounts(970, 0, 0, 30))
    bounds = wilson_interval(970, 1000)
    below, above = 0.97 - bounds[0], bounds[1] - 0.97
    side = math.sqrt(below**2 - 2 * (28600 / 29100) * below * above + above**2)
    assert (low, high) == pytest.approx((-side, side), abs=1e-12)


def test_paired_interval_is_narrower_than_two_apart() -> None:
    """Mostly failing together (30 of 60 errors shared) says more than two separate intervals."""
    low, high = paired_difference_interval(PairedCounts(9_940, 10, 20, 30))
    one, two = wilson_interval(9_950, 10_000), wilson_interval(9_960, 10_000)
    assert high - low < math.hypot(one[1] - one[0], two[1] - two[0])


def test_paired_interval_with_one_always_right_needs_no_correlation() -> None:
    low, high = paired_difference_interval(PairedCounts(90, 0, 10, 0))
    assert 0 < low < 0.1 < high
