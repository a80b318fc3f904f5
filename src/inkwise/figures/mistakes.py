"""A sheet of the images that the classifier got wrong."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inkwise.evaluation.evaluate import Mistake
from inkwise.figures import style
from inkwise.figures.percent import say_percent

_COLUMNS = 6
_LONG_NAME = 6  # letters; with longer class names the words need wider columns


def render_mistakes(images: NDArray[np.uint8], mistakes: Sequence[Mistake], classes: Sequence[str]) -> Figure:
    """Return a sheet of the mistakes in the order given, each with its label, the answer and its probability.

    Args:
        images: (N, 28, 28) uint8, the split that Mistake.index points into.
        mistakes: one or more, as in Evaluation.worst_mistakes.
        classes: K names.
    """
    columns = _COLUMNS if max(map(len, classes)) <= _LONG_NAME else _COLUMNS - 2
    num_rows = -(-len(mistakes) // columns)
    figure = style.new_figure(width=8, height=8 / columns * 1.35 * num_rows)
    for place, mistake in enumerate(mistakes, start=1):
        axes = figure.add_subplot(num_rows, columns, place)
        axes.imshow(images[mistake.index], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(
            f"label: {classes[mistake.label]}\nanswer: {classes[mistake.predicted]}\n"
            f"{say_percent(mistake.probability, decimals=1)} sure",
            fontsize=style.FONT_SIZE - 1,
            color=style.INK,
            parse_math=False,
        )
    return figure
