"""Curves show the history's own numbers, with their axes labelled."""

from dataclasses import dataclass

import numpy as np
import pytest

from inkwise.figures.curves import render_accuracy, render_course, render_learning_rate, render_loss


@dataclass
class Epoch:
    epoch: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None


@pytest.fixture
def history() -> list[Epoch]:
    return [Epoch(1, 0.1, 2.1, 0.3, 0.9, 0.8), Epoch(2, 0.05, 0.5, 0.9, 0.4, 0.92)]


def test_loss_curve_shows_both_splits_by_epoch(history: list[Epoch]) -> None:
    """P1: cost per epoch, axes labelled."""
    axes = render_loss(history).axes[0]
    assert [line.get_label() for line in axes.lines] == ["train", "validation"]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2], [1, 2]]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[2.1, 0.5], [0.9, 0.4]]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "loss, nats")


def test_curves_of_both_splits_differ_in_more_than_colour(history: list[Epoch]) -> None:
    for figure in (render_loss(history), render_accuracy(history)):
        looks = {(line.get_marker(), line.is_dashed()) for line in figure.axes[0].lines}
        assert looks == {("o", False), ("D", True)}


def test_loss_curve_of_a_deep_fall_is_logarithmic(history: list[Epoch]) -> None:
    history[1].train_loss = 0.02
    axes = render_loss(history).axes[0]
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "loss, nats (log scale)")


def test_loss_curve_of_a_deep_fall_has_numbers_between_the_powers_of_ten(history: list[Epoch]) -> None:
    history[1].train_loss = 0.02
    figure = render_loss(history)
    figure.draw_without_rendering()
    assert {"0.05", "0.5", "2"} <= {tick.get_text() for tick in figure.axes[0].get_yticklabels()}


def test_loss_curve_without_validation_shows_train_alone(history: list[Epoch]) -> None:
    for row in history:
        row.validation_loss = None
    assert [line.get_label() for line in render_loss(history).axes[0].lines] == ["train"]


def test_accuracy_curve_shows_both_splits_in_percent(history: list[Epoch]) -> None:
    """P2: accuracy by epoch; ticks are percent though the numbers are fractions."""
    figure = render_accuracy(history)
    axes = figure.axes[0]
    figure.draw_without_rendering()
    assert [line.get_ydata().tolist() for line in axes.lines] == [[0.3, 0.9], [0.8, 0.92]]
    assert {"40%", "80%"} <= {tick.get_text() for tick in axes.get_yticklabels()}


def test_learning_rate_curve_shows_the_rates_and_marks_the_ends_of_epochs() -> None:
    axes = render_learning_rate([1, 5, 10, 20], [0.1, 0.2, 0.05, 0.0], epoch_ends=[10, 20]).axes[0]
    curve, ends = axes.lines
    assert curve.get_xydata().tolist() == [[1, 0.1], [5, 0.2], [10, 0.05], [20, 0]]
    assert ends.get_xydata().tolist() == [[10, 0.05], [20, 0]]
    assert axes.get_ylim() == (0, pytest.approx(0.22))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("step", "learning rate")


def test_learning_rate_curve_of_many_epochs_marks_none() -> None:
    steps = list(range(1, 101))
    assert len(render_learning_rate(steps, [0.1] * 100, epoch_ends=steps).axes[0].lines) == 1


def test_curve_of_one_epoch_has_one_whole_tick(history: list[Epoch]) -> None:
    figure = render_loss(history[:1])
    figure.draw_without_rendering()
    low, high = figure.axes[0].get_xlim()
    assert [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high] == [1]
    assert np.isfinite(figure.axes[0].get_ylim()).all()


def test_course_of_anybodys_loop_has_a_line_a_name_told_apart_without_colour() -> None:
    """P1: the cost of each epoch, from the first."""
    axes = render_course({"as published": [2.1, 1.3], "corrected": [2.0, 0.9]}, y_label="cost").axes[0]
    assert [line.get_label() for line in axes.lines] == ["as published", "corrected"]
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2], [1, 2]]
    assert [line.get_ydata().tolist() for line in axes.lines] == [[2.1, 1.3], [2.0, 0.9]]
    assert len({(line.get_marker(), line.is_dashed()) for line in axes.lines}) == 2
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_yscale()) == ("epoch", "cost", "linear")
    assert axes.get_ylim()[0] == 0


def test_course_that_falls_deep_is_logarithmic_with_plain_numbers() -> None:
    figure = render_course({"loss": [2.0, 0.2, 0.02]})
    axes = figure.axes[0]
    figure.draw_without_rendering()
    assert (axes.get_yscale(), axes.get_ylabel()) == ("log", "loss, nats (log scale)")
    assert {"0.05", "0.5", "2"} <= {tick.get_text() for tick in axes.get_yticklabels()}


def test_course_of_shares_is_in_percent() -> None:
    figure = render_course({"validation": [0.4, 0.8]}, y_label="images right", are_shares=True)
    figure.draw_without_rendering()
    assert {"40%", "80%"} <= {tick.get_text() for tick in figure.axes[0].get_yticklabels()}


def test_course_with_a_value_that_is_not_finite_has_a_gap() -> None:
    axes = render_course({"loss": [2.0, float("nan"), 1.0]}).axes[0]
    assert axes.get_ylim() == (0, 2.1)


def test_course_that_is_nowhere_finite_is_an_empty_picture() -> None:
    axes = render_course({"loss": [float("nan"), float("inf")]}).axes[0]
    assert axes.get_ylim() == (0, 1.05)
