"""One picture of each row of the reading bench: what was sent, what the network saw, what it was read as."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from inkwise.figures import style

_COLUMNS = 3  # examples of one digit side by side
_WIDTH, _HIGH = 12.0, 1.85  # inches: of the figure, of a line of examples
_SHARES = (1.25, 0.85, 0.85, 0.25)  # the picture, as read, as resized, a gap
_FRAME = "#8a9199"


@dataclass(frozen=True)
class Example:
    """One picture of a row.

    Attributes:
        title: of the row.
        pixels: (H, W) or (H, W, 3) uint8, the picture.
        seen: (28, 28) uint8 of each digit as the network saw it, in reading order.
        naive: (28, 28) uint8, the picture resized; None for a string.
        written: the digits on it.
        read: the digits read, lines separated by "|".
        naive_read: the digit read from naive; None for a string.
    """

    title: str
    pixels: NDArray[np.uint8]
    seen: tuple[NDArray[np.uint8], ...]
    naive: NDArray[np.uint8] | None
    written: str
    read: str
    naive_read: str | None


def render_benchmark(examples: Sequence[Example]) -> style.Picture:
    """Return one picture of each row, what the network saw of it, and what plain resizing gives.

    Args:
        examples: in the order of the table; strings get a line of their own.
    """
    singles = [example for example in examples if example.naive is not None]
    strings = [example for example in examples if example.naive is None]
    num_lines = -(-len(singles) // _COLUMNS)
    figure = style.new_figure(width=_WIDTH, height=_HIGH * (num_lines + len(strings)) + 0.6)
    grid = figure.add_gridspec(
        num_lines + len(strings), len(_SHARES) * _COLUMNS, width_ratios=_SHARES * _COLUMNS
    )
    for number, example in enumerate(singles):
        line, column = divmod(number, _COLUMNS)
        first = column * len(_SHARES)
        axes = [figure.add_subplot(grid[line, first + place]) for place in range(3)]
        _draw_single(axes, example)
    half = len(_SHARES) * _COLUMNS // 2
    for line, example in enumerate(strings, start=num_lines):
        _draw_string(figure.add_subplot(grid[line, :half]), figure.add_subplot(grid[line, half:]), example)
    figure.suptitle(
        "One picture of each row: as sent, as the network saw it, and resized to 28x28",
        fontsize=style.FONT_SIZE + 2,
        color=style.INK,
    )
    return figure


def _draw_single(axes: Sequence[Axes], example: Example) -> None:
    picture, seen, naive = axes
    _show(picture, example.pixels)
    picture.set_title(example.title, fontsize=style.FONT_SIZE, color=style.INK, loc="left")
    _show(seen, _strip(example.seen))
    _say(seen, "read", example.read, is_right=example.read == example.written)
    assert example.naive is not None
    _show(naive, example.naive)
    is_right = example.naive_read == example.written
    _say(naive, "resized", example.naive_read or "", is_right=is_right)


def _draw_string(picture: Axes, seen: Axes, example: Example) -> None:
    _show(picture, example.pixels)
    picture.set_title(
        f"{example.title}: {example.written}", fontsize=style.FONT_SIZE, color=style.INK, loc="left"
    )
    _show(seen, _strip(example.seen))
    _say(seen, "read", example.read, is_right=example.read == example.written)


def _show(axes: Axes, pixels: NDArray[np.uint8]) -> None:
    axes.imshow(
        pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest" if len(pixels) < 60 else "antialiased"
    )
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(_FRAME)


def _say(axes: Axes, how: str, read: str, *, is_right: bool) -> None:
    """Write below axes what was read; what is wrong is said in a word, too."""
    words = f"{how}: {read or 'nothing'}" + ("" if is_right else "\nwrong")
    axes.set_xlabel(words, fontsize=style.FONT_SIZE, color=style.BLUE if is_right else style.ORANGE)


def _strip(images: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return 28x28 images side by side with a grey line between them; an empty one where there are none."""
    if not images:
        return np.zeros((28, 28), dtype=np.uint8)
    gap = np.full((28, 1), 110, dtype=np.uint8)
    return np.hstack([part for image in images for part in (image, gap)][:-1])
