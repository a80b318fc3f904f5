"""How far a measured share may be from the true one, for one classifier and for the difference of two.

The intervals speak of other images drawn like the test images; they say nothing of other seeds.
"""

import math
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95  # of every interval inkwise shows


class PairedCounts(NamedTuple):
    """How two classifiers did on the same images; the four counts add up to the number of images."""

    both_right: int
    only_first_right: int
    only_second_right: int
    both_wrong: int


def wilson_interval(
    num_right: int, num_images: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return Wilson's score interval (low, high) of a share, fractions in [0, 1].

    It holds near 100 %, where the textbook's p +- 1.96 standard errors runs past 1 and is too narrow.

    Source: Wilson, JASA 22, 1927, pages 209-212. Written out, because scipy.stats, which has it too and
    which a test compares with, takes longer to import than a classifier takes to be evaluated.

    >>> [round(edge, 4) for edge in wilson_interval(9800, 10_000)]
    [0.9771, 0.9826]
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = num_right / num_images
    centre = share + z**2 / (2 * num_images)
    reach = z * math.sqrt(share * (1 - share) / num_images + (z / (2 * num_images)) ** 2)
    scale = 1 + z**2 / num_images
    # Rounding leaves the bounds of 0 and of all images 1e-17 away from where they belong.
    return max(min((centre - reach) / scale, share), 0.0), min(max((centre + reach) / scale, share), 1.0)


def paired_difference_interval(
    counts: PairedCounts, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Return the interval (low, high) of accuracy(second) - accuracy(first), fractions in [-1, 1].

    Newcombe's method 10: the distances from each accuracy to its own Wilson bounds are put together like
    two sides of a triangle, the angle given by phi, the correlation of the two being right on one image.
    On the same images two classifiers mostly fail together, so this is far narrower than two intervals
    laid side by side would suggest.

    Source: Newcombe, Statistics in Medicine 17, 1998, pages 2635-2650, method 10.

    >>> [round(edge, 4) for edge in paired_difference_interval(PairedCounts(36, 2, 12, 0))]
    [0.0569, 0.3404]
    """
    num_images = sum(counts)
    num_first = counts.both_right + counts.only_first_right
    num_second = counts.both_right + counts.only_second_right
    first, second = num_first / num_images, num_second / num_images
    first_low, first_high = wilson_interval(num_first, num_images, confidence=confidence)
    second_low, second_high = wilson_interval(num_second, num_images, confidence=confidence)
    phi = _correlation(counts)
    below = _third_side(second - second_low, first_high - first, phi)
    above = _third_side(second_high - second, first - first_low, phi)
    return second - first - below, second - first + above


def _third_side(one: float, other: float, cosine: float) -> float:
    # max: with phi near 1 and equal sides, rounding can leave -1e-20 under the root.
    return math.sqrt(max(0.0, one**2 - 2 * cosine * one * other + other**2))


def _correlation(counts: PairedCounts) -> float:
    """Return phi of the 2x2 table, a positive one shrunk by Newcombe's continuity correction."""
    a, b, c, d = counts
    spread = math.sqrt(float(a + b) * (c + d) * (a + c) * (b + d))
    if spread == 0:  # one of the two is right, or wrong, on every image
        return 0.0
    excess = float(a * d - b * c)
    if excess > 0:
        excess = max(excess - sum(counts) / 2, 0.0)
    return excess / spread
