"""The charts of the report: each an inline SVG with a description, ready to be put into the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from markupsafe import Markup

from inkwise.evaluation.calibration import RejectCurve, RejectPoint, reject_curve
from inkwise.figures.classes import render_class_scores
from inkwise.figures.confidence import render_calibration, render_reject_curve
from inkwise.figures.confusion import render_confusion
from inkwise.figures.curves import render_accuracy, render_learning_rate, render_loss
from inkwise.figures.encode import to_inline_svg
from inkwise.figures.percent import say_percent
from inkwise.metrics import calibration_bins
from inkwise.reports import words
from inkwise.reports.page import Chart
from inkwise.training.optimizers import learning_rate_at
from inkwise.training.session import num_epochs

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from torch import Tensor

    from inkwise.evaluation.evaluate import Evaluation
    from inkwise.recipes.recipe import Recipe
    from inkwise.runs.history import EpochRecord

_MOST_STEPS = 400  # of the learning rate's curve; more would only make the page larger


def draw_charts(
    history: Sequence[EpochRecord],
    evaluation: Evaluation,
    *,
    recipe: Recipe,
    log_probabilities: Tensor,
    labels: NDArray[np.int64],
) -> dict[str, Chart]:
    """Return the charts by name: loss, accuracy, learning_rate, confusion, classes, calibration, reject."""
    return {
        **_draw_training(history),
        "learning_rate": _draw_learning_rate(history, recipe),
        **_draw_classes(evaluation),
        **_draw_confidence(evaluation, log_probabilities.double().exp(), torch.tensor(labels)),
    }


def _draw_training(history: Sequence[EpochRecord]) -> dict[str, Chart]:
    last = history[-1]
    accuracy = f"At the end {say_percent(last.train_accuracy)} of the training images were right"
    if last.validation_accuracy is not None:
        accuracy += f", and {say_percent(last.validation_accuracy)} of those kept for validation"
    return {
        "loss": _chart(render_loss(history), name="loss", title="Loss", caption=words.say_curves(history)),
        "accuracy": _chart(
            render_accuracy(history), name="accuracy", title="Accuracy", caption=f"{accuracy}."
        ),
    }


def trace_learning_rate(history: Sequence[EpochRecord], recipe: Recipe) -> tuple[list[int], list[float]]:
    """Return the steps made, 1 for the first, and the learning rate of each; of many steps some 400.

    The history keeps the rate of each epoch's last step; the recipe says it of every step, see
    learning_rate_at. The last step of each epoch is always among them.
    """
    num_batches, last = history[0].step // history[0].epoch, history[-1].step
    num_steps = num_batches * num_epochs(recipe, num_batches)
    ends = {row.step for row in history}
    steps = sorted({*range(1, last + 1, max(1, last // _MOST_STEPS)), *ends})
    return steps, [
        learning_rate_at(step - 1, num_steps=num_steps, training=recipe.training) for step in steps
    ]


def _draw_learning_rate(history: Sequence[EpochRecord], recipe: Recipe) -> Chart:
    steps, rates = trace_learning_rate(history, recipe)
    return _chart(
        render_learning_rate(steps, rates, epoch_ends=[row.step for row in history]),
        name="learning-rate",
        title="Learning rate",
        caption=words.say_schedule(recipe.training),
    )


def _draw_classes(evaluation: Evaluation) -> dict[str, Chart]:
    confusion = render_confusion(evaluation.confusion_matrix, evaluation.classes)
    scores = render_class_scores(evaluation.per_class)
    return {
        "confusion": _chart(
            confusion, name="confusion", title="Confusion", caption=words.say_confusions(evaluation)
        ),
        "classes": _chart(
            scores, name="class-scores", title="Each class", caption=words.say_hardest(evaluation)
        ),
    }


def _draw_confidence(evaluation: Evaluation, probabilities: Tensor, labels: Tensor) -> dict[str, Chart]:
    bins = render_calibration(calibration_bins(probabilities, labels))
    curve = reject_curve(probabilities, labels)
    marked = _choose_points(curve)
    mean_confidence = probabilities.amax(dim=1).mean().item()
    calibration = words.say_calibration(evaluation, mean_confidence=mean_confidence)
    reject = " ".join(map(words.say_reject_point, marked)) or "No threshold brings fewer errors."
    return {
        "calibration": _chart(bins, name="calibration", title="Calibration", caption=calibration),
        "reject": _chart(
            render_reject_curve(curve, marked=marked),
            name="reject",
            title="Leaving the unsure ones",
            caption=reject,
        ),
    }


def _choose_points(curve: RejectCurve) -> list[RejectPoint]:
    """Return where the error falls to a half and to a tenth, as far as the curve gets there."""
    error = curve.point(-1).error
    points = [curve.widest_point(max_error=share * error) for share in (0.5, 0.1)]
    chosen = [point for point in points if point is not None and error > 0]
    return list(dict.fromkeys(chosen))


def _chart(figure: Figure, *, name: str, title: str, caption: str) -> Chart:
    # Safe to mark: to_inline_svg writes it, and matplotlib escapes the class names inside.
    svg = Markup(to_inline_svg(figure, name=name, description=f"{title}. {caption}"))
    return Chart(title, svg, caption)
