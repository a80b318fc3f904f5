"""How the values of a layer are spread: a histogram over their true range, zeros counted apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import LEFT, SIDE, TINY, TOP, Panel
from inkwise.figures.inspection.panels.scale import Scale, Values, say_value
from inkwise.figures.percent import say_percent

_BINS = 48
_HEIGHT = 2.2
_ONE = 0.25  # height of a bin with one value, in powers of ten, so that it is seen


def draw_values(panel: Panel, output: Values, *, before: Values | None = None) -> None:
    """Draw in panel how many values of output lie where, on a logarithmic axis.

    Values of exactly 0, which a ReLU makes, are one orange bar of their own; they would fill a bin
    that is not about them.

    Args:
        panel: where.
        output: any shape.
        before: what came in, drawn as a line behind; None where it is of another kind.
    """
    values = output[np.isfinite(output)]
    everything = values if before is None else np.concatenate([values.ravel(), before.ravel()])
    low, high = float(everything.min()), float(everything.max())
    if low == high:
        panel.head("Values", f"all {values.size:,} are {say_value(low)}")
        return
    is_zero = values == 0
    shown = Spread(
        edges=np.linspace(low, high, _BINS + 1),
        counts=np.histogram(values[~is_zero], np.linspace(low, high, _BINS + 1))[0],
        num_zeros=int(is_zero.sum()),
        before=None if before is None else np.histogram(before, np.linspace(low, high, _BINS + 1))[0],
    )
    zero_words = f"{say_percent(shown.num_zeros / values.size, decimals=0)} exactly 0"
    ends = f"{say_value(values.min())} to {say_value(values.max())}"
    panel.head("Values", f"{values.size:,} from {ends}" + (f", {zero_words}" if shown.num_zeros else ""))
    _draw_spread(panel, shown)


@dataclass(frozen=True)
class Spread:
    """Counts by bin; values of exactly 0 are in num_zeros alone, and before has all of its own."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    num_zeros: int
    before: NDArray[np.int64] | None


def _draw_spread(panel: Panel, spread: Spread) -> None:
    tallest = max(spread.counts.max(), spread.num_zeros, 1 if spread.before is None else spread.before.max())
    low, high = float(spread.edges[0]), float(spread.edges[-1])
    highest = 1.03 * float(_heights(tallest))
    plot = panel.plot(height=_HEIGHT, x_range=(low, high), y_range=(0, highest))
    for power in range(int(np.log10(tallest)) + 1):
        height = float(_heights(10**power))
        plot.line(y=height, colour=style.INK, alpha=0.12)
        top = TOP + _HEIGHT * (1 - height / highest)
        panel.write(f"{10**power:,}", left=LEFT - 0.05, top=top, align="right", size=TINY)
    plot.steps(_heights(spread.counts), spread.edges, colour=style.BLUE)
    if spread.before is not None:
        plot.steps(_heights(spread.before), spread.edges, colour=style.INK, fill=False)
    if spread.num_zeros:
        width = (high - low) / _BINS
        plot.bars(np.zeros(1), _heights(np.array([spread.num_zeros])), width=width, colour=style.ORANGE)
    plot.line(y=0, colour=style.INK, alpha=1)
    _write_axis(panel, Scale("", low, high))
    _write_key(panel, spread)


def _write_axis(panel: Panel, scale: Scale) -> None:
    for value in scale.marks():
        share = (value - scale.low) / (scale.high - scale.low)
        panel.write(
            say_value(value), left=LEFT + share * SIDE, top=TOP + _HEIGHT + 0.13, align="center", size=TINY
        )
    panel.write("how many values (log scale), by value", left=LEFT, top=TOP + _HEIGHT + 0.36, size=TINY)


def _write_key(panel: Panel, spread: Spread) -> None:
    parts = [("\N{BLACK SQUARE} out", style.BLUE)]
    parts += [("\N{BLACK SQUARE} exactly 0", style.ORANGE)] if spread.num_zeros else []
    parts += [("\N{EM DASH} in", style.INK)] if spread.before is not None else []
    left = LEFT
    for words, colour in parts:
        panel.write(words, left=left, top=TOP - 0.14, size=TINY, colour=colour)
        left += 0.16 + 0.07 * len(words)


def _heights(counts: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Return the logarithm of counts, one value a little above nothing."""
    return np.where(np.asarray(counts) > 0, np.log10(np.maximum(counts, 1)) + _ONE, 0.0)
