"""What happens when the classifier may say "I do not know": error against the share it answers.

The bins of the reliability plot are inkwise.metrics.calibration_bins. Thresholds read off a curve of test
images flatter themselves a little; to choose one for use, draw the curve of validation images.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from inkwise.metrics import accuracy


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
