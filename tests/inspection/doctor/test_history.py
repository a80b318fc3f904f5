"""What the course of a loss says, with ten classes: guessing costs ln 10 = 2.303."""

import math

import pytest
import torch

from inkwise.inspection.doctor.history import Course, chance_loss, check_loss

LOW, HIGH, STUCK = "learning-rate-too-low", "learning-rate-too-high", "loss-stuck"


@pytest.mark.parametrize(
    ("losses", "num_steps", "moved", "norm", "name"),
    [
        pytest.param([1.5, 0.4, 0.3], 2580, 0.15, 5.0, None, id="cnn-lenet on MNIST"),
        pytest.param([2.312, 2.297, 2.283], 63, 0.0052, 1.0, None, id="cnn-lenet, 3 epochs of digits"),
        pytest.param([2.303, 2.293], 84, 0.016, 0.2, None, id="mlp-logsoftmax, 2 epochs of digits"),
        pytest.param([2.305, 2.304], 300, 0.0003, 0.7, LOW, id="a thousandth of the rate"),
        pytest.param([2.303, 2.257], 300, 0.014, 0.6, None, id="a tenth of the rate: slow, but it falls"),
        pytest.param([2.3, 2.3], 300, 0.0, 0.0, STUCK, id="no slope, no way"),
        pytest.param([2.31, 2.304], 300, 0.4, 0.5, STUCK, id="weights go, loss does not"),
        pytest.param([2.31, 2.304], 40, 0.4, 0.5, None, id="too early to say"),
        pytest.param([1.79, 2.303], 300, 4.5, 0.1, HIGH, id="learned and lost"),
        pytest.param([8.8, 2.303], 300, 7.0, 0.1, HIGH, id="thrown away at once"),
        pytest.param([2.305, 2.304], 300, 6.0, 0.1, HIGH, id="six times their length"),
        pytest.param([0.2, 0.1, 1.3], 300, 1.0, 3.0, HIGH, id="back to half of guessing"),
        pytest.param([0.02, 0.01, 0.05], 300, 1.0, 3.0, None, id="noise near 0"),
        pytest.param([2.0, 2.6], 300, None, None, HIGH, id="worse than guessing"),
        pytest.param([2.0, math.nan], 5, None, None, HIGH, id="no number"),
        pytest.param([3.0], 3, 0.5, 1.0, None, id="the first steps of quick"),
        pytest.param([], 0, None, None, None, id="nothing done"),
    ],
)
def test_course_of_a_training_is_named(
    losses: list[float], num_steps: int, moved: float | None, norm: float | None, name: str | None
) -> None:
    course = Course(losses, num_steps, math.log(10), learning_rate=0.01, moved=moved, gradient_norm=norm)
    finding = check_loss(course)
    assert (finding.name if finding else None) == name


def test_advice_names_the_next_learning_rate() -> None:
    low = check_loss(Course([2.3], 300, math.log(10), learning_rate=1e-5, moved=1e-5, gradient_norm=1.0))
    high = check_loss(Course([9.9], 300, math.log(10), learning_rate=1.0))
    assert low is not None
    assert high is not None
    assert low.advice == "Raise the learning rate tenfold, or a hundredfold: try 0.0001."
    assert high.advice == "Lower the learning rate tenfold: try 0.1."
    assert low.evidence == (
        "The training loss was 2.3 first and 2.3 at the end of 300 steps; guessing costs 2.303; "
        "the weights moved by 0.001 % of their size; the gradient is 1 long."
    )


@pytest.mark.parametrize(
    ("losses", "name"),
    [([0.4, 0.1986], None), ([0.4, 0.27], HIGH), ([0.272, 0.2715], STUCK)],
    ids=["every image right", "learned and lost", "never learned"],
)
def test_loss_of_smoothed_labels_is_seen_above_the_best_that_there_is(
    losses: list[float], name: str | None
) -> None:
    """970 of one class, 30 of the other, a tenth of each label spread: 0.199 is the best, 0.271 a guess."""
    labels = torch.tensor([0] * 970 + [1] * 30)
    guess, best = (chance_loss(of, num_classes=2, label_smoothing=0.1) for of in (labels, torch.tensor([0])))
    assert (guess, best) == pytest.approx((0.2711, 0.1985), abs=5e-4)
    finding = check_loss(Course(losses, 300, guess, moved=0.4, gradient_norm=0.5, floor=best))
    assert (finding.name if finding else None) == name
