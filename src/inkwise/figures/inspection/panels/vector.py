"""Numbers in a row: as a strip of colours and as bars, few with their names and many as one outline."""

from collections.abc import Sequence

import numpy as np

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import LEFT, SIDE, TINY, TOP, Panel
from inkwise.figures.inspection.panels.scale import Scale, Values, even_scale, say_value

_MOST_NAMED = 26  # bars, each wide enough for a name of a letter or two
_BARS_TOP, _BARS_HEIGHT = TOP + 0.34, 1.86


def draw_vector(
    panel: Panel, values: Values, *, names: Sequence[str] | None = None, marked: int | None = None
) -> None:
    """Draw values ((F,) float) in panel: heat strip above, bars below, both over their true range.

    Args:
        panel: where.
        values: one or more.
        names: F names to write below the bars; None writes the numbers of the first and last.
        marked: a bar to point at.
    """
    scale = even_scale(values)
    panel.picture(scale.paint(values[None]), left=LEFT, top=TOP, width=SIDE, height=0.2)
    _draw_bars(panel, values)
    _write_values(panel, scale)
    bottom = _BARS_TOP + _BARS_HEIGHT + 0.14
    places = _places(len(values))
    if marked is not None:
        panel.write(
            "\N{BLACK UP-POINTING TRIANGLE}",
            left=places[marked],
            top=bottom,
            align="center",
            colour=style.ORANGE,
        )
        panel.write(f"{marked:,}", left=places[marked], top=bottom + 0.17, align="center", size=TINY)
    if names is not None and len(values) <= _MOST_NAMED:
        for place, name in zip(places, names, strict=True):
            panel.write(_shorten(name, len(values)), left=place, top=bottom, align="center", size=TINY)
        return
    panel.write("0", left=places[0], top=bottom, align="center", size=TINY)
    if len(values) > 1:
        panel.write(f"{len(values) - 1:,}", left=places[-1], top=bottom, align="center", size=TINY)


def _draw_bars(panel: Panel, values: Values) -> None:
    count = len(values)
    plot = panel.plot(top=_BARS_TOP, height=_BARS_HEIGHT, x_range=(-0.5, count - 0.5), y_range=_ends(values))
    plot.line(y=0, colour=style.INK)
    for part, colour in ((np.maximum(values, 0), style.BLUE), (np.minimum(values, 0), style.ORANGE)):
        if not part.any():
            continue
        if count <= 2 * _MOST_NAMED:
            plot.bars(np.arange(count), part, width=0.8, colour=colour)
        else:
            plot.steps(part, np.arange(count + 1) - 0.5, colour=colour)


def _write_values(panel: Panel, scale: Scale) -> None:
    """Write the lowest, zero and highest value to the left of the bars, each at its height."""
    low, high = _ends(np.array([scale.low, scale.high], dtype=np.float32))
    written = Scale("", min(scale.low, 0.0), max(scale.high, 0.0)).marks()
    for value in written:
        share = (high - value) / (high - low)
        top = _BARS_TOP + share * _BARS_HEIGHT
        panel.write(say_value(value), left=LEFT - 0.05, top=top, align="right", size=TINY)


def _ends(values: Values) -> tuple[float, float]:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    return (low, high) if high > low else (0.0, 1.0)


def _places(num_values: int) -> list[float]:
    return [LEFT + SIDE * (place + 0.5) / num_values for place in range(num_values)]


def _shorten(name: str, num_names: int) -> str:
    """Return as much of a name as its bar is wide."""
    most = max(1, round(SIDE / num_names / 0.065))
    return name if len(name) <= most else f"{name[: most - 1]}…" if most > 2 else name[:most]
