"""The images themselves: one in full, a few of each class, and the first batches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE, Split
from inkwise.exploration.facts import FirstSample
from inkwise.figures import style
from inkwise.figures.exploration.sheet import enlarge, render_sheet, side_by_side
from inkwise.figures.style import Picture

_MOST_NAMED = 12  # classes whose names fit below the cells of a one-hot row


def render_first_image(sample: FirstSample, classes: Sequence[str]) -> Picture:
    """Return the first train image under its class, with its one-hot label as a row of cells (E3, E5)."""
    figure = style.new_figure(width=4.5, height=5.4)
    upper, lower = figure.subplots(2, 1, height_ratios=(7, 1))
    upper.imshow(
        enlarge(np.array(sample.image, np.uint8)),
        cmap="gray", vmin=0, vmax=255, interpolation="none",
        extent=(-0.5, IMAGE_SIZE - 0.5, IMAGE_SIZE - 0.5, -0.5),
    )  # fmt: skip
    upper.set_title(
        f"label {sample.label}, class {sample.class_name}", fontsize=13, color=style.INK, parse_math=False
    )
    style.dress_axes(upper, x_label="column", y_label="row")
    upper.grid(False)
    upper.set_xticks((0, 9, 18, 27))
    upper.set_yticks((0, 9, 18, 27))
    num_classes = len(classes)
    lower.bar(range(num_classes), sample.one_hot, width=1, color=style.BLUE)
    lower.vlines(np.arange(num_classes + 1) - 0.5, 0, 1, color=style.INK, linewidth=0.6)
    lower.hlines((0, 1), -0.5, num_classes - 0.5, color=style.INK, linewidth=0.6)
    if num_classes <= _MOST_NAMED:
        for label, value in enumerate(sample.one_hot):
            colour = "white" if value else style.INK
            lower.text(label, 0.46, str(value), ha="center", va="center", color=colour, fontsize=10)
        lower.set_xticks(range(num_classes), [str(label) for label in range(num_classes)])
    else:
        lower.set_xticks((0, sample.label, num_classes - 1))
    style.dress_axes(lower, x_label="one-hot label: a 1 at the class, 0 elsewhere", y_label="")
    lower.set_xlim(-0.5, num_classes - 0.5)
    lower.set_yticks(())
    style.hide_frame(lower)
    return figure


def render_samples(split: Split, chosen: Sequence[NDArray[np.int64]], classes: Sequence[str]) -> Picture:
    """Return a few images of each class, a row a class (E4).

    Args:
        split: where the images come from.
        chosen: K arrays of indices, as from sample_classes.
        classes: K names.
    """
    columns = max(max(map(len, chosen)), 1)
    side = IMAGE_SIZE + 2
    grid = np.full((side * len(classes), side * columns), 255, np.uint8)
    for row, indices in enumerate(chosen):
        for column, image in enumerate(split.images[indices]):
            top, left = side * row + 1, side * column + 1
            grid[top : top + IMAGE_SIZE, left : left + IMAGE_SIZE] = image
    name_width = 0.085 * max(map(len, classes)) + 0.45
    figure = style.new_figure(width=name_width + 0.55 * columns, height=0.3 + 0.55 * len(classes))
    axes = figure.add_subplot()
    extent = (0, columns, len(classes), 0)
    axes.imshow(enlarge(grid), cmap="gray", vmin=0, vmax=255, interpolation="none", extent=extent)
    style.dress_axes(axes, x_label="", y_label="")
    axes.set_yticks(np.arange(len(classes)) + 0.5, classes, parse_math=False)
    axes.set_xticks(())
    style.hide_frame(axes)
    return figure


def render_batches(split: Split, batches: Sequence[NDArray[np.int64]], classes: Sequence[str]) -> Picture:
    """Return shuffled batches, a row a batch, with the labels of their images in the caption (E5)."""
    size = max(map(len, batches))
    pictures, captions = [], []
    for number, indices in enumerate(batches, start=1):
        images = list(split.images[indices])
        blank = np.full((IMAGE_SIZE, IMAGE_SIZE), 255, np.uint8)
        pictures.append(side_by_side(images + [blank] * (size - len(images))))
        labels = ", ".join(classes[label] for label in split.labels[indices])
        shape = (len(indices), 1, IMAGE_SIZE, IMAGE_SIZE)
        captions.append(f"batch {number}, images {shape}, labels ({len(indices)},): {labels}")
    return render_sheet(pictures, captions, columns=1)
