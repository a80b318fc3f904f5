"""Pictures of recipes side by side: where the seconds go, and accuracy against seconds or size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter, NullLocator

from inkwise.figures import style

# Okabe and Ito's colours, greys and a brown; neighbours differ in lightness, so that grey tells them apart.
_STAGE_COLOURS = {
    "load": "#56b4e9",
    "set up": "#999999",
    "prepare": "#f0e442",
    "forward": "#0072b2",
    "backward": "#e69f00",
    "update": "#009e73",
    "step": "#000000",
    "calibrate": "#8c564b",
    "evaluate": "#cc79a7",
    "save": "#555555",
    "rest": "#d9d9d9",
}
_ON_DARK = ("forward", "update", "step", "calibrate", "save")
_NAMED_SHARE = 0.055  # of the whole; a narrower part of a bar has no room for its percent
# What is drawn of each kind: colour, marker, words.
_KINDS = {
    "ours": (style.BLUE, "o", "our recipes"),
    "tutorial": (style.GREEN, "s", "tutorials' recipes, as inkwise trains them"),
    "fast": (style.ORANGE, "D", "train_mnist_fast"),
    "plain": (style.INK, "^", "PyTorch's example"),
}
_ERRORS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_FINE_ERRORS = (0.001, 0.0015, *(n / 1000 for n in range(2, 11)), 0.012, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05)
_LEAST_ERROR = 0.0003
_FEW = 4  # most error over least; up to it there is room for ticks between
_WIDE = 1000  # most over least; beyond it only powers of ten have room for words


@dataclass(frozen=True)
class StageBar:
    """One bar of render_stages: seconds by stage, which together are the whole."""

    name: str
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Point:
    """One recipe in render_against.

    Attributes:
        kind: "ours", "tutorial", "fast" or "plain".
        value: what it takes, above 0.
        accuracy: the mean, in [0, 1].
        spread: least and most of value.
        accuracies: least and most of accuracy.
        curve: value and accuracy on the way there.
    """

    name: str
    kind: str
    value: float
    accuracy: float
    spread: tuple[float, float] | None = None
    accuracies: tuple[float, float] | None = None
    curve: Sequence[tuple[float, float]] = field(default_factory=tuple)


def render_stages(bars: Sequence[StageBar]) -> Figure:
    """Return where the seconds of each recipe go, as shares of its whole time, which stands beside it."""
    figure = style.new_figure(width=9, height=1.7 + 0.45 * len(bars))
    axes = figure.add_subplot()
    used = [stage for stage in _STAGE_COLOURS if any(stage in bar.seconds for bar in bars)]
    starts = np.zeros(len(bars))
    wholes = np.array([sum(bar.seconds.values()) for bar in bars])
    for stage in used:
        shares = np.array([bar.seconds.get(stage, 0.0) for bar in bars]) / wholes
        axes.barh(
            range(len(bars)), shares, left=starts, color=_STAGE_COLOURS[stage], edgecolor="white",
            linewidth=0.8, height=0.72, label=stage,
        )  # fmt: skip
        for row, share in enumerate(shares):
            if share >= _NAMED_SHARE:
                axes.text(
                    starts[row] + share / 2, row, f"{share:.0%}", ha="center", va="center",
                    fontsize=style.FONT_SIZE - 1, color="white" if stage in _ON_DARK else style.INK,
                )  # fmt: skip
        starts += shares
    for row, whole in enumerate(wholes):
        axes.text(1.01, row, f"{whole:.3g} s", va="center", fontsize=style.FONT_SIZE, color=style.INK)
    axes.set_yticks(range(len(bars)), [bar.name for bar in bars], parse_math=False)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, 1.12)
    style.add_key(axes, columns=-(-len(used) // 2))
    style.dress_axes(axes, x_label="share of the time from files to evaluated", y_label="")
    axes.grid(False)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    style.count_percent(axes.xaxis)
    axes.tick_params(axis="y", length=0, labelsize=style.FONT_SIZE)
    return figure


def render_against(points: Sequence[Point], *, x_label: str) -> Figure:
    """Return accuracy against what it takes; the axes are logarithmic.

    From 99 to 99.9 % is as far as from 90 to 99 %. Lines through a point go from the least to the most.
    """
    figure = style.new_figure(width=8, height=5)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    for kind in _KINDS:
        _draw_kind(axes, kind, [point for point in points if point.kind == kind])
    _set_limits(axes, points)
    style.dress_axes(axes, x_label=x_label, y_label="test images named rightly (log scale of errors)")
    style.add_key(axes, columns=2)
    _name_points(axes, points)
    return figure


def _draw_kind(axes: Axes, kind: str, points: Sequence[Point]) -> None:
    colour, marker, words = _KINDS[kind]
    words += ", after each epoch" if any(point.curve for point in points) else ""
    for point in points:
        way = [(value, _error(accuracy)) for value, accuracy in point.curve]
        if way:
            axes.plot(*zip(*way, strict=True), color=colour, linewidth=1.2, alpha=0.5)
            axes.plot(*zip(*way, strict=True), marker, color=colour, markersize=3.5, alpha=0.6)
        if point.spread is not None:
            axes.plot(point.spread, [_error(point.accuracy)] * 2, color=colour, linewidth=2, alpha=0.5)
        if point.accuracies is not None:
            ends = [_error(accuracy) for accuracy in point.accuracies]
            axes.plot([point.value] * 2, ends, color=colour, linewidth=2, alpha=0.5)
    if points:
        values, errors = [one.value for one in points], [_error(one.accuracy) for one in points]
        axes.plot(values, errors, marker, color=colour, markersize=9, linestyle="", label=words, zorder=3)


def _error(accuracy: float) -> float:
    return max(1 - accuracy, _LEAST_ERROR)


def _set_limits(axes: Axes, points: Sequence[Point]) -> None:
    errors = [
        _error(a) for p in points for a in (p.accuracy, *(p.accuracies or ()), *(a for _, a in p.curve))
    ]
    values = [v for p in points for v in (p.value, *(p.spread or ()), *(v for v, _ in p.curve))]
    axes.set_xlim(min(values) / 1.6, max(values) * 4)  # room for names on the right
    axes.set_ylim(min(1.0, max(errors) * 1.6), min(errors) / 1.6)  # upside down: the best on top
    axes.yaxis.set_major_locator(FixedLocator(_ERRORS if max(errors) > _FEW * min(errors) else _FINE_ERRORS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{100 * (1 - error):g}%"))
    is_wide = axes.get_xlim()[1] / axes.get_xlim()[0] > _WIDE
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0,) if is_wide else (1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _name_points(axes: Axes, points: Sequence[Point]) -> None:
    """Write each name right of its point, moved down where another stands there already."""
    figure = axes.figure
    figure.draw_without_rendering()  # type: ignore[union-attr]  # the places are found only now
    pixels = figure.dpi / 72
    height, taken = 1.35 * style.FONT_SIZE * pixels, list[tuple[float, float, float]]()
    ends = [((point.spread or (0, point.value))[1], _error(point.accuracy)) for point in points]
    marks = [axes.transData.transform(end) for end in ends]
    for number in sorted(range(len(points)), key=lambda one: -marks[one][1]):
        x, y = marks[number]
        width = (0.62 * style.FONT_SIZE * len(points[number].name) + 12) * pixels
        while any(abs(y - other) < height and left < x + width and x < right for left, right, other in taken):
            y -= height / 4
        taken.append((x, x + width, y))
        down = (y - marks[number][1]) / pixels
        axes.annotate(
            points[number].name, ends[number],
            xytext=(9, down), textcoords="offset points", va="center", fontsize=style.FONT_SIZE,
            color=style.INK, parse_math=False, annotation_clip=False,
            bbox={"boxstyle": "square,pad=0", "facecolor": "white", "edgecolor": "none", "alpha": 0.6},
            arrowprops={"arrowstyle": "-", "color": style.INK, "alpha": 0.4} if down < -4 else None,
        )  # fmt: skip
