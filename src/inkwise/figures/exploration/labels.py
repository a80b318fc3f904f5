"""How the classes are shared out between train and test."""

import numpy as np
from matplotlib.axes import Axes

from inkwise.exploration.exploration import Exploration
from inkwise.figures import style
from inkwise.figures.style import Picture

_BAR = 0.38  # of the height of a row: two bars and a gap


def render_label_shares(found: Exploration) -> Picture:
    """Return the share of each class in train and in test as bars side by side, and their difference (E2).

    Shares, not counts, so that parts of unlike size can be compared by eye. The narrow panel enlarges what
    the bars can hardly show: test less train, in points of a hundred.
    """
    num_classes = found.num_classes
    figure = style.new_figure(width=5.6, height=1.3 + 0.36 * num_classes)
    bars, gaps = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    _draw_bars(bars, found)
    train, test = np.array(found.train.label_shares), np.array(found.test.label_shares)
    _draw_gaps(gaps, 100 * (test - train))
    figure.legend(
        loc="outside upper left", ncols=2, frameon=False, fontsize=style.FONT_SIZE, labelcolor=style.INK
    )
    bars.set_yticks(range(num_classes), found.classes, parse_math=False)
    bars.set_ylim(num_classes - 0.5, -0.5)
    return figure


def _draw_bars(axes: Axes, found: Exploration) -> None:
    rows = np.arange(found.num_classes)
    for part, facts, colour, shift in (
        ("train", found.train, style.BLUE, -0.5),
        ("test", found.test, style.ORANGE, 0.5),
    ):
        label = f"{part}, {facts.labels_shape[0]:,} images"
        axes.barh(rows + shift * _BAR, facts.label_shares, height=_BAR, color=colour, label=label)
    style.dress_axes(axes, x_label="share of the images", y_label="")
    style.count_percent(axes.xaxis)
    axes.grid(False, axis="y")


def _draw_gaps(axes: Axes, points: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    rows = np.arange(len(points))
    axes.axvline(0, color=style.INK, linewidth=0.8)
    axes.hlines(rows, 0, points, color=style.INK, linewidth=2, alpha=0.5)
    axes.plot(points, rows, "o", color=style.INK, markersize=5)
    widest = max(float(np.abs(points).max()), 0.1)
    power = 10.0 ** np.floor(np.log10(widest))
    mark = power * np.floor(widest / power)  # one digit, so that the three ticks stay short
    axes.set_xlim(-1.3 * widest, 1.3 * widest)
    axes.set_xticks((-mark, 0, mark), [_signed(value) for value in (-mark, 0, mark)])
    style.dress_axes(axes, x_label="test less train,\npoints", y_label="")
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.spines["left"].set_visible(False)
    axes.grid(False, axis="y")


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}") if value else "0"
