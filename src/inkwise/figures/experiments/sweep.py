"""A sweep as parallel coordinates: one line a trial, one axis a value that was varied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Normalize

from inkwise.figures.style import FONT_SIZE, INK, ORANGE, Picture, hide_frame, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from inkwise.evaluation.sweep import Sweep, Trial

_COLOURS = colormaps["cividis"]  # for colour-blind readers too
_MOST_WORDS = 12  # labels on one axis


def draw_sweep(found: Sweep) -> Picture:
    """Return the picture of a sweep with at least one trial done; the best is drawn on top, in orange.

    Trials without an accuracy, given up or beyond a limit, are thin grey lines that end before the last axis.
    """
    columns = [_Column(key, [trial.settings[key] for trial in found.trials]) for key in found.keys]
    figure = new_figure(width=max(5.0, 1.6 * (len(columns) + 1) + 1.0), height=4.0)
    axes = figure.add_subplot()
    done = found.ranked
    accuracies = np.array([trial.score for trial in done])
    low, high = _padded(accuracies)
    shade = Normalize(low, high)
    for trial in found.trials:
        if trial.state != "done":
            heights = [column.height(trial.settings[column.key]) for column in columns]
            axes.plot(range(len(columns)), heights, color=INK, alpha=0.2, linewidth=0.8)
    for trial in reversed(done):
        heights = [column.height(trial.settings[column.key]) for column in columns]
        heights.append((trial.score - low) / (high - low))
        is_best = trial is done[0]
        axes.plot(
            range(len(columns) + 1), heights, color=ORANGE if is_best else _COLOURS(shade(trial.score)),
            linewidth=3 if is_best else 1.4, alpha=1 if is_best else 0.8, zorder=3 if is_best else 2,
        )  # fmt: skip
    _draw_key(axes, len(columns), shade)
    for place, column in enumerate(columns):
        _draw_axis(axes, place, column.ticks())
    ticks = [(float((value - low) / (high - low)), f"{value:.2%}") for value in np.linspace(low, high, 5)]
    _draw_axis(axes, len(columns), ticks)
    axes.set_xticks(range(len(columns) + 1), [_broken(key) for key in [*found.keys, "validation accuracy"]])
    axes.set_yticks([])
    hide_frame(axes)
    axes.tick_params(labelsize=FONT_SIZE, labelcolor=INK, pad=8)
    axes.set_xlim(-0.25, len(columns) + 0.45)
    axes.set_ylim(-0.06, 1.06)
    axes.set_title(_title(found, done[0]), fontsize=FONT_SIZE, color=INK, loc="left")
    return figure


def _title(found: Sweep, best: Trial) -> str:
    others = len(found.trials) - len(found.ranked)
    more = f", {others} more given up or beyond a limit" if others else ""
    trials = "trial" if len(found.ranked) == 1 else "trials"
    return (
        f"{found.recipe} on {found.dataset}: {len(found.ranked)} {trials}{more};\n"
        f"the best, in orange: {best.score:.2%} of {found.num_validation:,} validation images"
    )


class _Column:
    """One axis: numbers by their size, logarithmic where they span much; words one above the other."""

    def __init__(self, key: str, values: list[Any]) -> None:
        self.key = key
        self.values = list(dict.fromkeys(values))
        self.is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in self.values)
        if self.is_number:
            self.values.sort()
        self.is_log = self.is_number and self.values[0] > 0 and self.values[-1] / self.values[0] >= 10

    def height(self, value: Any) -> float:
        """Return where a value lies, 0 at the bottom to 1 at the top."""
        if len(self.values) == 1:
            return 0.5
        if not self.is_number:
            return self.values.index(value) / (len(self.values) - 1)
        low, high = self._scaled(self.values[0]), self._scaled(self.values[-1])
        return (self._scaled(value) - low) / (high - low)

    def _scaled(self, value: float) -> float:
        return float(np.log(value)) if self.is_log else float(value)

    def ticks(self) -> list[tuple[float, str]]:
        values = self.values
        if self.is_number and len(values) > 6:  # as from a span
            low, high = self._scaled(values[0]), self._scaled(values[-1])
            values = [float(np.exp(v)) if self.is_log else v for v in np.linspace(low, high, 5)]
            if all(isinstance(value, int) for value in self.values):
                values = sorted({round(value) for value in values})
        words = [f"{value:.3g}" if self.is_number else str(value)[:_MOST_WORDS] for value in values]
        return [(self.height(value), word) for value, word in zip(values, words, strict=True)]


def _padded(accuracies: NDArray[Any]) -> tuple[float, float]:
    low, high = float(accuracies.min()), float(accuracies.max())
    return (low, high) if high > low else (low - 0.005, high + 0.005)


def _draw_key(axes: Axes, place: int, shade: Normalize) -> None:
    """Paint the last axis in the colours of the lines that end there."""
    heights = np.linspace(0, 1, 65)
    colours = np.linspace(shade.vmin or 0, shade.vmax or 1, 64)[:, None]
    axes.pcolormesh([place - 0.06, place], heights, colours, cmap=_COLOURS, norm=shade, zorder=3.5)


def _draw_axis(axes: Axes, place: int, ticks: list[tuple[float, str]]) -> None:
    axes.plot([place, place], [0, 1], color=INK, linewidth=1, zorder=4)
    for height, word in ticks:
        axes.annotate(
            word, (place, height), xytext=(4, 0), textcoords="offset points", va="center",
            fontsize=FONT_SIZE, color=INK, zorder=5,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
        )  # fmt: skip


def _broken(key: str) -> str:
    """Return a key on two lines where it is long."""
    leaf = key.rsplit(".", 1)[-1]
    return leaf.replace("_", "\n", 1).replace(" ", "\n") if len(leaf) > 11 else leaf
