"""The constants of a work found again from runs that were made by them."""

import random

import pytest

from inkwise.experiments.planning.fit import Line, Run, fit_bytes, fit_seconds

SIZES = ((10_000, 2), (100_000, 13), (100_000, 196), (300_000, 37))


def test_constants_of_exact_runs_are_found_again() -> None:
    true = Line(start=6.0, an_image=2e-5, a_block=0.03)
    runs = [
        Run(images, blocks, true.at(images, blocks), round(1e9 + blocks * 7000)) for images, blocks in SIZES
    ]
    found = fit_seconds(runs)
    assert (found.start, found.an_image, found.a_block) == pytest.approx((6.0, 2e-5, 0.03))
    memory = fit_bytes(runs)
    assert (memory.start, memory.a_block) == pytest.approx((1e9, 7000))


def test_noise_moves_them_little_and_never_below_zero() -> None:
    chance, true = random.Random(0), Line(6.0, 2e-5, 0.0)
    runs = [Run(n, blocks, true.at(n, blocks) * chance.uniform(0.97, 1.03)) for n, blocks in SIZES * 5]
    found = fit_seconds(runs)
    assert found.at(1_000_000, 123) == pytest.approx(true.at(1_000_000, 123), rel=0.06)
    assert found.a_block >= 0


@pytest.mark.parametrize("sizes", [SIZES[:2], [(1000, 10), (2000, 20), (3000, 30)]])
def test_sizes_that_cannot_tell_the_parts_apart_are_refused(sizes: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"runs of sizes .*expected more that differ in images"):
        fit_seconds([Run(images, blocks, 1.0) for images, blocks in sizes])


def test_blocks_of_one_size_are_part_of_the_images() -> None:
    """As of training: 64 images a step. 4 s, 20 µs an image, and nothing of its own for a step."""
    runs = [Run(n, n // 64, 4.0 + n * 2e-5) for n in (6_400, 64_000, 640_000)]
    found = fit_seconds(runs, has_blocks=False)
    assert (found.start, found.an_image, found.a_block) == pytest.approx((4.0, 2e-5, 0.0))
