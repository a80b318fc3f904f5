"""Faults of the labels: numbered from 1, one place or class off their images, seen in their order."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inkwise.inspection.doctor.data import as_grey, choose_places
from inkwise.inspection.doctor.finding import Finding

# Accuracies are compared on some hundred images: their standard error is at most 0.5 / sqrt(300) = 0.03, so a
# gain of 0.2 does not come by chance, and no fair set gains by mixing up its labels.
CLEAR_GAIN = 0.2
FEWEST_IMAGES = 100
MOST_IMAGES = 2000
FEWEST_REPEATED = 3

Answer = Callable[[Tensor], Tensor]


def nearest_mean(images: Tensor, labels: Tensor, *, num_classes: int) -> Answer:
    """Return the plainest classifier: images -> the class whose mean image is nearest.

    It needs no training and gets four of five MNIST digits right, enough to see whether labels fit.

    Args:
        images: (N, H, W) float.
        labels: (N,) int64 in 0..num_classes-1.
        num_classes: K; a class without images is never answered.
    """
    flat = images.flatten(1)
    sums = torch.zeros(num_classes, flat.shape[1]).index_add_(0, labels, flat)
    counts = torch.bincount(labels, minlength=num_classes)
    means = sums / counts.clamp_min(1)[:, None]
    handicap = means.square().sum(1).masked_fill(counts == 0, torch.inf)

    def answer(images: Tensor) -> Tensor:
        return (handicap - 2 * images.flatten(1) @ means.T).argmin(1)

    return answer


def check_numbers(labels: Tensor, *, num_classes: int) -> Finding | None:
    """Return "labels-off-by-one" where labels run from 1 and label 0 never occurs.

    Args:
        labels: (N,) int64, all of a part.
        num_classes: K, as the network or the data set has it.
    """
    least, most = int(labels.min()), int(labels.max())
    if least < 1 or most < num_classes - 1 or len(labels) < FEWEST_IMAGES:
        return None
    return _off_by_one(
        "The labels are numbered from 1 instead of 0.",
        f"{len(labels):,} labels run from {least} to {most}, and none is 0, of {num_classes} classes.",
        why="Class 0 is never seen, and the last label needs an output that the network may not have.",
        advice="Subtract 1 from every label, or leave out the class that has no images.",
    )


def check_places(
    images: NDArray[np.generic] | Tensor, labels: Tensor, *, num_classes: int, part: str = "train"
) -> Finding | None:
    """Return "labels-off-by-one" where the images fit the labels one place further on or back.

    Half of some thousand images make the class means, the other half is answered by them.

    Args:
        images: (N, H, W) or (N, C, H, W), bytes or floats, all of the part in its order.
        labels: (N,) int64, theirs.
        num_classes: K.
        part: what to call it.
    """
    if len(images) < FEWEST_IMAGES:
        return None
    places = choose_places(len(images) - 2, MOST_IMAGES) + 1
    chosen = as_grey(images[places.numpy() if isinstance(images, np.ndarray) else places])
    fits = {}
    for shift in (0, 1, -1):
        moved = labels[places + shift]
        answer = nearest_mean(chosen[::2], moved[::2], num_classes=num_classes)
        fits[shift] = _share(answer(chosen[1::2]), moved[1::2])
    best = max((1, -1), key=fits.__getitem__)
    if fits[best] - fits[0] < CLEAR_GAIN:
        return None
    return _off_by_one(
        f"The {part} labels are one place off their images.",
        f"By mean images {100 * fits[0]:.0f} % of {len(chosen[1::2]):,} images fit their own label, and "
        f"{100 * fits[best]:.0f} % that of the {'next' if best == 1 else 'previous'} image.",
        why="Nearly every label is wrong, so there is nothing to learn, and nothing to judge by.",
        advice="Read images and labels from the same beginning: one of them counts a header or first row.",
    )


def check_classes(answer: Answer, images: Tensor, labels: Tensor, *, num_classes: int) -> Finding | None:
    """Return "labels-off-by-one" where answers learned from train fit the test labels plus or minus 1.

    Args:
        answer: images -> labels, from the train part.
        images: (N, H, W) or as answer takes them, of the test part.
        labels: (N,) int64, theirs.
        num_classes: K; the class after the last is the first.
    """
    if len(images) < FEWEST_IMAGES:
        return None
    answers = answer(images)
    fits = {shift: _share(answers, (labels + shift) % num_classes) for shift in (0, 1, -1)}
    best = max((1, -1), key=fits.__getitem__)
    if fits[best] - fits[0] < CLEAR_GAIN:
        return None
    return _off_by_one(
        "The test labels are numbered otherwise than the train labels.",
        f"Of {len(images):,} test images {100 * fits[0]:.0f} % are answered by their label, "
        f"and {100 * fits[best]:.0f} % by the label {'+' if best == 1 else '-'} 1.",
        why="Right answers are counted as wrong.",
        advice=f"{'Add 1 to' if best == 1 else 'Subtract 1 from'} every test label, or give both parts one "
        "list of classes.",
    )


def check_shuffled(labels: Tensor) -> Finding | None:
    """Return "unshuffled" where training saw images of one class after another.

    Args:
        labels: (N,) int64 in the order in which training saw them, an epoch or a good part of one.
    """
    if len(labels) < FEWEST_IMAGES:
        return None
    shares = torch.bincount(labels).double() / len(labels)
    expected = float(shares.square().sum())
    found = float((labels[1:] == labels[:-1]).double().mean())
    if found - expected < CLEAR_GAIN:
        return None
    return _unshuffled(
        f"{100 * found:.0f} % of {len(labels):,} images follow one of their own class; shuffled it "
        f"would be {100 * expected:.0f} %."
    )


def check_same_order(digests: Sequence[int]) -> Finding | None:
    """Return "unshuffled" where an epoch repeats the last one's batches in the same order.

    Args:
        digests: a fingerprint of each training batch's first image, in order, over at least two epochs.
    """
    pairs = list(itertools.pairwise(digests))
    repeated = {pair for pair, count in Counter(pairs).items() if count > 1}
    # Where batches are drawn anew, two certain images hardly ever begin neighbouring batches twice. One batch
    # repeated again and again is one pair: a trial, not an epoch.
    if len(repeated) < FEWEST_REPEATED:
        return None
    return _unshuffled(f"{len(repeated)} pairs of neighbouring batches came again in the same order.")


def _unshuffled(evidence: str) -> Finding:
    return Finding(
        "unshuffled",
        "The training images are not shuffled.",
        evidence,
        "Each batch pulls towards its own few classes or quirks, the next one back: training is slow or does "
        "not come to rest, and batch normalisation sees a part of the classes only.",
        "Shuffle anew each epoch: DataLoader(..., shuffle=True), or a fresh torch.randperm(N).",
    )


def _share(answers: Tensor, labels: Tensor) -> float:
    return float((answers == labels).float().mean())


def _off_by_one(what: str, evidence: str, *, why: str, advice: str) -> Finding:
    return Finding("labels-off-by-one", what, evidence, why, advice)
