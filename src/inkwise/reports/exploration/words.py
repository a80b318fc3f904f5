"""The sentences of an exploration, made from the numbers, so that they cannot disagree."""

from collections.abc import Sequence

import numpy as np

from inkwise.exploration.classes import ClassImages
from inkwise.exploration.duplicates import Duplicates
from inkwise.exploration.exploration import Exploration
from inkwise.figures.percent import say_percent


def say_size(found: Exploration) -> str:
    """Return how much of what there is."""
    train, test = found.train.images_shape[0], found.test.images_shape[0]
    rows, columns = found.train.images_shape[1:]
    return (
        f"{train:,} images to learn from and {test:,} to test, of {found.num_classes} classes, "
        f"{rows} by {columns} grey pixels each"
    )


def say_shares(found: Exploration) -> str:
    """Return what is most and least frequent, and where train and test differ most."""
    counts = found.train.label_counts
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    said = f"Of the train images {_share(found, most)}, the most, and {_share(found, least)}, the fewest."
    if counts[most] == counts[least]:
        said = f"Each class has {counts[most]:,} train images."
    gaps = np.subtract(found.test.label_shares, found.train.label_shares)
    widest = int(np.argmax(np.abs(gaps)))
    if round(100 * gaps[widest], 2):
        name = found.classes[widest]
        points = f"{100 * abs(gaps[widest]):.2f} points {'more' if gaps[widest] > 0 else 'less'}"
        said += f" Train and test differ most in {name}: {points} in test."
    return said


def say_absent(found: Exploration) -> str:
    """Return which classes have no image in train or in test, or nothing."""
    said = []
    for part, facts in (("train", found.train), ("test", found.test)):
        names = [name for name, n in zip(found.classes, facts.label_counts, strict=True) if not n]
        if names:
            said.append(f"No {part} image is of {list_names(names)}.")
    return " ".join(said)


def say_pixels(found: Exploration) -> str:
    """Return how much is black and how much white."""
    facts = found.train
    total = sum(facts.pixel_counts)
    black, white = facts.pixel_counts[0] / total, facts.pixel_counts[255] / total
    return (
        f"Of the train pixels {say_percent(black)} are 0, black, and {say_percent(white)} are 255, white. "
        f"Scaled to [0, 1], their mean is {facts.pixel_mean:.4f} and their standard deviation "
        f"{facts.pixel_std:.4f}: by these two numbers they are normalised."
    )


def say_brightness(found: Exploration) -> str:
    """Return the brightest and the darkest class of the train part."""
    values = {
        name: value
        for name, value in zip(found.classes, found.train.class_brightness, strict=True)
        if value is not None
    }
    bright, dark = max(values, key=lambda name: values[name]), min(values, key=lambda name: values[name])
    return (
        f"Brightest: {bright}, {say_percent(values[bright], decimals=1)} of white on the mean; "
        f"darkest: {dark}, {say_percent(values[dark], decimals=1)}."
    )


def say_spread(images: ClassImages, classes: Sequence[str]) -> str:
    """Return which class varies most and which least."""
    means = np.nanmean(np.where(np.isnan(images.spread), -1, images.spread), axis=(1, 2))
    present = np.flatnonzero(means >= 0)
    most, least = present[np.argmax(means[present])], present[np.argmin(means[present])]
    return f"Most varied: {classes[most]}; most alike: {classes[least]}."


def say_what_follows(found: Duplicates) -> str:
    """Return what the copies mean for a training, or nothing where there are none that matter."""
    said = []
    if found.num_label_conflicts:
        number = f"{found.num_label_conflicts:,}"
        said.append(f"Differently labelled: {number} of these groups and pairs.")
    if found.num_exact_leaks or found.num_near_leaks:
        said.append("A test image that was learned from says nothing of images never seen.")
    return " ".join(said)


def say_what_is_near(found: Duplicates) -> str:
    """Return how near copies were looked for, with the limits in grey levels."""
    limits = [255 * limit for limit in found.near_limits if limit]
    if not limits:
        return "There are too few images to say how near is too near."
    return (
        "Two images count as near copies when their pixels differ, root mean square, by less than the limit "
        f"of their class, here {min(limits):.1f} to {max(limits):.1f} of 255 grey levels. It is the lower "
        "outer fence (Tukey) of how far images of the class lie from their nearest neighbours, so that plain "
        "shapes which always look alike do not count. A copy that is shifted or turned is not found."
    )


def open_sentence(text: str) -> str:
    """Return text with a capital first letter and the rest as it is.

    >>> open_sentence("no copy of MNIST")
    'No copy of MNIST'
    """
    return text[:1].upper() + text[1:]


def list_names(names: Sequence[str], *, limit: int = 6) -> str:
    """Return names in a row, the rest counted.

    >>> list_names(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    rest = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + rest


def _share(found: Exploration, label: int) -> str:
    return f"{say_percent(found.train.label_shares[label])} are of {found.classes[label]}"
