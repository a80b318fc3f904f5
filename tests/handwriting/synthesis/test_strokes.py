import numpy as np
import pytest
from tests.handwriting.synthesis.given_digits import count_holes, count_pieces

from inkwise.errors import HandwritingError
from inkwise.handwriting.synthesis.character import cover
from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.strokes import NUM_DIGITS, Writing, shape_names, trace, write_digit

STEADY = Hand(
    slant=0.0, width=1.0, turn=0.0, rounding=0.004, tremor=0.0, looseness=0.0, warp=0.0, overshoot=0.0,
    parting=0.0, pressure=0.0,
)  # fmt: skip
ALL_SHAPES = [(label, name) for label in range(NUM_DIGITS) for name in shape_names(label)]


def _tile(label: int, shape: str, *, seed: int = 0, hand: Hand = STEADY) -> np.ndarray:
    writing = write_digit(label, np.random.default_rng(seed), hand=hand, shape=shape)
    return cover(writing, unit_px=100, stroke_px=3)


@pytest.mark.parametrize(("label", "shape"), ALL_SHAPES)
def test_every_shape_drawn_by_anybody_stays_a_digit_in_size(label: int, shape: str) -> None:
    for seed in range(8):
        writing = write_digit(label, np.random.default_rng(seed), shape=shape)
        left, top, right, bottom = writing.box()
        assert (writing.label, writing.shape) == (label, shape)
        assert 0.75 < bottom - top < 1.4
        assert right - left < 1.3


def test_every_digit_has_several_shapes() -> None:
    assert min(len(shape_names(label)) for label in range(NUM_DIGITS)) >= 5


def test_same_seed_writes_the_same_lines() -> None:
    first, second = (write_digit(5, np.random.default_rng(3)) for _ in range(2))
    assert first.shape == second.shape
    for one, other in zip(first.paths, second.paths, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_writes_other_lines() -> None:
    first, second = (write_digit(5, np.random.default_rng(seed), shape="five_soft") for seed in (3, 4))
    assert not np.array_equal(first.paths[0][:4], second.paths[0][:4])


@pytest.mark.parametrize("shape", ["one_bare", "one_short_flag", "one_long_flag", "one_curved_flag"])
def test_one_without_foot_is_one_piece_without_holes(shape: str) -> None:
    tile = _tile(1, shape)
    assert (count_pieces(tile), count_holes(tile)) == (1, 0)


def test_closed_zero_has_one_hole() -> None:
    assert [count_holes(_tile(0, "zero_clockwise", seed=seed)) for seed in (2, 3)] == [1, 1]


def test_eight_of_circles_has_two_holes_at_least() -> None:
    # Where the circles overlap there is a third, flat one.
    assert all(count_holes(_tile(8, "eight_circles", seed=seed)) >= 2 for seed in range(6))


def test_five_with_bar_apart_is_two_pieces() -> None:
    assert [count_pieces(_tile(5, "five_bar_apart", seed=seed)) for seed in range(6)] == [2] * 6


def test_long_upstroke_of_a_one_meets_a_steep_stem() -> None:
    """What tells a 1 from a 7: the upstroke climbs at more than 45 degrees to the level, the stem is long."""
    for seed in range(20):
        writing = write_digit(1, np.random.default_rng(seed), hand=STEADY, shape="one_long_flag")
        path = writing.paths[0][:, :2]
        top = int(path[:, 1].argmin())
        across, up = np.abs(path[0] - path[top])
        assert up > across
        assert path[-1, 1] - path[top, 1] > 0.9
        assert abs(path[-1, 0] - path[top, 0]) < 0.2


def test_bar_of_a_seven_is_about_level() -> None:
    for seed in range(20):
        writing = write_digit(7, np.random.default_rng(seed), hand=STEADY, shape="seven_plain")
        path = writing.paths[0][:, :2]
        corner = int(path[:, 0].argmax())
        across, up = np.abs(path[0] - path[corner])
        assert up < 0.3 * across


def test_path_runs_through_its_control_points() -> None:
    points = [(0.0, 0.0), (0.2, 0.5), (0.5, 0.4), (0.6, 1.0)]
    (path,) = trace([points], np.random.default_rng(0), hand=STEADY)
    for point in points:
        assert np.linalg.norm(path[:, :2] - point, axis=1).min() < 0.012


def test_point_given_twice_is_a_corner() -> None:
    sharp = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.0), (0.5, 1.0)]
    (path,) = trace([sharp], np.random.default_rng(0), hand=STEADY)
    # Straight to the corner: all but a point or two lie on one of the two lines.
    off = np.minimum(np.abs(path[:, 1]), np.abs(path[:, 0] - 0.5))
    assert (off > 0.004).sum() <= 2


def test_slant_moves_the_top_to_the_right() -> None:
    leaning = Hand(**(STEADY.__dict__ | {"slant": 0.3}))
    (path,) = trace([[(0.3, 0.0), (0.3, 1.0)]], np.random.default_rng(0), hand=leaning)
    # 0.3 of the height: half of it to the right at the top, half to the left at the foot.
    np.testing.assert_allclose(path[[0, -1], 0], [0.45, 0.15], atol=1e-6)


def test_pressure_makes_the_line_swell() -> None:
    pressing = Hand(**(STEADY.__dict__ | {"pressure": 1.0}))
    curve = [(0.5, 0.0), (0.0, 0.3), (0.5, 0.6), (0.5, 1.0)]
    (even,), (swollen,) = (trace([curve], np.random.default_rng(0), hand=hand) for hand in (STEADY, pressing))
    assert np.ptp(even[:, 2]) == 0
    assert np.ptp(swollen[:, 2]) > 0.2
    assert swollen[:, 2].min() >= 0.4
    assert swollen[:, 2].max() <= 1.7


def test_box_of_writing_spans_all_paths() -> None:
    paths = (np.array([[0.0, 0.1, 1.0], [0.2, 0.3, 1.0]]), np.array([[-0.5, 0.9, 1.0], [0.1, 0.2, 1.0]]))
    assert Writing(paths, 4, "made up").box() == (-0.5, 0.1, 0.2, 0.9)


def test_digit_beyond_nine_is_refused() -> None:
    with pytest.raises(HandwritingError, match="label is 10, expected a digit from 0 to 9"):
        write_digit(10, np.random.default_rng(0))


def test_unknown_shape_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        HandwritingError, match=r"digit 0 has no shape 'cube'; expected one of \['zero_round'"
    ):
        write_digit(0, np.random.default_rng(0), shape="cube")
