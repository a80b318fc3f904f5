"""The mean image of each class, where its images differ, and how bright they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.exploration.classes import ClassImages
from inkwise.exploration.exploration import Exploration
from inkwise.figures import style
from inkwise.figures.exploration.sheet import enlarge, wrap
from inkwise.figures.style import Picture

SPREAD_MAP, SPREAD_TOP = "cividis", 0.5  # no pixel between 0 and 1 can deviate by more than 0.5
_COLUMNS = 5
_CELL = 1.3  # inches, of the 1.6 that a column has: names are larger than captions


def render_class_means(found: ClassImages, classes: Sequence[str]) -> Picture:
    """Return the mean image of each class on one scale from black to white."""
    return _render(found.mean, classes, colours="gray", top=1.0, words="mean of the scaled pixel, 0 to 1")


def render_class_spread(found: ClassImages, classes: Sequence[str]) -> Picture:
    """Return the standard deviation of each pixel in each class: bright where its images differ."""
    words = "standard deviation of the scaled pixel, 0 to 0.5"
    return _render(found.spread, classes, colours=SPREAD_MAP, top=SPREAD_TOP, words=words)


def render_brightness(found: Exploration) -> Picture:
    """Return the mean brightness of each class in train and test as two dots on one line."""
    figure = style.new_figure(height=1.2 + 0.3 * found.num_classes)
    axes = figure.add_subplot()
    for part, facts, colour, mark in (
        ("train", found.train, style.BLUE, "o"),
        ("test", found.test, style.ORANGE, "D"),
    ):
        values = [np.nan if value is None else value for value in facts.class_brightness]
        axes.plot(
            values, range(len(values)), mark, color=colour, markersize=6 if mark == "o" else 4.5, label=part
        )
        axes.axvline(facts.pixel_mean, color=colour, linewidth=1.2, linestyle=":" if mark == "D" else "-")
    axes.set_yticks(range(found.num_classes), found.classes, parse_math=False)
    axes.set_ylim(found.num_classes - 0.5, -0.5)
    axes.set_xlim(left=0)
    style.count_percent(axes.xaxis)
    style.add_key(axes, columns=2)
    style.dress_axes(axes, x_label="mean brightness; lines: of all classes", y_label="")
    return figure


def _render(
    images: NDArray[np.float32], classes: Sequence[str], *, colours: str, top: float, words: str
) -> Picture:
    columns = min(_COLUMNS, len(classes))
    num_rows = -(-len(classes) // columns)
    lines = max(wrap(name, inches=_CELL).count("\n") for name in classes)
    row = 1.55 * _COLUMNS / columns + 0.2 * lines
    figure = style.new_figure(width=8, height=row * num_rows + 0.9)
    cells = np.atleast_1d(figure.subplots(num_rows, columns)).reshape(-1)
    for axes, image, name in zip(cells, images, classes, strict=False):
        drawn = axes.imshow(enlarge(image), cmap=colours, vmin=0, vmax=top, interpolation="none")
        axes.set_title(
            wrap(name, inches=_CELL), fontsize=style.FONT_SIZE + 1, color=style.INK, parse_math=False
        )
    for axes in cells:
        axes.set_axis_off()
    bar = figure.colorbar(drawn, ax=cells.tolist(), location="bottom", shrink=0.5, aspect=40, pad=0.03)
    bar.set_label(words, color=style.INK, fontsize=style.FONT_SIZE)
    bar.ax.tick_params(labelsize=style.FONT_SIZE - 1, color=style.INK, labelcolor=style.INK)
    return figure
