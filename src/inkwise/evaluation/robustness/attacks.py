"""Accuracy where somebody who knows the network changes each pixel a little, on purpose."""

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.classifier import EVALUATION_BATCH, Classifier, evaluation_mode
from inkwise.networks.outputs import to_log_probabilities

_STEP = 2.5  # of PGD: step * number of steps, in units of epsilon, so that it can cross the range and turn


def attack_accuracy(
    classifier: Classifier, images: Tensor, labels: Tensor, *, epsilon: float, steps: int, seed: int
) -> float:
    """Return the share of images still right after the attack.

    One step is FGSM (Goodfellow et al., ICLR 2015); more are PGD with a random start (Madry et al., ICLR
    2018). The attack moves within the images, before the preprocessing, and stays in [0, 1]. A stronger one
    may leave less.

    Args:
        images: (N, 1, 28, 28) float32 in [0, 1].
        labels: (N,) int64.
        epsilon: the largest change of a pixel.
        steps: of the gradient.
        seed: of the random start.
    """
    generator = torch.Generator().manual_seed(seed)
    num_right = 0
    with evaluation_mode(classifier.network):
        for batch, truth in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True):
            changed = _attack(classifier, batch, truth, epsilon=epsilon, steps=steps, generator=generator)
            with torch.no_grad():
                num_right += int((_log_probabilities(classifier, changed).argmax(1).cpu() == truth).sum())
    return num_right / len(labels)


def _attack(
    classifier: Classifier, images: Tensor, labels: Tensor, *, epsilon: float, steps: int,
    generator: torch.Generator,
) -> Tensor:  # fmt: skip
    change = torch.zeros_like(images)
    if steps > 1:
        change = (2 * torch.rand(images.shape, generator=generator) - 1) * epsilon
    step = epsilon if steps == 1 else _STEP * epsilon / steps
    for _ in range(steps):
        changed = (images + change).clamp(0, 1).requires_grad_()
        log_probabilities = _log_probabilities(classifier, changed)
        loss = F.nll_loss(log_probabilities, labels.to(log_probabilities.device))
        (gradient,) = torch.autograd.grad(loss, changed)
        change = (changed.detach() - images + step * gradient.sign()).clamp(-epsilon, epsilon)
    return (images + change).clamp(0, 1)


def _log_probabilities(classifier: Classifier, images: Tensor) -> Tensor:
    outputs = classifier.network(classifier.preprocessing.standardise(images.to(classifier.device)))
    return to_log_probabilities(outputs, classifier.header.output)
