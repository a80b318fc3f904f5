"""How training went: loss and accuracy by epoch, the learning rate by step."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from inkwise.figures import style

_LOG_RATIO = 20  # a loss that falls by more than this is drawn on a logarithmic axis
_MARKED_EPOCHS = 30  # with more epochs the dots would touch
_LOOKS = (  # colour, line and mark: told apart without the colours too
    (style.BLUE, "-", "o"),
    (style.ORANGE, (0, (5, 1.5)), "D"),
    (style.GREEN, (0, (1.5, 1)), "s"),
)


class Epoch(Protocol):
    """What a row of a run's history has; the validation values are None where there is no such split."""

    @property
    def epoch(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def train_loss(self) -> float: ...
    @property
    def train_accuracy(self) -> float: ...
    @property
    def validation_loss(self) -> float | None: ...
    @property
    def validation_accuracy(self) -> float | None: ...


def render_loss(history: Sequence[Epoch]) -> Figure:
    """Return the picture of train and validation loss (nats) by epoch, one or more epochs."""
    figure = style.new_figure()
    axes = figure.add_subplot()
    train = [row.train_loss for row in history]
    validation = [row.validation_loss for row in history]
    courses = _name_pair(train, validation)
    _draw_courses(axes, courses, epochs=[row.epoch for row in history])
    is_log = _scale_losses(axes, courses)
    style.dress_axes(axes, x_label="epoch", y_label="loss, nats (log scale)" if is_log else "loss, nats")
    return figure


def render_course(
    courses: Mapping[str, Sequence[float]], *, y_label: str = "loss, nats", are_shares: bool = False
) -> Figure:
    """Return the picture of one to three lines over the epochs, of anybody's own training loop (P1).

    Args:
        courses: what each line is called, and its value after each epoch from the first; a value that is not
            finite leaves a gap.
        y_label: what the values are.
        are_shares: whether they are fractions in [0, 1], which are written as percent. All else from 0 up,
            on a logarithmic axis where it falls by more than 20 times.
    """
    figure = style.new_figure(width=6.6, height=3.8)
    axes = figure.add_subplot()
    _draw_courses(axes, courses, epochs=range(1, max(map(len, courses.values())) + 1))
    is_log = False
    if are_shares:
        style.count_percent(axes.yaxis)
        axes.set_ylim(top=min(1.0, axes.get_ylim()[1]))
    else:
        is_log = _scale_losses(axes, courses)
    style.dress_axes(axes, x_label="epoch", y_label=f"{y_label} (log scale)" if is_log else y_label)
    return figure


def render_accuracy(history: Sequence[Epoch]) -> Figure:
    """Return the picture of train and validation accuracy (percent) by epoch, one or more epochs."""
    figure = style.new_figure()
    axes = figure.add_subplot()
    train = [row.train_accuracy for row in history]
    validation = [row.validation_accuracy for row in history]
    _draw_courses(axes, _name_pair(train, validation), epochs=[row.epoch for row in history])
    style.count_percent(axes.yaxis)
    axes.set_ylim(top=min(1.0, axes.get_ylim()[1]) if max(train) < 0.9 else 1.002)
    style.dress_axes(axes, x_label="epoch", y_label="images right")
    return figure


def render_learning_rate(
    steps: Sequence[int], rates: Sequence[float], *, epoch_ends: Sequence[int] = ()
) -> Figure:
    """Return the picture of the learning rate over the steps of a training.

    Args:
        steps: ascending, 1 for the first; as many of them as the curve needs.
        rates: the learning rate of each.
        epoch_ends: the last step of each epoch; where it is among steps, it gets a dot.
    """
    figure = style.new_figure()
    axes = figure.add_subplot()
    axes.plot(steps, rates, color=style.GREEN, linewidth=1.8, clip_on=False)
    if len(epoch_ends) <= _MARKED_EPOCHS:
        ends = [(step, rate) for step, rate in zip(steps, rates, strict=True) if step in epoch_ends]
        places, heights = zip(*ends, strict=True) if ends else ((), ())
        axes.plot(
            places, heights, "o", color=style.GREEN, markersize=4, clip_on=False, label="end of an epoch"
        )
        style.add_key(axes)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0, top=1.1 * max(rates) or None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    style.dress_axes(axes, x_label="step", y_label="learning rate")
    return figure


def _name_pair(train: Sequence[float], validation: Sequence[float | None]) -> dict[str, Sequence[float]]:
    known = [math.nan if value is None else value for value in validation]
    return {"train": train} | ({} if all(map(math.isnan, known)) else {"validation": known})


def _draw_courses(axes: Axes, courses: Mapping[str, Sequence[float]], *, epochs: Sequence[int]) -> None:
    """Draw a line a name over the epochs, as many as it has values, and the key."""
    for (colour, dashes, marker), (name, values) in zip(_LOOKS, courses.items(), strict=False):
        axes.plot(
            epochs[: len(values)], values, color=colour, label=name, linestyle=dashes,
            marker=marker if len(epochs) <= _MARKED_EPOCHS else "", markersize=4, linewidth=1.8,
            clip_on=False,
        )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    if len(epochs) == 1:
        axes.set_xlim(epochs[0] - 0.9, epochs[0] + 0.9)  # else the ticks would be parts of an epoch
    style.add_key(axes)


def _scale_losses(axes: Axes, courses: Mapping[str, Sequence[float]]) -> bool:
    """Let the axis begin at 0, or make it logarithmic where the values fall far; return which."""
    known = [value for values in courses.values() for value in values if math.isfinite(value)] or [1.0]
    is_log = 0 < min(known) < max(known) / _LOG_RATIO
    if is_log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylim(0, 1.05 * max(known) or 1.0)
    return is_log
