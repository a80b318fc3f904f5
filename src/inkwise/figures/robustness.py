"""The robustness sheet as a picture: one row a kind, mild to severe, the darker the worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps

from inkwise.figures.style import FONT_SIZE, INK, Picture, hide_frame, is_light, new_figure

if TYPE_CHECKING:
    from inkwise.evaluation.robustness.sheet import Robustness

_COLOURS = colormaps["cividis"]  # for colour-blind readers too
_SEVERITIES = 5


def draw_robustness(sheet: Robustness) -> Picture:
    """Return the picture of a robustness sheet; each cell has its accuracy in words.

    A kind that has one severity fills its row.
    """
    figure = new_figure(width=7.0, height=0.32 * len(sheet.rows) + 1.2)
    axes = figure.add_subplot()
    grid = np.full((len(sheet.rows), _SEVERITIES), np.nan)
    for place, row in enumerate(sheet.rows):
        for cell in row.cells:
            is_alone = len(row.cells) == 1
            columns = slice(None) if is_alone else cell.severity - 1
            grid[place, columns] = cell.accuracy
            is_mnist_c = cell.severity == row.mnist_c
            axes.text(
                _SEVERITIES // 2 if is_alone else cell.severity - 1, place,
                f"{cell.accuracy:.1%}" + (" °" if is_mnist_c else ""),
                ha="center", va="center", fontsize=FONT_SIZE - 1.5,
                color=INK if is_light(np.array(_COLOURS(cell.accuracy)[:3])) else "white",
            )  # fmt: skip
    axes.imshow(grid, cmap=_COLOURS, vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(sheet.rows)), [row.kind for row in sheet.rows])
    axes.set_xticks(range(_SEVERITIES), ["mild", "", "", "", "severe"])
    axes.xaxis.tick_top()
    hide_frame(axes)
    axes.tick_params(labelsize=FONT_SIZE, labelcolor=INK)
    axes.set_title(
        f"Accuracy on {sheet.num_images:,} changed {sheet.split} images of {sheet.dataset}; "
        f"unchanged {sheet.clean:.2%}\n° MNIST-C's severity: {sheet.mnist_c_accuracy:.1%} on average. "
        "A row of one colour: a kind of one severity.",
        fontsize=FONT_SIZE, color=INK, loc="left",
    )  # fmt: skip
    return figure
