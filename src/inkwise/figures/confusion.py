"""Which class is taken for which."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inkwise.figures import style

_MOST_NUMBERED = 26  # classes; with more the numbers could not be read
_PALEST = 0.10  # opacity of the cell of a single image
_DEEPEST = 0.60  # of the fullest cell; words stay readable on both


def render_confusion(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> Figure:
    """Return the picture of confusion[true][predicted]: right in blue, wrong in orange, none left blank.

    Blue and orange deepen with the logarithm of the count, each up to its own fullest cell, so that a
    dozen mistakes stand out beside a thousand hits.

    Args:
        confusion: K rows of K counts.
        classes: K names.
    """
    counts = np.asarray(confusion, dtype=np.int64)
    num_classes = len(classes)
    size = min(max(4.5, 0.42 * num_classes + 1.0), 11.0)
    figure = style.new_figure(width=size, height=size)
    axes = figure.add_subplot()
    axes.imshow(_colour_cells(counts), interpolation="nearest")
    if num_classes <= _MOST_NUMBERED:
        _write_counts(axes, counts, font_size=_fit_digits(counts, cell_points=60 * size / num_classes))
    style.dress_axes(axes, x_label="predicted", y_label="true")
    _name_ticks(axes, classes)
    return figure


def _colour_cells(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (K, K, 4) red, green, blue and opacity in [0, 1]."""
    cells = np.zeros((*counts.shape, 4))
    diagonal = np.eye(len(counts), dtype=bool)
    for part, colour in ((diagonal, style.BLUE), (~diagonal, style.ORANGE)):
        logarithm = np.log(np.maximum(counts, 1))
        fullest = max(logarithm[part].max(initial=0), 1.0)
        opacity = _PALEST + (_DEEPEST - _PALEST) * logarithm / fullest
        cells[part, :3] = to_rgb(colour)
        cells[part, 3] = np.where(counts > 0, opacity, 0)[part]
    return cells


def _fit_digits(counts: NDArray[np.int64], *, cell_points: float) -> float:
    """Return the font size, in points, at which the longest count fills four fifths of a cell."""
    return min(style.FONT_SIZE, 0.8 * cell_points / (0.65 * len(str(counts.max()))))


def _write_counts(axes: Axes, counts: NDArray[np.int64], *, font_size: float) -> None:
    for true, predicted in np.argwhere(counts):
        axes.text(
            predicted,
            true,
            f"{counts[true, predicted]}",
            ha="center",
            va="center",
            fontsize=font_size,
            color=style.INK,
            weight="bold" if true == predicted else "normal",
        )


def _name_ticks(axes: Axes, classes: Sequence[str]) -> None:
    num_classes, longest = len(classes), max(map(len, classes))
    font_size = min(style.FONT_SIZE - 1, 430 / num_classes)
    rotation = 90 if longest * num_classes > 40 else 0
    axes.set_xticks(range(num_classes), classes, rotation=rotation, fontsize=font_size, parse_math=False)
    axes.set_yticks(range(num_classes), classes, fontsize=font_size, parse_math=False)
    axes.tick_params(length=0)
    axes.grid(False)
    # Hair lines between the cells, drawn as the minor grid.
    axes.set_xticks(np.arange(num_classes + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(num_classes + 1) - 0.5, minor=True)
    axes.grid(True, which="minor", color=style.INK, alpha=0.15, linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
