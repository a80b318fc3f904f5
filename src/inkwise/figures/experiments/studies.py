"""Pictures of whole experiments: trainings of many seeds beside what was published, and speed as ratios."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter

from inkwise.figures import style

_TICKS = (0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


@dataclass(frozen=True)
class StudyPoints:
    """One row of render_studies.

    Attributes:
        name: what stands beside the row.
        errors: the share of test images each seed got wrong, in [0, 1], one or more.
        published: the share that the source states; None where it states none.
    """

    name: str
    errors: Sequence[float]
    published: float | None = None


@dataclass(frozen=True)
class Ratio:
    """One row of render_ratios: how many times as fast, the least and most of it, and what was wanted."""

    name: str
    ratio: float
    ratio_min: float
    ratio_max: float
    target: float


def render_studies(studies: Sequence[StudyPoints]) -> Figure:
    """Return the picture of each study's test error, a dot a seed, beside the published one.

    The axis is logarithmic: from 1 to 2 % is as far as from 10 to 20 %. An error of 0 is drawn at the
    left edge.
    """
    figure = style.new_figure(width=7, height=1.2 + 0.36 * len(studies))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    for row, study in enumerate(studies):
        axes.axhline(row, color=style.INK, alpha=0.12, linewidth=0.8, zorder=0)
        shown = [max(error, _TICKS[0]) for error in study.errors]
        axes.plot(shown, [row] * len(shown), "o", color=style.BLUE, alpha=0.45, markersize=7, linestyle="")
        if study.published is not None:
            axes.plot([max(study.published, _TICKS[0])], [row], "D", color=style.ORANGE, markersize=6)
    _name_rows(axes, [study.name for study in studies])
    # Two empty lines, so that the key holds one mark of each kind whatever the studies have.
    axes.plot([], [], "o", color=style.BLUE, alpha=0.45, markersize=7, label="measured, a dot a seed")
    axes.plot([], [], "D", color=style.ORANGE, markersize=6, label="published")
    errors = [e for s in studies for e in (*s.errors, *(() if s.published is None else (s.published,)))]
    _set_error_ticks(axes, errors)
    style.add_key(axes)
    style.dress_axes(axes, x_label="test images wrong (log scale)", y_label="")
    axes.grid(False, axis="y")
    style.count_percent(axes.xaxis)
    return figure


def render_ratios(ratios: Sequence[Ratio]) -> Figure:
    """Return the picture of speeds as ratios: the median run, its least and most, and the one wanted."""
    figure = style.new_figure(width=7, height=1.2 + 0.45 * len(ratios))
    axes = figure.add_subplot()
    rows = range(len(ratios))
    least, most = [row.ratio_min for row in ratios], [row.ratio_max for row in ratios]
    axes.hlines(rows, least, most, color=style.BLUE, linewidth=2.5, alpha=0.6, label="least to most")
    axes.plot(
        [row.ratio for row in ratios], rows, "o", color=style.BLUE, markersize=8, label="median beside median"
    )
    targets = [row.target for row in ratios]
    axes.plot(targets, rows, "|", color=style.ORANGE, markersize=16, markeredgewidth=2.5, label="the aim")
    axes.axvline(1, color=style.INK, alpha=0.5, linestyle="--", linewidth=1, label="as fast as the tutorial")
    axes.set_xlim(0, 1.06 * max(*most, *targets))
    _name_rows(axes, [row.name for row in ratios])
    style.add_key(axes, columns=4)
    style.dress_axes(axes, x_label="times as fast as the tutorial's program", y_label="")
    axes.grid(False, axis="y")
    return figure


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)


def _set_error_ticks(axes: Axes, errors: Sequence[float]) -> None:
    low, high = max(min(errors), _TICKS[0]), max(errors)
    axes.set_xlim(low / 1.25, max(high, 2 * low) * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(_TICKS))
    axes.xaxis.set_minor_locator(FixedLocator(()))
    axes.xaxis.set_minor_formatter(NullFormatter())
