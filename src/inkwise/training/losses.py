"""The loss for each of the three output conventions; on the same classifier all three give the same number.

Cross-entropy on logits is LogSoftmax followed by the negative log-likelihood: minus the logarithm of
the probability given to the true class. It is 0 for certainty in the right class, ln K for a fresh
network that knows nothing, and grows without bound for certainty in a wrong one.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.networks.layers import OutputConvention
from inkwise.networks.outputs import to_log_probabilities
from inkwise.recipes.recipe import LOSS_OF_OUTPUT, LossName, Recipe

LossFunction = Callable[[Tensor, Tensor], Tensor]

# Keras clips probabilities to this far from 0 and 1 before it takes the logarithm (keras.config.epsilon).
KERAS_EPSILON = 1e-7


def build_loss(name: LossName) -> LossFunction:
    """Return the loss by name: (outputs (N, K), labels (N,) int64) -> mean over the batch, in nats."""
    return {
        "cross-entropy": cross_entropy,
        "nll": negative_log_likelihood,
        "categorical-cross-entropy": categorical_cross_entropy,
    }[name]


def build_loss_of(recipe: Recipe) -> LossFunction:
    """Return the loss that a recipe asks for, soft where its labels are."""
    name, smoothing = recipe.training.loss, recipe.training.label_smoothing
    if smoothing or recipe.data.outliers:
        return build_soft_loss(name, label_smoothing=smoothing)
    return build_loss(name)


def build_soft_loss(name: LossName, *, label_smoothing: float = 0.0) -> LossFunction:
    """Return the loss by name for labels that are not certain; a label of -1 is an image of no class.

    Of a label, label_smoothing is spread evenly over all K classes; of -1, all is. The network learns to
    say "none in particular" of what is no class, where plain cross-entropy would never have shown it any.

    Source: label smoothing, Szegedy et al., CVPR 2016, section 7, as torch.nn.functional.cross_entropy has
    it; the even label, Hendrycks, Mazeika, Dietterich, ICLR 2019 ("outlier exposure"), section 3.
    """
    convention = next(output for output, loss in LOSS_OF_OUTPUT.items() if loss == name)
    return partial(_soft_loss, convention=convention, label_smoothing=label_smoothing)


def _soft_loss(
    outputs: Tensor, labels: Tensor, *, convention: OutputConvention, label_smoothing: float
) -> Tensor:
    log_probabilities = to_log_probabilities(outputs, convention)
    spread = torch.where(labels < 0, 1.0, label_smoothing)
    # An image of no class has no term of its own; any class will do where its weight is 0.
    of_label = log_probabilities.gather(1, labels.clamp(min=0)[:, None])[:, 0]
    return -torch.lerp(of_label, log_probabilities.mean(dim=1), spread).mean()


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits (N, K)."""
    return F.cross_entropy(logits, labels)


def negative_log_likelihood(log_probabilities: Tensor, labels: Tensor) -> Tensor:
    """Return minus the mean log-probability (N, K) of the true class."""
    return F.nll_loss(log_probabilities, labels)


def categorical_cross_entropy(probabilities: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of probabilities (N, K), as Keras computes it from one-hot labels.

    The sum over one-hot labels picks one term, so integer ("sparse") labels pick it directly.
    Source: keras.ops.categorical_crossentropy, from_logits=False.
    """
    clipped = probabilities.clamp(KERAS_EPSILON, 1 - KERAS_EPSILON)
    return F.nll_loss(torch.log(clipped), labels)
