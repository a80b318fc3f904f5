"""The one look of every figure: colours that colour-blind readers can tell apart, few lines, large words.

Source of the colours: Okabe and Ito, Color Universal Design, 2008.
"""

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

INK = "#1b1f24"  # words, axes and, with transparency, grid lines
BLUE = "#0072b2"
ORANGE = "#d55e00"
GREEN = "#009e73"
FONT_SIZE = 10


class Picture(Figure):
    """A matplotlib Figure that a notebook shows by itself, without pyplot or a magic command."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=120)
        return buffer.getvalue()


def new_figure(*, width: float = 4.5, height: float = 3.2) -> Picture:
    """Return an empty white picture of width x height inches; its parts find their places themselves.

    The default fills a phone's width with words still readable, and half a page's on a desk.
    """
    figure = Picture(figsize=(width, height), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
    return figure


def dress_axes(axes: Axes, *, x_label: str, y_label: str) -> None:
    """Label axes and give them the house's look, in place."""
    axes.set_xlabel(x_label, fontsize=FONT_SIZE, color=INK)
    axes.set_ylabel(y_label, fontsize=FONT_SIZE, color=INK)
    axes.tick_params(labelsize=FONT_SIZE - 1, color=INK, labelcolor=INK, which="both")
    axes.grid(True, color=INK, alpha=0.12, linewidth=0.8)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)


def hide_frame(axes: Axes) -> None:
    """Leave nothing of axes but what is drawn in it and its labels, in place."""
    axes.grid(False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def count_percent(axis: Axis) -> None:
    """Write the fractions along axis as percent, with only the decimals they need, in place."""
    axis.set_major_formatter(FuncFormatter(lambda fraction, _: f"{100 * fraction:g}%"))


def is_light(colours: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return on which colours dark words are read better than white ones, (...).

    Args:
        colours: (..., 3) red, green and blue in [0, 1].

    Source: relative luminance, WCAG 2.2; at 0.2 INK and white are as far from the colour.
    """
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]) > 0.2)


def add_key(axes: Axes, *, columns: int = 3) -> None:
    """Put the key of the lines above axes, where it hides none of them."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        frameon=False,
        fontsize=FONT_SIZE - 1,
        labelcolor=INK,
        borderaxespad=0.2,
        handlelength=1.6,
    )
