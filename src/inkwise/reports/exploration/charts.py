"""The pictures of an exploration, each drawn once: for the page and for the files beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from inkwise.exploration.classes import ClassImages
from inkwise.exploration.samples import first_batches, sample_classes
from inkwise.figures.encode import draw_svg, theme_svg, to_png, to_svg_file
from inkwise.figures.exploration.classes import render_brightness, render_class_means, render_class_spread
from inkwise.figures.exploration.copies import render_exact_groups, render_near_pairs
from inkwise.figures.exploration.labels import render_label_shares
from inkwise.figures.exploration.pixels import render_pixel_values
from inkwise.figures.exploration.samples import render_batches, render_first_image, render_samples
from inkwise.figures.exploration.suspects import render_suspects
from inkwise.files import write_atomically
from inkwise.reports.exploration import words
from inkwise.reports.page import Chart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inkwise.data.dataset import Dataset
    from inkwise.exploration.exploration import Exploration
    from inkwise.figures.style import Picture

SAMPLES_A_CLASS = 10
BATCH_SIZE = 12


@dataclass(frozen=True)
class Selection:
    """What is shown of a data set beside its numbers.

    Attributes:
        samples: K arrays of indices of train images.
        batches: arrays of indices of train images.
        images: mean and spread of each class of the train part.
    """

    samples: list[NDArray[np.int64]]
    batches: list[NDArray[np.int64]]
    images: ClassImages


def select(dataset: Dataset, images: ClassImages) -> Selection:
    """Return which train images are shown."""
    train = dataset.train
    return Selection(
        sample_classes(train.labels, len(dataset.classes), count=SAMPLES_A_CLASS),
        first_batches(len(train), batch_size=BATCH_SIZE),
        images,
    )


def draw_pictures(found: Exploration, dataset: Dataset, selection: Selection) -> dict[str, Picture]:
    """Return every picture by the name of its files."""
    train, classes = dataset.train, found.classes
    pictures = {
        "label-shares": render_label_shares(found),
        "samples": render_samples(train, selection.samples, classes),
        "first-image": render_first_image(found.first_sample, classes),
        "batches": render_batches(train, selection.batches, classes),
        "class-means": render_class_means(selection.images, classes),
        "class-spread": render_class_spread(selection.images, classes),
        "pixel-values": render_pixel_values(found),
        "brightness": render_brightness(found),
    }
    if found.duplicates and found.duplicates.exact_groups:
        pictures["equal-images"] = render_exact_groups(found.duplicates, dataset)
    if found.duplicates and found.duplicates.near_pairs:
        pictures["near-copies"] = render_near_pairs(found.duplicates, dataset)
    if found.label_audit:
        for part, audit, split in (
            ("train", found.label_audit.train, dataset.train),
            ("test", found.label_audit.test, dataset.test),
        ):
            if audit.suspects:
                pictures[f"doubtful-{part}-labels"] = render_suspects(audit, split, classes)
    return pictures


def write_pictures(pictures: dict[str, Picture], folder: Path) -> dict[str, str]:
    """Write NAME.png and NAME.svg of every picture into folder and return the SVGs as draw_svg made them.

    Raises:
        OutputError: a file cannot be written.
    """
    svgs = {}
    for name, picture in pictures.items():
        svgs[name] = draw_svg(picture, name=name)
        write_atomically(folder / f"{name}.svg", to_svg_file(svgs[name]))
        write_atomically(folder / f"{name}.png", to_png(picture))
    return svgs


def make_charts(found: Exploration, svgs: dict[str, str]) -> dict[str, Chart]:
    """Return the charts of the page; its single images are not among them, they are shown as images."""
    first = found.first_sample
    one_hot = (
        f"In numbers, {first.class_name} is a 1 at place {first.label} of {found.num_classes}, 0 elsewhere."
    )
    told = {
        "label-shares": ("Shares of the classes", words.say_shares(found)),
        "first-image": ("The first train image and its label", one_hot),
        "pixel-values": ("Pixel values", words.say_pixels(found)),
        "brightness": ("Brightness of each class", words.say_brightness(found)),
    }
    return {
        name.replace("-", "_"): Chart(
            title, Markup(theme_svg(svgs[name], description=f"{title}. {caption}")), caption
        )
        for name, (title, caption) in told.items()
    }
