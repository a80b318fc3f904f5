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
    _draw_pair(axes, history, train=train, validation=validation)
    losses = [loss for loss in (*train, *validation) if loss is not None]
    is_log = 0 < min(losses) < max(losses) / _LOG_RATIO
    if is_log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, 1.05 * max(losses) or 1.0)
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
    is_marked = max(map(len, courses.values())) <= _MARKED_EPOCHS
    for (colour, dashes, marker), (name, values) in zip(_LOOKS, courses.items(), strict=False):
        axes.plot(
            range(1, len(values) + 1), values, color=colour, label=name, linestyle=dashes,
            marker=marker if is_marked else "", markersize=4, linewidth=1.8, clip_on=False,
        )  # fmt: skip
    known = [value for values in courses.values() for value in values if math.isfinite(value)]
    is_log = not are_shares and 0 < min(known) < max(known) / _LOG_RATIO
    if is_log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())
    elif are_shares:
        style.count_percent(axes.yaxis)
        axes.set_ylim(top=min(1.0, axes.get_ylim()[1]))
    else:
        axes.set_ylim(0, 1.05 * max(known) or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    style.dress_axes(axes, x_label="epoch", y_label=f"{y_label} (log scale)" if is_log else y_label)
    style.add_key(axes)
    return figure


def render_accuracy(history: Sequence[Epoch]) -> Figure:
    """Return the picture of train and validation accuracy (percent) by epoch, one or more epochs."""
    figure = style.new_figure()
    axes = figure.add_subplot()
    train = [row.train_accuracy for row in history]
    validation = [row.validation_accuracy for row in history]
    _draw_pair(axes, history, train=train, validation=validation)
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


def _draw_pair(
    axes: Axes, history: Sequence[Epoch], *, train: Sequence[float], validation: Sequence[float | None]
) -> None:
    _draw_line(axes, history, train, colour=style.BLUE, label="train")
    if any(value is not None for value in validation):
        _draw_line(axes, history, validation, colour=style.ORANGE, label="validation")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    if len(history) == 1:
        only = history[0].epoch
        axes.set_xlim(only - 0.9, only + 0.9)  # else the ticks would be parts of an epoch
    style.add_key(axes)


def _draw_line(
    axes: Axes, history: Sequence[Epoch], values: Sequence[float | None], *, colour: str, label: str
) -> None:
    # Circles and a line, diamonds and dashes: told apart without the colours too.
    marker, dashes = ("o", "-") if label == "train" else ("D", (0, (5, 1.5)))
    axes.plot(
        [row.epoch for row in history],
        [float("nan") if value is None else value for value in values],
        color=colour,
        label=label,
        linestyle=dashes,
        marker=marker if len(history) <= _MARKED_EPOCHS else "",
        markersize=4,
        linewidth=1.8,
        clip_on=False,
    )
