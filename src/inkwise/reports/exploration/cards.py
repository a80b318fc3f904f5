"""Single images of a data set as the page shows them: strips, pairs and doubtful ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from inkwise.figures.exploration.classes import SPREAD_MAP, SPREAD_TOP
from inkwise.figures.exploration.copies import image_at
from inkwise.figures.exploration.sheet import side_by_side
from inkwise.reports.mistakes import say_votes
from inkwise.reports.page import picture_address

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from inkwise.data.catalogue import ContestedLabel
    from inkwise.data.dataset import Dataset, Split
    from inkwise.exploration.classes import ClassImages
    from inkwise.exploration.duplicates import Duplicates, ImageRef
    from inkwise.exploration.label_audit import PartAudit

PAIRS_SHOWN = 24
_SHOWN_OF_GROUP = 4


@dataclass(frozen=True)
class Strip:
    """Images of one class in a row; picture is a data: address."""

    name: str
    picture: str
    num_images: int


@dataclass(frozen=True)
class ClassCard:
    """Mean and spread of one class, data: addresses, and its number of train images."""

    name: str
    mean: str
    spread: str
    num_images: int


@dataclass(frozen=True)
class Shown:
    """One image with its words; picture is a data: address."""

    picture: str
    name: str
    place: str = ""


@dataclass(frozen=True)
class CopyCard:
    """Images that agree; grey_levels is how far they are apart, or None for equal ones."""

    images: tuple[Shown, ...]
    num_images: int
    grey_levels: float | None
    is_leak: bool
    has_one_label: bool


@dataclass(frozen=True)
class SuspectCard:
    """One doubtful label; votes is what people said of it, where that is known."""

    picture: str
    index: int
    label: str
    probability: float
    suggested: str
    suggested_probability: float
    votes: str


def make_strips(split: Split, chosen: Sequence[NDArray[np.int64]], classes: Sequence[str]) -> list[Strip]:
    """Return the samples of each class that has any."""
    return [
        Strip(name, _strip(split.images[indices]), len(indices))
        for name, indices in zip(classes, chosen, strict=True)
        if len(indices)
    ]


def make_batches(
    split: Split, batches: Sequence[NDArray[np.int64]], classes: Sequence[str]
) -> list[list[Shown]]:
    """Return the images of each batch with their class names."""
    return [
        [
            Shown(picture_address(split.images[index]), classes[split.labels[index]], f"train image {index}")
            for index in indices
        ]
        for indices in batches
    ]


def make_class_cards(found: ClassImages, classes: Sequence[str], counts: Sequence[int]) -> list[ClassCard]:
    """Return a card for each class that has images."""
    colours = mpl.colormaps[SPREAD_MAP]
    cards = []
    for label in np.flatnonzero(counts).tolist():
        grey = np.rint(255 * found.mean[label]).astype(np.uint8)
        spread = (255 * colours(found.spread[label] / SPREAD_TOP)[..., :3]).astype(np.uint8)
        cards.append(ClassCard(classes[label], picture_address(grey), picture_address(spread), counts[label]))
    return cards


def make_group_cards(found: Duplicates, dataset: Dataset) -> list[CopyCard]:
    """Return a card for each listed group of equal images; of a large one its ends are shown."""
    cards = []
    for group in found.exact_groups[:PAIRS_SHOWN]:
        shown = (*group.images[: _SHOWN_OF_GROUP - 1], group.images[-1])
        refs = group.images if len(group.images) <= _SHOWN_OF_GROUP else shown
        images = tuple(_show(ref, dataset) for ref in refs)
        cards.append(CopyCard(images, group.num_images, None, group.is_leak, group.has_one_label))
    return cards


def make_pair_cards(found: Duplicates, dataset: Dataset) -> list[CopyCard]:
    """Return a card for each of the nearest pairs, those across train and test first."""
    pairs = sorted(found.near_pairs, key=lambda pair: not pair.is_leak)[:PAIRS_SHOWN]
    return [
        CopyCard(
            (_show(pair.first, dataset), _show(pair.second, dataset)),
            2,
            255 * pair.difference,
            pair.is_leak,
            pair.first.label == pair.second.label,
        )
        for pair in pairs
    ]


def make_suspect_cards(
    audit: PartAudit, split: Split, classes: Sequence[str], *, contested: Sequence[ContestedLabel] = ()
) -> list[SuspectCard]:
    """Return a card for each suspect, with the votes of people where they were asked."""
    votes = {one.index: say_votes(one, classes) for one in contested}
    return [
        SuspectCard(
            picture_address(split.images[suspect.index]),
            suspect.index,
            classes[suspect.label],
            suspect.probability,
            classes[suspect.suggested],
            suspect.suggested_probability,
            votes.get(suspect.index, ""),
        )
        for suspect in audit.suspects
    ]


def _strip(images: NDArray[np.uint8]) -> str:
    """Return the address of images in one row, the gaps between them transparent."""
    grey = side_by_side(list(images))
    opaque = side_by_side([np.full_like(image, 255) for image in images], gap=0)
    return picture_address(np.stack([grey, opaque], axis=-1))


def _show(ref: ImageRef, dataset: Dataset) -> Shown:
    picture = picture_address(image_at(ref, dataset))
    return Shown(picture, dataset.classes[ref.label], f"{ref.part} {ref.index:,}")
