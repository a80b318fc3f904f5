"""The sentences of the report and the terminal, made from the numbers, so that they cannot disagree."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inkwise.evaluation.calibration import RejectPoint
from inkwise.evaluation.evaluate import Evaluation
from inkwise.figures.percent import say_percent
from inkwise.recipes.recipe import TrainingSection

if TYPE_CHECKING:  # matplotlib takes half a second, and words need none of it
    from inkwise.figures.curves import Epoch

_NO_GAP = 0.001  # between confidence and accuracy; smaller ones are not worth a word
_OVERFIT_RATIO = 1.1  # a validation loss this far above its best is worth a sentence


def say_duration(seconds: float) -> str:
    """Return a duration for people.

    >>> say_duration(4.24), say_duration(75), say_duration(7260)
    ('4.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def say_result(evaluation: Evaluation) -> str:
    """Return what the accuracy and its interval mean, in two sentences."""
    low, high = evaluation.accuracy_interval
    right = evaluation.num_images - evaluation.num_errors
    return (
        f"{right:,} of {evaluation.num_images:,} {evaluation.split} images were recognised, "
        f"{evaluation.num_errors:,} not. On other images of the same kind, expect between "
        f"{say_percent(low)} and {say_percent(high)} (Wilson's 95 % interval)."
    )


def say_dead_classes(evaluation: Evaluation) -> str:
    """Return a warning that names the classes never predicted, or nothing where there are none."""
    dead = evaluation.lost_classes
    if not dead:
        return ""
    missed = sum(scores.support for scores in evaluation.per_class if scores.class_name in dead)
    return (
        f"Never predicted: {', '.join(dead)}. All {missed:,} images of "
        f"{'this class' if len(dead) == 1 else 'these classes'} are among the errors. "
        "Too little training does this, and so does a ReLU after the last layer: an output stuck at 0 gets "
        "no gradient and never wins."
    )


def rose_after_best(history: "Sequence[Epoch]") -> bool:
    """Return whether the validation loss ended well above its lowest, the sign of memorising."""
    losses = [row.validation_loss for row in history if row.validation_loss is not None]
    return bool(losses) and losses[-1] > _OVERFIT_RATIO * min(losses)


def say_curves(history: "Sequence[Epoch]") -> str:
    """Return what the loss curves show: where validation was best, and whether it got worse again."""
    losses = {row.epoch: row.validation_loss for row in history if row.validation_loss is not None}
    if len(losses) < 2:
        return "One epoch gives one point, not yet a curve." if len(history) == 1 else ""
    best = min(losses, key=losses.__getitem__)
    words = f"The validation loss was lowest, {losses[best]:.4f}, after epoch {best} of {max(losses)}."
    if rose_after_best(history):
        words += " It rose afterwards while the training loss went on falling: the network began to memorise."
    return words


def say_schedule(training: TrainingSection) -> str:
    """Return how the learning rate changes over the steps of a training, in one sentence."""
    peak, warmup = f"{training.learning_rate:g}", f"{100 * training.warmup_fraction:.3g} %"
    if training.schedule == "constant":
        return f"Constant: {peak} at every step."
    if training.schedule == "one-cycle":
        return (
            f"One cycle: it rises to {peak} over the first {warmup} of the steps and falls to almost "
            "nothing, along half a cosine each way."
        )
    fall = "in a straight line" if training.schedule == "linear" else "along half a cosine"
    if not training.warmup_fraction:
        return f"From {peak} it falls to 0 {fall}."
    return f"It rises to {peak} over the first {warmup} of the steps and falls to 0 {fall}."


def say_confusions(evaluation: Evaluation, *, limit: int = 3) -> str:
    """Return the most frequent confusions, such as "4 taken for 9 (14 times)"."""
    cells = [
        (count, evaluation.classes[true], evaluation.classes[predicted])
        for true, row in enumerate(evaluation.confusion_matrix)
        for predicted, count in enumerate(row)
        if count and true != predicted
    ]
    cells.sort(key=lambda cell: -cell[0])
    if not cells:
        return "Nothing was confused."
    listed = ", ".join(
        f"{true} taken for {predicted} ({count:,})" for count, true, predicted in cells[:limit]
    )
    return f"Most often: {listed}."


def say_hardest(evaluation: Evaluation) -> str:
    """Return the class with the lowest F1, among those that the evaluated images have."""
    worst = min((scores for scores in evaluation.per_class if scores.support), key=lambda scores: scores.f1)
    return f"Hardest: {worst.class_name}, F1 {say_percent(worst.f1)}."


def say_calibration(evaluation: Evaluation, *, mean_confidence: float) -> str:
    """Return whether the classifier is surer than it is right, or the other way round."""
    return (
        f"On average {say_percent(mean_confidence)} sure and {say_percent(evaluation.accuracy)} right: "
        f"{say_lean(evaluation, mean_confidence=mean_confidence)}. "
        f"Expected calibration error {100 * evaluation.expected_calibration_error:.2f} points."
    )


def say_lean(evaluation: Evaluation, *, mean_confidence: float) -> str:
    """Return which way confidence errs, and by how much, in a few words."""
    gap = mean_confidence - evaluation.accuracy
    if abs(gap) < _NO_GAP:
        return "as sure as it is right"
    lean = "surer than it is right" if gap > 0 else "right more often than it is sure"
    return f"{lean}, by {100 * abs(gap):.2f} points"


def say_reject_point(point: RejectPoint) -> str:
    """Return what leaving the least sure images to a person brings."""
    left = "no image" if point.answered == 1 else f"{say_percent(1 - point.answered)} of the images"
    return (
        f"Leave {left} to a person, those where it is less than {100 * point.threshold:.4g} % sure, "
        f"and {say_percent(point.error)} of the rest are wrong."
    )
