"""The loss for each of the three output conventions; on the same classifier all three give the same number.

Cross-entropy on logits is LogSoftmax followed by the negative log-likelihood: minus the logarithm of
the probability given to the true class. It is 0 for certainty in the right class, ln K for a fresh
network that knows nothing, and grows without bound for certainty in a wrong one.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.recipes.recipe import LossName

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
