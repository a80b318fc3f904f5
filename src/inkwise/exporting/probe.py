"""The images an export is proved on: the classifier's own where they are at hand, never test images."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.classifier_file import Header
from inkwise.data.dataset import IMAGE_SIZE, Dataset, Split, renumber
from inkwise.data.load import load_dataset
from inkwise.data.splits import split_train
from inkwise.errors import DataError
from inkwise.runs.argument import DataArgument

NUM_IMAGES = 1000
MOST_TO_JUDGE = 100_000  # validation images, 78 MB; no set of the catalogue has as many
_BLOCK_SIZES = (1, 2, 4, 7, 14)  # pixels a side, of made images; each divides IMAGE_SIZE


def _nowhere() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Probe:
    """Images to prove an export on.

    Attributes:
        images: (1000, 28, 28) uint8.
        words: what they are, such as "1,000 validation images of mnist".
        part: what its training and validation images were cut from; None where its data is not at hand.
        classes: what the labels of part mean.
        wanted: the classifier's own classes.
        learned: places in part of the images it learned from.
        chosen_by: places in part of those it was chosen by.
    """

    images: NDArray[np.uint8]
    words: str
    part: Split | None = None
    classes: Sequence[str] = ()
    wanted: Sequence[str] = ()
    learned: NDArray[np.int64] = field(default_factory=_nowhere)
    chosen_by: NDArray[np.int64] = field(default_factory=_nowhere)

    @property
    def train(self) -> Split | None:
        """At most 1,000 images the classifier learned from, read now; None where there is no part."""
        return None if self.part is None else self.part.take(_spread(self.learned, NUM_IMAGES))

    @cached_property
    def validation(self) -> Split | None:
        """At most 100,000 images it was chosen by, read now, labels as places in its classes.

        None where there are none, or the part has a class that the classifier does not know.
        """
        if self.part is None or not len(self.chosen_by) or not set(self.classes) <= set(self.wanted):
            return None
        split = self.part.take(_spread(self.chosen_by, MOST_TO_JUDGE))
        return renumber(split, self.classes, wanted=self.wanted)


def find_probe(header: Header, *, data: DataArgument | None = None) -> Probe:
    """Return the images to prove the export of a classifier on.

    Its validation images first, the same that its recipe set aside; then those it learned from; where its
    data is not on this machine, or is too small, images of blocks drawn by chance. Equal answers can be
    seen on any of them. The test part is not touched.

    Args:
        header: of the classifier.
        data: what load_dataset takes; None takes what the classifier was trained on, unless that is to be
            downloaded.
    Raises:
        DataError: data is given and cannot be loaded.
    """
    dataset = _load(header, data)
    if dataset is None:
        return Probe(_draw_blocks(NUM_IMAGES), f"{NUM_IMAGES:,} images of blocks drawn by chance")
    train, validation = split_train(dataset.train, **_cut_of(header))
    chosen = {
        "validation images": _spread(validation, NUM_IMAGES),
        "training images": _spread(train, max(0, NUM_IMAGES - len(validation))),
    }
    indices = np.concatenate([*chosen.values()])
    drawn = _draw_blocks(NUM_IMAGES - len(indices))
    counts = [f"{len(part):,} {words}" for words, part in chosen.items() if len(part)]
    words = f"{' and '.join(counts)} of {dataset.name}"
    return Probe(
        np.concatenate([dataset.train.images[indices], drawn]),
        f"{words} and {len(drawn):,} of blocks drawn by chance" if len(drawn) else words,
        part=dataset.train,
        classes=dataset.classes,
        wanted=header.classes,
        learned=train,
        chosen_by=validation,
    )


def _load(header: Header, data: DataArgument | None) -> Dataset | None:
    if data is not None:
        return load_dataset(data)
    if header.trained_on is None:
        return None
    try:
        return load_dataset(header.trained_on, fetch=False)
    except DataError:
        return None


def _cut_of(header: Header) -> dict[str, Any]:
    """Return what its recipe set aside: without one, nothing is known to have been."""
    fraction = _section(header, "data").get("validation_fraction", 0)
    seed = _section(header, "training").get("seed", 0)
    is_known = isinstance(fraction, int | float) and isinstance(seed, int)
    return {"fraction": fraction, "seed": seed} if is_known else {"fraction": 0, "seed": 0}


def _section(header: Header, name: str) -> dict[str, Any]:
    section = header.recipe.get(name)
    return section if isinstance(section, dict) else {}


def _spread(indices: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return at most count of indices, evenly spread: images of one class may lie together."""
    count = min(count, len(indices))
    return indices[np.arange(count) * len(indices) // max(count, 1)]


def _draw_blocks(count: int) -> NDArray[np.uint8]:
    """Return count images (count, 28, 28), of grey blocks from single pixels to quarters, always the same."""
    generator = np.random.default_rng(0)
    images = np.empty((count, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for index in range(count):
        side = _BLOCK_SIZES[index % len(_BLOCK_SIZES)]
        blocks = generator.integers(0, 256, (IMAGE_SIZE // side, IMAGE_SIZE // side), np.uint8)
        images[index] = blocks.repeat(side, axis=0).repeat(side, axis=1)
    return images
