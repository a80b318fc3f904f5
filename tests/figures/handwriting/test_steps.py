"""A bar a step, as long as the mean of its shares, with a ring for each training."""

import pytest

from inkwise.errors import ShapeError
from inkwise.figures.handwriting.steps import StepShares, render_steps

STEPS = [
    StepShares("resized to 28x28", [0.4, 0.5]),
    StepShares("the ink cut out, in a box of 20 pixels and more words", [0.9, 0.92]),
    StepShares("the reader", [0.985]),
]


def test_bars_are_means_from_zero() -> None:
    """(0.4 + 0.5) / 2 = 0.45."""
    axes = render_steps(STEPS).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.45, 0.91, 0.985])
    assert {bar.get_x() for bar in axes.patches} == {0}
    assert axes.get_xlim()[0] == 0


def test_first_step_is_at_the_top() -> None:
    low, high = render_steps(STEPS).axes[0].get_ylim()
    assert low > high


def test_every_bar_says_its_number() -> None:
    texts = [text.get_text() for text in render_steps(STEPS).axes[0].texts]
    assert texts == ["45.0 %", "91.0 %", "98.5 %"]


def test_each_training_has_its_ring_where_there_are_several() -> None:
    rings = [line for line in render_steps(STEPS).axes[0].lines if len(line.get_xdata())]
    assert [list(line.get_xdata()) for line in rings] == [[0.4, 0.5], [0.9, 0.92]]
    assert [list(line.get_ydata()) for line in rings] == [[0, 0], [1, 1]]


def test_single_trainings_need_no_key() -> None:
    assert render_steps(STEPS[2:]).axes[0].get_legend() is None


@pytest.mark.parametrize("steps", [[], [StepShares("nothing", [])]])
def test_nothing_to_draw_is_refused(steps: list[StepShares]) -> None:
    with pytest.raises(ShapeError, match="expected at least one share a step"):
        render_steps(steps)
