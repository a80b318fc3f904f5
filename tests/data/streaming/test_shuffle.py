"""The plan of the shuffle buffer: every image once, the same for the same seed, mixed from far apart."""

from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.data.streaming.shuffle import LANES, measure_shuffle, plan_fills, shuffle_fill

SIZES = st.lists(st.integers(0, 300), max_size=40)
SEEDS = st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(0, 9)))


def images_of(plan):
    return [(piece.run, place) for fill in plan for piece in fill for place in range(piece.start, piece.stop)]


@settings(deadline=None)
@given(sizes=SIZES, images=st.integers(1, 500), seed=SEEDS)
def test_plan_of_any_sizes_then_every_image_once(sizes, images, seed):
    expected = [(run, place) for run, size in enumerate(sizes) for place in range(size)]
    planned = images_of(plan_fills(sizes, images=images, seed=seed))
    assert sorted(planned) == expected
    if seed is None:
        assert planned == expected


@settings(deadline=None)
@given(sizes=SIZES, images=st.integers(1, 500), seed=SEEDS)
def test_fills_are_full_but_the_last(sizes, images, seed):
    counts = [sum(map(len, fill)) for fill in plan_fills(sizes, images=images, seed=seed)]
    assert all(count == images for count in counts[:-1])
    assert sum(counts) == sum(sizes)


@settings(deadline=None)
@given(sizes=SIZES, images=st.integers(1, 500), seed=SEEDS)
def test_a_run_is_read_front_to_back(sizes, images, seed):
    """A cursor cannot go back: within a run the pieces of the plan follow one another."""
    for run in range(len(sizes)):
        pieces = [piece for fill in plan_fills(sizes, images=images, seed=seed) for piece in fill]
        own = [(piece.start, piece.stop) for piece in pieces if piece.run == run]
        assert list(chain.from_iterable(own)) == sorted(chain.from_iterable(own))
        assert all(first[1] == second[0] for first, second in pairwise(own))


def test_equal_seeds_give_equal_plans_and_others_others():
    plans = [list(plan_fills([100] * 30, images=256, seed=seed)) for seed in ((1, 2), (1, 2), (1, 3), (2, 2))]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2] != plans[3] != plans[0]
    orders = [shuffle_fill(100, seed=(1, 2), number=number) for number in (0, 0, 1)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])
    assert sorted(orders[0].tolist()) == list(range(100))


def test_no_more_runs_are_open_than_lanes():
    is_open, most = set(), 0
    for fill in plan_fills([5000] * 400, images=65_536, seed=(0, 0)):
        for piece in fill:
            is_open.add(piece.run)
            most = max(most, len(is_open))
            if piece.stop == 5000:
                is_open.discard(piece.run)
    assert most == LANES


def test_first_fills_may_be_smaller():
    plan = plan_fills([100] * 30, images=1000, seed=(1,), before=[50, 100])
    assert [sum(map(len, fill)) for fill in plan] == [50, 100, 1000, 1000, 850]


@pytest.mark.parametrize(("images", "num_runs"), [(65_536, 128), (1024, 16)])
def test_a_fill_comes_from_runs_all_over_the_set(images, num_runs):
    """65,536 images in pieces of 512 are of 128 runs; a small buffer takes pieces of 64."""
    fill = next(iter(plan_fills([512] * 1000, images=images, seed=(0, 0))))
    runs = np.array([piece.run for piece in fill])
    assert len(set(runs.tolist())) == num_runs
    assert runs.std() > 1000 / 12**0.5 / 2  # spread over all of them: a uniform draw has 289


def test_measure_of_no_shuffle_then_the_stored_order():
    """Ten classes one after the other: every batch is of one class, 0 of ln 10; places correlate wholly."""
    measured = measure_shuffle([100] * 10, num_classes=10, buffer_images=None, batch_size=50, epochs=1)
    assert measured.entropy == pytest.approx(0)
    assert measured.correlation == pytest.approx(1)


def test_measure_of_a_buffer_that_holds_all_then_a_full_shuffle():
    measured = measure_shuffle([100] * 100, num_classes=10, buffer_images=20_000, batch_size=100, epochs=2)
    assert measured.entropy == pytest.approx(measured.entropy_of_full_shuffle, abs=0.01)
    assert abs(measured.correlation) < 0.05
