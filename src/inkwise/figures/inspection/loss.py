"""The loss in pictures: what a confidence costs, and one image's way from logits to its loss."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.style import Picture

_LEAST = 0.005  # the probability at which the curve leaves the picture; -log of it is 5.3
_SMALL = style.FONT_SIZE - 1
_MINUS = "\N{MINUS SIGN}"  # as long as the one on the axes


def render_loss_of_confidence(*, num_classes: int = 10) -> Picture:
    """Return the curve -log p over p, the probability of the true class, with up to four points to learn by.

    Args:
        num_classes: K; guessing among K classes costs log K.
    """
    figure = style.new_figure(width=6.6, height=4.2)
    axes = figure.add_subplot()
    confidence = np.geomspace(_LEAST, 1, 400)
    axes.plot(confidence, -np.log(confidence), color=style.BLUE, linewidth=2.4)
    _mark_point(axes, 1 / num_classes, f"guessing among {num_classes}: log {num_classes}")
    _mark_point(axes, 0.99, "sure, and right")
    # Each of these where the guess leaves it room.
    if num_classes < 30:
        _mark_point(axes, 0.01, "sure of another class")
    if num_classes > 3:
        _mark_point(axes, 0.5, "as likely as not: log 2")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, -math.log(_LEAST))
    style.dress_axes(
        axes,
        x_label="p, the probability given to the true class",
        y_label=f"loss, {_MINUS}log p, in nats",
    )
    return figure


def _mark_point(axes: Axes, probability: float, words: str) -> None:
    loss = -math.log(probability)
    axes.plot([probability], [loss], "o", color=style.ORANGE, markersize=8, zorder=3, clip_on=False)
    axes.annotate(
        f"{words}\np = {probability:.3g}, loss {loss:.3f}",
        (probability, loss),
        xytext=(-4, 14) if probability > 0.9 else (10, 5),
        textcoords="offset points",
        ha="right" if probability > 0.9 else "left",
        va="bottom",
        fontsize=_SMALL,
        color=style.INK,
    )


def render_cross_entropy(logits: NDArray[np.floating], label: int, classes: Sequence[str]) -> Picture:
    """Return one image's way to its loss: logits, by softmax probabilities, their logarithm.

    CrossEntropyLoss is LogSoftmax and NLLLoss in one: the third panel is what LogSoftmax returns, and
    NLLLoss is minus its orange bar.

    Args:
        logits: (K,) float, what the network says of one image.
        label: its true class, in 0..K-1.
        classes: K names.
    """
    shifted = np.asarray(logits, dtype=np.float64) - np.max(logits)
    log_probabilities = shifted - math.log(np.exp(shifted).sum())
    loss = float(-log_probabilities[label])
    figure = style.new_figure(width=8.6, height=1.7 + 0.24 * len(classes))
    panels = figure.subplots(1, 3, sharey=True)
    columns = (
        ("1. logits", "any numbers", np.asarray(logits, dtype=np.float64)),
        ("2. softmax", "probabilities, sum 1", np.exp(log_probabilities)),
        (f"3. logarithm: loss {loss:.3f}", "log-probabilities", log_probabilities),
    )
    for axes, (title, words, values) in zip(panels, columns, strict=True):
        _draw_bars(axes, values, label)
        axes.set_title(title, loc="left", fontsize=style.FONT_SIZE + 1, color=style.INK, weight="bold")
        style.dress_axes(axes, x_label=words, y_label="")
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
    panels[0].set_yticks(range(len(classes)), classes, parse_math=False)
    panels[0].get_yticklabels()[label].set_fontweight("bold")
    panels[0].set_ylabel("class, the true one orange", fontsize=style.FONT_SIZE, color=style.INK)
    panels[0].set_ylim(len(classes) - 0.5, -0.5)
    return figure


def _draw_bars(axes: Axes, values: NDArray[np.float64], label: int) -> None:
    """Draw a bar a class, the true one in orange, each with its number beside it."""
    colours = [style.ORANGE if row == label else style.BLUE for row in range(len(values))]
    bars = axes.barh(range(len(values)), values, color=colours, height=0.72)
    texts = [_say_value(value) for value in values.tolist()]
    axes.bar_label(bars, texts, padding=3, fontsize=_SMALL - 1, color=style.INK)
    axes.axvline(0, color=style.INK, linewidth=0.8)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = 0.32 * (high - low or 1.0)  # for the numbers beside the longest bars
    axes.set_xlim(low - room if low < 0 else 0, high + room if high > 0 else 0)


def _say_value(value: float) -> str:
    if 0 < abs(value) < 0.0005:
        return "under 0.001" if value > 0 else f"over {_MINUS}0.001"
    return f"{value:.3f}".replace("-", _MINUS)
