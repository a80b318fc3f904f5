"""Faults that the course of the loss shows: it stays at chance, or learning was far too slow or too fast."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from inkwise.inspection.doctor.finding import Finding

# Measured on digits and MNIST with the built-in recipes and with learning rates 10 to 10,000 times lower and
# 10 to 1,000 times higher: see "How inkwise does it" in docs/explanation/doctor.md.
_FEWEST_STEPS = 20  # below, nothing is said: the first steps look for the scale
LONG = 200  # steps after which a loss that has not fallen is stuck; the slowest recipes fall by then
AT_CHANCE = 0.9  # of the loss of a guess
ABOVE_CHANCE = 1.1
WAS_ABOVE = 1.04  # in an epoch's mean; initial weights alone give 1.00 to 1.01
RISE = 2.0  # the last loss beside the best one: more than twice as high was learned and lost again
FALLEN = 0.01  # of the loss of a guess
# Share of their length that the weights go in a step, on average: 5e-5 in the first epochs of the slowest
# recipe (cnn-lenet), 1e-4 and more in the others; below 2e-5 with SGD at a hundredth of the learning rate, or
# Adam at a ten-thousandth.
SLOW = 4e-5
MOVED_FAR = 5.0  # times the initial weights; quick goes 2.3 times and reaches 99 %
FLAT = 0.01  # a fresh network's gradient is 0.1 to 1 long


@dataclass(frozen=True)
class Course:
    """What is known of a training when it has ended.

    Attributes:
        losses: mean training losses of its epochs, or of other stretches, in order, in nats.
        num_steps: optimizer updates in all.
        chance: loss of guessing by the shares of the classes: ln K where they are equal.
        floor: loss of the best answer; above 0 where labels are smoothed.
        learning_rate: the highest.
        moved: how far the weights went, as a share of the initial ones; None if unknown.
        gradient_norm: length of the gradient at the end; None if unknown.
    """

    losses: Sequence[float]
    num_steps: int
    chance: float
    learning_rate: float | None = None
    moved: float | None = None
    gradient_norm: float | None = None
    floor: float = 0.0


def chance_loss(labels: Tensor, *, num_classes: int = 0, label_smoothing: float = 0.0) -> float:
    """Return the mean loss, in nats, of answering every image by the shares of the classes in labels (N,).

    Args:
        num_classes: K, at least; label_smoothing spreads so much of each label evenly over all of them.

    >>> round(chance_loss(torch.tensor([0, 1, 0, 1])), 4)  # ln 2
    0.6931
    """
    shares = torch.bincount(labels, minlength=num_classes).double() / len(labels)
    shares = (1 - label_smoothing) * shares + label_smoothing / len(shares)
    return float(-torch.xlogy(shares, shares).sum())


def is_young(num_steps: int | None) -> bool:
    """Return whether a network is known to have made so few steps that little can be said of it yet."""
    return num_steps is not None and num_steps < _FEWEST_STEPS


def check_loss(course: Course) -> Finding | None:
    """Return "loss-stuck", "learning-rate-too-low" or "learning-rate-too-high" by the course of the loss.

    A loss at chance has three causes, told apart by how far the weights went: hardly at all although there
    is a slope (too low), beyond all measure, or to something learned and away again (too high), or neither
    (stuck).
    """
    if not course.losses:
        return None
    last = course.losses[-1]
    if not math.isfinite(last):
        return _too_high(course)
    if is_young(course.num_steps):
        return None
    if _is_lost(course):
        return _too_high(course)
    chance = course.chance - course.floor
    if last - course.floor < AT_CHANCE * chance:
        return None
    is_flat = course.gradient_norm is not None and course.gradient_norm < FLAT
    if not is_flat and course.moved is not None and course.moved < SLOW * course.num_steps:
        return _too_low(course)
    has_fallen = course.losses[0] - last > FALLEN * chance
    return None if has_fallen or (course.num_steps < LONG and not is_flat) else _stuck(course)


def _is_lost(course: Course) -> bool:
    """Return whether training came to worse than it was, or threw the weights away without learning."""
    losses, chance = [loss - course.floor for loss in course.losses], course.chance - course.floor
    last, best = losses[-1], min(losses)
    if last > ABOVE_CHANCE * chance or (last > RISE * best and last > chance / 2):
        return True
    was_above = max(losses) > WAS_ABOVE * chance
    has_lost = best < AT_CHANCE * last
    is_far = course.moved is not None and course.moved > MOVED_FAR
    return last >= AT_CHANCE * chance and (was_above or has_lost or is_far)


def _evidence(course: Course) -> str:
    parts = [
        f"The training loss was {course.losses[0]:.4g} first and {course.losses[-1]:.4g} at the end of "
        f"{course.num_steps:,} steps; guessing costs {course.chance:.3f}"
    ]
    if course.moved is not None:
        parts.append(f"the weights moved by {100 * course.moved:.2g} % of their size")
    if course.gradient_norm is not None:
        parts.append(f"the gradient is {course.gradient_norm:.2g} long")
    return "; ".join(parts) + "."


def _rate(course: Course, factor: float) -> str:
    return "" if course.learning_rate is None else f": try {course.learning_rate * factor:g}"


def _too_low(course: Course) -> Finding:
    return Finding(
        "learning-rate-too-low",
        "The learning rate is far too low.",
        _evidence(course),
        "The network is still about the one it began as; more epochs of this would take for ever.",
        f"Raise the learning rate tenfold, or a hundredfold{_rate(course, 10)}.",
    )


def _too_high(course: Course) -> Finding:
    return Finding(
        "learning-rate-too-high",
        "The learning rate is far too high.",
        _evidence(course),
        "Each step overshoots, and the weights are thrown to where nothing can be learned.",
        f"Lower the learning rate tenfold{_rate(course, 0.1)}.",
    )


def _stuck(course: Course) -> Finding:
    return Finding(
        "loss-stuck",
        "The loss is stuck where guessing is, at ln K for K equal classes.",
        _evidence(course),
        "The network has found nothing that tells the classes apart: it answers by their shares.",
        "Look whether images and labels belong together, whether the images hold anything, and whether the "
        "gradient reaches the first layers: plainer activations (ReLU), fewer layers, another learning rate.",
    )
