"""The first screen of a run's report: how good, beside what was to be expected, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from inkwise.figures.percent import say_percent
from inkwise.reports.mistakes import ConfusedPair
from inkwise.reports.words import rose_after_best

if TYPE_CHECKING:
    from inkwise.evaluation.evaluate import Evaluation
    from inkwise.recipes.recipe import Recipe
    from inkwise.runs.history import EpochRecord

_Value = tuple[str, str, float, tuple[float, float] | None]  # name, kind, accuracy, interval

_STILL_FALLING = 0.99  # a last epoch that brings the validation loss below this share of the one before
_MARGIN = 0.12  # of the scale's length, left free at both ends


@dataclass(frozen=True)
class ScaleRow:
    """One accuracy on the scale.

    Attributes:
        name: what it is, and value: the accuracy in words.
        kind: "measured", "published" or "expected", which decides how it is drawn.
        left, low, high: places in percent of the scale's length; low and high are None without an interval.
    """

    name: str
    value: str
    kind: str
    left: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Scale:
    """A stretch of the percentages around a result: its rows, and (place, number) of each tick."""

    rows: tuple[ScaleRow, ...]
    ticks: tuple[tuple[float, str], ...]
    description: str


@dataclass(frozen=True)
class Step:
    """Something to do next: a sentence, and the command for it or the section it is about."""

    text: str
    command: str | None = None
    anchor: str | None = None


def lay_out_scale(evaluation: Evaluation, recipe: Recipe) -> Scale:
    """Return the measured accuracy with its interval, and what the recipe's source got and we expect.

    Published and expected values are MNIST's, so only an evaluation on mnist has them beside it.
    """
    values: list[_Value] = [("this run", "measured", evaluation.accuracy, evaluation.accuracy_interval)]
    if evaluation.dataset == "mnist":
        values += _list_references(recipe)
    edges: list[float] = [edge for _, _, value, interval in values for edge in (value, *(interval or ()))]
    margin = max(_MARGIN * (max(edges) - min(edges)), 0.0005)
    start, end = max(0.0, min(edges) - margin), min(1.0, max(edges) + margin)

    def place(fraction: float) -> float:
        return round(100 * (fraction - start) / (end - start), 2)

    rows = tuple(
        ScaleRow(name, say_percent(value), kind, place(value), *(map(place, interval) if interval else ()))
        for name, kind, value, interval in values
    )
    ticks = [
        tick
        for tick in MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(start, end)
        if start <= tick <= end
    ]
    described = ", ".join(f"{row.name} {row.value}" for row in rows)
    shown = tuple((place(tick), f"{100 * tick:.4g}") for tick in ticks if start <= tick <= end)
    return Scale(rows, shown, described)


def _list_references(recipe: Recipe) -> list[_Value]:
    rows: list[_Value] = []
    if recipe.published and recipe.published.test_accuracy is not None:
        rows.append(("published", "published", recipe.published.test_accuracy, None))
    if recipe.expected:
        mean, tolerance = recipe.expected.test_accuracy, recipe.expected.tolerance
        rows.append(("expected", "expected", mean, (mean - tolerance, min(mean + tolerance, 1.0))))
    return rows


def advise(
    history: Sequence[EpochRecord],
    evaluation: Evaluation,
    *,
    run: str,
    num_findings: int = 0,
    pairs: Sequence[ConfusedPair] = (),
) -> list[Step]:
    """Return what to do next, the most useful first.

    What concerns the training is decided on validation images alone; the test images only say where to look.

    Args:
        history: of the run.
        evaluation: of the run.
        run: the run's folder as the command line takes it.
        num_findings: how many mistakes the doctor found.
        pairs: the classes most often taken for one another.
    """
    steps = []
    if num_findings:
        them = "the mistake" if num_findings == 1 else f"the {num_findings} mistakes"
        steps.append(Step(f"Put right {them} that the doctor found.", anchor="findings"))
    steps.append(_advise_training(history, run=run))
    if pairs:
        names = " and ".join(pairs[0].classes)
        share = say_percent(pairs[0].num_errors / evaluation.num_errors, decimals=0)
        steps.append(Step(f"Look at {names}: mixing these up makes {share} of the errors.", anchor="pairs"))
    steps.append(Step("Look inside: every layer for one image.", command=f"inkwise inspect {run}"))
    steps.append(Step("Put it to use on pictures of your own.", command=f"inkwise predict {run} PICTURE"))
    steps.append(Step("Open a page to draw on, with every layer live.", command=f"inkwise serve {run}"))
    return steps


def _advise_training(history: Sequence[EpochRecord], *, run: str) -> Step:
    again, last = f"inkwise train {run}/recipe.toml", len(history)
    losses = [row.validation_loss for row in history if row.validation_loss is not None]
    if not losses:
        return Step(
            "Keep some images for validation: nothing else shows when a network begins to memorise.",
            command=f"{again} --set validation_fraction=0.1",
        )
    if last == 1:
        return Step("See whether more than one epoch brings more.", command=f"{again} --epochs 5")
    best = 1 + losses.index(min(losses))
    if rose_after_best(history):
        return Step(
            f"Stop earlier: the validation loss was lowest after epoch {best}.",
            command=f"{again} --epochs {best}",
        )
    if best == last and losses[-1] < _STILL_FALLING * losses[-2]:
        return Step(
            f"Train longer: the validation loss was still falling, by "
            f"{say_percent(1 - losses[-1] / losses[-2], decimals=0)} in the last epoch.",
            command=f"{again} --epochs {2 * last}",
        )
    return Step(
        "Try another learning rate or recipe: more of the same training brings little.",
        command="inkwise recipes",
    )
