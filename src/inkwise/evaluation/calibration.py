"""Confidence put right by one number, and error against the share answered, where "I do not know" is allowed.

The bins of the reliability plot are inkwise.metrics.calibration_bins. Thresholds read off a curve of test
images flatter themselves a little; to choose one for use, draw the curve of validation images.
"""

import copy
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from inkwise.classifier import Classifier
from inkwise.data.dataset import Split
from inkwise.errors import ShapeError
from inkwise.metrics import accuracy

LEAST_TO_CALIBRATE = 100  # images
MOST_TO_CALIBRATE = 10_000  # images: one number needs no more, and they are copied into memory
_TEMPERATURES = (0.05, 20.0)  # the search's range; that of networks lies between 0.5 and 5


class RejectPoint(NamedTuple):
    """Answering only where the largest probability is threshold or more: all fractions in [0, 1]."""

    threshold: float
    answered: float
    error: float


class RejectCurve(NamedTuple):
    """Three (M,) float64 tensors, one entry a threshold, the strictest first; the last answers all."""

    threshold: Tensor
    answered: Tensor
    error: Tensor

    def point(self, index: int) -> RejectPoint:
        """Return entry index; -1 is the point where every image is answered."""
        return RejectPoint(*(column[index].item() for column in self))

    def widest_point(self, *, max_error: float) -> RejectPoint | None:
        """Return the point that answers most images with an error of at most max_error, if there is one."""
        good = (self.error <= max_error).nonzero()
        return self.point(int(good[-1, 0])) if len(good) else None


def fit_temperature(log_probabilities: Tensor, labels: Tensor) -> float:
    """Return the temperature by which logits must be divided for the least negative log-likelihood.

    Above 1 the classifier was too sure of itself, below 1 too modest. The order of the classes does not
    change, so neither does the accuracy. Fit it on validation images: trained ones would give too low a one.

    Args:
        log_probabilities: (N, K) float, of the classifier as it is; logits serve as well.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: as inkwise.metrics.accuracy, or all labels are one class.
    Source: Guo, Pleiss, Sun, Weinberger, ICML 2017, section 4.2 ("temperature scaling").

    >>> round(fit_temperature(torch.tensor([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [0.0, 4.0]]),
    ...                       torch.tensor([0, 0, 1, 1])), 2)
    3.64
    """
    accuracy(log_probabilities, labels)  # for its checks of shape and range
    if int(labels.min()) == int(labels.max()):
        raise ShapeError(f"all labels are {int(labels[0])}, expected several classes; give other images")
    rows = log_probabilities.double()
    chosen = rows.gather(1, labels[:, None]).mean()
    low, high = (math.log(temperature) for temperature in _TEMPERATURES)
    # The likelihood is best where the labels' mean logit is what the probabilities expect it to be; the
    # expectation falls as the temperature rises, so halving the range finds the place.
    while high - low > 1e-5:
        middle = (low + high) / 2
        probabilities = torch.softmax(rows / math.exp(middle), dim=1)
        is_too_sure = (probabilities * rows).nan_to_num(nan=0.0).sum(1).mean() > chosen
        low, high = (middle, high) if is_too_sure else (low, middle)
    return math.exp((low + high) / 2)


def calibrate(classifier: Classifier, validation: Split) -> Classifier:
    """Return the classifier with the temperature that suits images which the training did not see.

    With fewer than 100 images, or none misread among them, the classifier is returned as it is.
    """
    log_probabilities = classifier.log_probabilities(validation.images)
    labels = torch.from_numpy(validation.labels)
    if len(validation) < LEAST_TO_CALIBRATE or bool((log_probabilities.argmax(1) == labels).all()):
        return classifier
    return fold_temperature(classifier, fit_temperature(log_probabilities, labels))


def fold_temperature(classifier: Classifier, temperature: float) -> Classifier:
    """Return a copy whose last linear layer is divided by temperature, weights and biases.

    Dividing the logits is the same, and needs no place in the file and no code in what reads it.
    """
    network = copy.deepcopy(classifier.network)
    last = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.div_(temperature)
    return Classifier(network, classifier.header, classifier.device)


def reject_curve(probabilities: Tensor, labels: Tensor) -> RejectCurve:
    """Return the error among the answered images for every threshold that tells images apart.

    Images of equal confidence are answered together, for no threshold parts them.

    Args:
        probabilities: (N, K) float, or any outputs that rank confidence the same way.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: as inkwise.metrics.accuracy.

    >>> curve = reject_curve(torch.tensor([[0.9, 0.1], [0.6, 0.4]]), torch.tensor([0, 1]))
    >>> curve.answered.tolist(), curve.error.tolist()
    ([0.5, 1.0], [0.0, 0.5])
    """
    accuracy(probabilities, labels)  # only for its checks of shape and range
    confidence, predicted = probabilities.max(dim=1)
    confidence, order = confidence.sort(descending=True)
    wrong = (predicted != labels)[order].double()
    answered = torch.arange(1, len(labels) + 1, dtype=torch.float64, device=labels.device)
    is_last_of_ties = torch.ones_like(wrong, dtype=torch.bool)
    is_last_of_ties[:-1] = confidence[1:] != confidence[:-1]
    error = wrong.cumsum(0) / answered
    kept = (confidence.double(), answered / len(labels), error)
    return RejectCurve(*(column[is_last_of_ties] for column in kept))
