"""What is there twice, side by side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import Dataset
from inkwise.exploration.duplicates import Duplicates, ImageRef
from inkwise.figures.exploration.sheet import render_sheet, side_by_side
from inkwise.figures.style import Picture

_MOST = 18
_COLUMNS = 3


def render_near_pairs(found: Duplicates, dataset: Dataset) -> Picture:
    """Return the nearest pairs, 18 at most, with their places, labels and difference in grey levels.

    Args:
        found: with at least one near pair.
        dataset: that it was found in.
    """
    pairs = found.near_pairs[:_MOST]
    captions = [
        f"{_say(pair.first, dataset)}\n{_say(pair.second, dataset)}\n"
        f"{255 * pair.difference:.1f} grey levels apart"
        for pair in pairs
    ]
    return _render([(pair.first, pair.second) for pair in pairs], captions, dataset)


def render_exact_groups(found: Duplicates, dataset: Dataset) -> Picture:
    """Return the first and last image of groups of equal images, 18 groups at most.

    Args:
        found: with at least one group.
        dataset: that it was found in.
    """
    groups = found.exact_groups[:_MOST]
    ends = [(group.images[0], group.images[-1]) for group in groups]
    captions = [
        f"{_say(first, dataset)}\n{_say(last, dataset)}\n{group.num_images} equal images"
        for group, (first, last) in zip(groups, ends, strict=True)
    ]
    return _render(ends, captions, dataset)


def image_at(ref: ImageRef, dataset: Dataset) -> NDArray[np.uint8]:
    """Return the image (28, 28) that ref means."""
    split = dataset.train if ref.part == "train" else dataset.test
    return np.asarray(split.images[ref.index])


def _render(pairs: Sequence[tuple[ImageRef, ImageRef]], captions: list[str], dataset: Dataset) -> Picture:
    pictures = [side_by_side([image_at(ref, dataset) for ref in pair]) for pair in pairs]
    return render_sheet(pictures, captions, columns=_COLUMNS)


def _say(ref: ImageRef, dataset: Dataset) -> str:
    return f"{ref.part} {ref.index}: {dataset.classes[ref.label]}"
