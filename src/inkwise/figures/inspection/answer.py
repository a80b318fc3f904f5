"""The image and what the network says of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import LEFT, SIDE, TOP, Panel, new_panels
from inkwise.figures.inspection.panels.scale import Scale
from inkwise.figures.percent import say_percent
from inkwise.inspection.recording.summaries import TIMES

_MOST_SHOWN = 10  # classes
_BAR_LEFT, _NAME_WIDTH = 1.0, 8  # inches for the names, of so many letters


def render_answer(
    image: NDArray[np.uint8],
    probabilities: Sequence[float],
    classes: Sequence[str],
    *,
    original: NDArray[np.uint8] | None = None,
) -> style.Picture:
    """Return the image beside the probability of each class, their sum and the largest.

    Args:
        image: (28, 28) uint8, what the network is given.
        probabilities: K numbers in [0, 1].
        classes: K names; of more than ten the ten most probable are drawn.
        original: (H, W) uint8, the picture that image was made from; drawn first.
    """
    parts = [("The image", image)]
    if original is not None:
        parts = [("The picture", original), ("What the network sees", image)]
    figure, panels = new_panels(len(parts) + 1)
    grey = Scale("gray", 0, 255)
    for (title, pixels), panel in zip(parts, panels, strict=False):
        height, width = pixels.shape
        panel.head(title, f"{height:,} rows {TIMES} {width:,} columns")
        panel.image(grey.paint(pixels.astype(np.float32)), framed=True)
    _draw_probabilities(panels[-1], list(probabilities), classes)
    return figure


def _draw_probabilities(panel: Panel, probabilities: list[float], classes: Sequence[str]) -> None:
    best = max(range(len(classes)), key=probabilities.__getitem__)
    panel.head("The answer", f"sum {sum(probabilities):.4f}, largest (argmax): {_shorten(classes[best])}")
    shown = list(range(len(classes)))
    if len(classes) > _MOST_SHOWN:
        shown = sorted(shown, key=lambda label: -probabilities[label])[:_MOST_SHOWN]
    row_height = SIDE / max(len(shown), 4)
    plot = panel.plot(
        left=_BAR_LEFT, width=SIDE + LEFT - _BAR_LEFT - 0.86, height=row_height * len(shown),
        y_range=(len(shown) - 0.5, -0.5),
    )  # fmt: skip
    for row, label in enumerate(shown):
        plot.block(x=1, y=row, height=0.62, colour=style.INK, alpha=0.07)
        plot.block(
            x=probabilities[label], y=row, height=0.62, colour=style.BLUE if label == best else style.ORANGE
        )
    for row, label in enumerate(shown):
        top, weight = TOP + (row + 0.5) * row_height, "bold" if label == best else "normal"
        panel.write(_shorten(classes[label]), left=_BAR_LEFT - 0.1, top=top, align="right", weight=weight)
        percent = say_percent(probabilities[label], decimals=1)
        panel.write(percent, left=LEFT + SIDE, top=top, align="right", weight=weight)


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else f"{name[: _NAME_WIDTH - 1]}…"
