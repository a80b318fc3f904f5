"""How often each pixel value occurs."""

import numpy as np

from inkwise.exploration.exploration import Exploration
from inkwise.figures import style
from inkwise.figures.style import Picture

_BIN = 8  # values taken together


def render_pixel_values(found: Exploration) -> Picture:
    """Return the share of pixels by value, in bins of 8 values, of train and test, on a logarithmic axis.

    Most pixels of most sets are black: on a linear axis nothing else could be seen.
    """
    figure = style.new_figure()
    axes = figure.add_subplot()
    edges = np.arange(0, 257, _BIN)
    for part, facts, colour, line in (
        ("train", found.train, style.BLUE, "-"),
        ("test", found.test, style.ORANGE, "--"),
    ):
        counts = np.array(facts.pixel_counts)
        shares = counts.reshape(-1, _BIN).sum(axis=1) / counts.sum()
        axes.stairs(
            np.where(shares > 0, shares, np.nan),
            edges,
            color=colour,
            linestyle=line,
            linewidth=1.8,
            label=part,
        )
    axes.set_yscale("log")
    axes.set_xlim(0, 256)
    axes.set_xticks((0, 64, 128, 192, 255))
    axes.set_ylim(top=1.3)
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    style.add_key(axes, columns=2)
    style.dress_axes(axes, x_label="pixel value, 0 black to 255 white", y_label="share of pixels (log scale)")
    return figure
