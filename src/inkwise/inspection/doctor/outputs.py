"""Faults that the outputs show: a pair of last line and loss that does not fit, and classes that are dead."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.doctor.history import is_young
from inkwise.networks.outputs import guess_convention, to_log_probabilities
from inkwise.recipes.recipe import LossName

# A raw logit is exactly 0 about never; a hundredth of exact zeros has been cut off there.
CLIPPED_SHARE = 0.01
FEWEST_OF_CLASS = 20  # a fair classifier may miss three images of a class of three
LEARNED = 0.3  # of ln K: above, classes are missing because the network has hardly begun to learn


def check_loss_pair(outputs: Tensor, *, loss: LossName = "cross-entropy") -> Finding | None:
    """Return what is wrong with a network's last line under its loss; by its values, not by its layers.

    Args:
        outputs: (N, K) float, as the loss gets them.
        loss: "cross-entropy" takes logits, "nll" log-probabilities, "categorical-cross-entropy"
            probabilities.
    """
    if not bool(outputs.isfinite().all()):
        return None
    convention = guess_convention(outputs)
    if loss == "cross-entropy":
        return {"probabilities": _softmax_twice, "log_probabilities": _log_softmax_twice}.get(
            convention, lambda outputs: None
        )(outputs)
    wanted = "log_probabilities" if loss == "nll" else "probabilities"
    return None if convention == wanted else _not_normalised(outputs, convention, wanted=wanted)


def _softmax_twice(outputs: Tensor) -> Finding:
    floor = math.log(1 + (outputs.shape[1] - 1) / math.e)
    return Finding(
        "softmax-under-cross-entropy",
        "The network ends in softmax, and cross-entropy takes the softmax again.",
        f"All {len(outputs):,} rows of outputs lie within {float(outputs.min()):.2g} and "
        f"{float(outputs.max()):.2g} and sum to 1.",
        f"The loss of a perfect answer cannot fall below {floor:.2f}, and the gradients are faint.",
        "Take the softmax out of the network and return logits; apply it only where you show probabilities.",
    )


def _log_softmax_twice(outputs: Tensor) -> Finding:
    return Finding(
        "log-softmax-under-cross-entropy",
        "The network ends in LogSoftmax, and cross-entropy takes it again.",
        f"In all {len(outputs):,} rows the exponentials of the outputs sum to 1 already.",
        "The second LogSoftmax changes nothing here, so it is only waste; but whoever takes the outputs for "
        "logits, or changes one of the two, will be wrong silently.",
        "Return logits under cross-entropy, or keep LogSoftmax and take NLLLoss.",
    )


def _not_normalised(outputs: Tensor, convention: str, *, wanted: str) -> Finding:
    sums = outputs.float().exp().sum(1) if wanted == "log_probabilities" else outputs.float().sum(1)
    layer = "LogSoftmax" if wanted == "log_probabilities" else "softmax"
    summed = "exponentials of the outputs" if wanted == "log_probabilities" else "outputs"
    return Finding(
        "logits-under-nll",
        f"The network returns {convention.replace('_', '-')}, and the loss takes {wanted.replace('_', '-')}.",
        f"The {summed} of one image should sum to 1; over {len(outputs):,} images they sum to "
        f"{float(sums.min()):.3g} to {float(sums.max()):.3g}.",
        "The loss is then minus the output itself: it falls without end below 0, or not at all, and rewards "
        "large outputs instead of right ones.",
        f"End the network in {layer}, or return logits and take cross-entropy.",
    )


def check_dead_classes(
    outputs: Tensor, labels: Tensor, *, classes: Sequence[str] = (), num_steps: int | None = None
) -> Finding | None:
    """Return "dead-classes" where outputs are cut off at 0, or a class cannot be or never is predicted.

    Three signs: no output is below 0 and many are exactly 0 (ReLU on the output layer); an output that is 0
    for every image; a class with images that is predicted for none, in a network that has learned others.

    Args:
        outputs: (N, K) float of images that hold every class; logits, probabilities or log-probabilities.
        labels: (N,) int64.
        classes: K names; without them classes are called by number.
        num_steps: optimizer updates so far, if known; before the 20th a class may be missing still.
    """
    num_classes = outputs.shape[1]
    names = list(classes) or [str(label) for label in range(num_classes)]
    outputs = outputs.detach().float()
    zeros = float((outputs == 0).float().mean())
    is_clipped = (
        bool((outputs >= 0).all()) and zeros >= CLIPPED_SHARE and guess_convention(outputs) == "logits"
    )
    silent = (outputs == 0).all(0).nonzero()[:, 0].tolist()
    never = [] if is_young(num_steps) else _never_predicted(outputs, labels, is_clipped=is_clipped)
    if not (is_clipped or silent or never):
        return None
    dead = sorted({*silent, *never})
    signs = [
        f"no output is below 0 and {100 * zeros:.0f} % are exactly 0" if is_clipped else "",
        f"0 for every image: class {_list(names, silent)}" if silent else "",
        f"never predicted: class {_list(names, never)}" if never else "",
    ]
    told = (
        f"{len(dead)} of {num_classes} classes {'is' if len(dead) == 1 else 'are'} dead"
        if dead
        else "classes can die"
    )
    cause = "the outputs are cut off at 0, as by ReLU on the last layer"
    return Finding(
        "dead-classes",
        f"{told[0].upper()}{told[1:]}{f': {cause}' if is_clipped else ''}.",
        f"Over {len(outputs):,} images {'; '.join(filter(None, signs))}.",
        "An output at 0 behind ReLU passes no gradient: a class that is there for all its images never "
        "learns again, and all its images are answered wrong.",
        "Return the last linear layer's raw outputs as logits, without ReLU."
        if is_clipped
        else "Look at the number of images of these classes and at their labels, and give them more weight.",
    )


def _never_predicted(outputs: Tensor, labels: Tensor, *, is_clipped: bool) -> list[int]:
    num_classes = outputs.shape[1]
    scores = to_log_probabilities(outputs, guess_convention(outputs))
    images = torch.bincount(labels, minlength=num_classes)
    predicted = torch.bincount(outputs.argmax(1), minlength=num_classes)
    # The classes that are missing may be as wrong as they like; the others must have been learned.
    others = (predicted > 0)[labels]
    loss = float(torch.nn.functional.nll_loss(scores[others], labels[others]))
    if not loss < LEARNED * math.log(num_classes) and not is_clipped:
        return []
    missing: list[int] = ((images >= FEWEST_OF_CLASS) & (predicted == 0)).nonzero()[:, 0].tolist()
    return missing


def _list(names: Sequence[str], labels: Sequence[int]) -> str:
    return ", ".join(names[label] for label in labels)
