"""How much each step towards reading real handwriting adds, one under the other."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from inkwise.errors import ShapeError
from inkwise.figures import style

_NAME_LETTERS = 36  # of a line beside a bar
_WIDTH, _ROW_HIGH, _REST_HIGH = 9.0, 0.56, 1.1  # inches


@dataclass(frozen=True)
class StepShares:
    """One row of render_steps.

    Attributes:
        name: what stands beside the bar.
        shares: of the pictures that are read right, in [0, 1], of each network that was tried; one or more.
    """

    name: str
    shares: Sequence[float]


def render_steps(steps: Sequence[StepShares]) -> style.Picture:
    """Return a bar a step from the top down, as long as its mean share is high; a ring a network.

    The axis begins at 0, so that twice as long is twice as much; the end of each bar says its number.

    Raises:
        ShapeError: there is no step, or one without a share.
    """
    if not steps or not all(step.shares for step in steps):
        raise ShapeError("steps holds none or one without shares; expected at least one share a step")
    figure = style.new_figure(width=_WIDTH, height=_REST_HIGH + _ROW_HIGH * len(steps))
    axes = figure.add_subplot()
    rows, means = range(len(steps)), [fmean(step.shares) for step in steps]
    axes.barh(rows, means, height=0.62, color=style.BLUE, alpha=0.8)
    for row, (step, mean) in enumerate(zip(steps, means, strict=True)):
        if len(step.shares) > 1:
            axes.plot(
                step.shares, [row] * len(step.shares), "o", markersize=6, linestyle="",
                markerfacecolor="white", markeredgecolor=style.ORANGE, markeredgewidth=1.5,
            )  # fmt: skip
        end = max(mean, *step.shares, 0.0)
        axes.text(
            end + 0.016, row, f"{100 * mean:.1f} %", va="center", fontsize=style.FONT_SIZE + 1,
            color=style.INK,
        )  # fmt: skip
    if any(len(step.shares) > 1 for step in steps):
        axes.plot(
            [], [], "o", markersize=6, linestyle="", markerfacecolor="white", markeredgecolor=style.ORANGE,
            markeredgewidth=1.5, label="a training each; the bar is their mean",
        )  # fmt: skip
        style.add_key(axes)
    names = [textwrap.fill(step.name, _NAME_LETTERS) for step in steps]
    axes.set_yticks(rows, names, parse_math=False)
    axes.set_ylim(len(steps) - 0.5, -0.5)
    axes.set_xlim(0, 1.13)  # room for the words beside the longest bar
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    style.dress_axes(axes, x_label="pictures of one digit read right", y_label="")
    axes.tick_params(axis="y", length=0, labelsize=style.FONT_SIZE)
    axes.grid(False, axis="y")
    style.count_percent(axes.xaxis)
    return figure
