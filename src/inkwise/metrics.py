"""Numbers that say how good a classifier's outputs are: pure functions of (outputs, labels).

A leaf: training and evaluation share these, and they know neither. Every one takes the rows of a whole
split at once, on any device, and computes in float64. Intervals and tests are in inkwise.evaluation.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from inkwise.errors import ShapeError

_SUM_TOLERANCE = 1e-4  # float32 rows of 1,000 classes still sum to 1 within this


class ClassScores(NamedTuple):
    """Four (K,) tensors, entry k about class k; precision, recall and f1 are float64 in [0, 1]."""

    precision: Tensor
    recall: Tensor
    f1: Tensor
    support: Tensor


class CalibrationBins(NamedTuple):
    """Four (num_bins,) float64 tensors about equal bins of the largest probability, lowest bin first.

    counts: rows in the bin; accuracy and confidence: their means, 0 in an empty bin; upper: the bin's
    upper edge, which belongs to it.
    """

    counts: Tensor
    accuracy: Tensor
    confidence: Tensor
    upper: Tensor


def accuracy(outputs: Tensor, labels: Tensor) -> float:
    """Return the share of rows whose largest output is at their label, a fraction in [0, 1].

    Between equal outputs the lowest class counts as predicted, as everywhere in inkwise.

    Args:
        outputs: (N, K) float: logits, log-probabilities or probabilities, all give the same.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: a shape or type differs from these, N is 0, or a label is outside 0..K-1.

    >>> accuracy(torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]]), torch.tensor([0, 1, 1]))
    0.6666666666666666
    """
    _check_rows(outputs, labels)
    return (outputs.argmax(dim=1) == labels).double().mean().item()


def negative_log_likelihood(log_probabilities: Tensor, labels: Tensor) -> float:
    """Return the mean of -log p(label), in nats: the cross-entropy loss, from 0 upward.

    Every row weighs the same; averaging the means of batches would not do that when the last is smaller.

    Args:
        log_probabilities: (N, K) float, natural logarithms, exp of a row sums to 1. Logits are refused.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: as accuracy, or exp of a row does not sum to 1 within 1e-4.

    >>> round(negative_log_likelihood(torch.tensor([[0.5, 0.5], [0.1, 0.9]]).log(), torch.tensor([0, 0])), 4)
    1.4979
    """
    _check_rows(log_probabilities, labels)
    rows = log_probabilities.double()
    _check_sums(rows.exp(), "exp(log_probabilities)", "logits.log_softmax(dim=1)")
    return -rows.gather(1, labels[:, None]).mean().item()


def confusion_matrix(outputs: Tensor, labels: Tensor) -> Tensor:
    """Return the (K, K) int64 counts confusion_matrix[true, predicted]; the diagonal is what was right.

    Args:
        outputs: (N, K) float: logits, log-probabilities or probabilities.
        labels: (N,) int64 in 0..K-1.
    Raises:
        ShapeError: as accuracy.

    >>> confusion_matrix(torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]]), torch.tensor([0, 1, 1])).tolist()
    [[1, 0], [1, 1]]
    """
    _check_rows(outputs, labels)
    num_classes = outputs.shape[1]
    cells = labels * num_classes + outputs.argmax(dim=1)  # (N,): the cell (true, predicted) as one number
    return torch.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def per_class_scores(confusion: Tensor) -> ClassScores:
    """Return precision, recall, F1 and support of each class.

    Precision: of what was called k, the share that is k. Recall: of what is k, the share called k. F1:
    their harmonic mean. A class never predicted has precision 0 and F1 0, a class without images has
    recall 0: nothing was got right, so nothing is credited. scikit-learn does so with zero_division=0.

    Args:
        confusion: (K, K) int64 counts [true, predicted], from confusion_matrix.
    Raises:
        ShapeError: confusion is not square.

    >>> per_class_scores(torch.tensor([[8, 2], [1, 9]])).recall.tolist()
    [0.8, 0.9]
    """
    if confusion.ndim != 2 or confusion.shape[0] != confusion.shape[1]:
        raise ShapeError(
            f"confusion must have shape (K, K), [true, predicted], got {tuple(confusion.shape)}; "
            "make it with confusion_matrix(outputs, labels)"
        )
    right = confusion.diagonal().double()
    support, predicted = confusion.sum(dim=1), confusion.sum(dim=0)
    # A class with 0 right scores 0, so dividing by 1 instead of 0 gives the 0 promised above.
    precision = right / predicted.clamp(min=1)
    recall = right / support.clamp(min=1)
    f1 = 2 * right / (predicted + support).clamp(min=1)
    return ClassScores(precision, recall, f1, support)


def calibration_bins(probabilities: Tensor, labels: Tensor, *, num_bins: int = 15) -> CalibrationBins:
    """Return how often the classifier is right at each level of confidence: what a reliability plot shows.

    Args:
        probabilities: (N, K) float, rows sum to 1. Logits are refused, never guessed.
        labels: (N,) int64 in 0..K-1.
        num_bins: equal bins of (0, 1]; a row on an edge is in the lower bin, as in Guo et al. 2017.
    Raises:
        ShapeError: as accuracy, or num_bins is below 1, or a row does not sum to 1 within 1e-4.

    >>> bins = calibration_bins(torch.tensor([[0.9, 0.1], [0.6, 0.4]]), torch.tensor([0, 1]), num_bins=2)
    >>> bins.counts.tolist(), bins.accuracy.tolist()
    ([0.0, 2.0], [0.0, 0.5])
    """
    _check_rows(probabilities, labels)
    if num_bins < 1:
        raise ShapeError(f"num_bins must be at least 1, got {num_bins}")
    _check_sums(probabilities.double(), "probabilities", "logits.softmax(dim=1)")
    confidence, predicted = probabilities.max(dim=1)
    upper = torch.arange(1, num_bins + 1, dtype=torch.float64, device=labels.device) / num_bins
    # Edges take the type of the rows: a float32 0.6 must meet a float32 0.6, not a float64 one.
    of_row = torch.bucketize(confidence, upper[:-1].to(confidence.dtype))  # (N,) bin of each row
    counts = torch.bincount(of_row, minlength=num_bins).double()
    right = torch.bincount(of_row, weights=(predicted == labels).double(), minlength=num_bins)
    total = torch.bincount(of_row, weights=confidence.double(), minlength=num_bins)
    rows = counts.clamp(min=1)
    return CalibrationBins(counts, right / rows, total / rows, upper)


def expected_calibration_error(probabilities: Tensor, labels: Tensor, *, num_bins: int = 15) -> float:
    """Return the expected calibration error, a fraction in [0, 1].

    Rows fall into num_bins equal bins by their largest probability; each bin adds
    |accuracy - mean confidence| times its share of the rows. Empty bins add nothing.

    Args:
        probabilities: (N, K) float, rows sum to 1. Logits are refused, never guessed.
        labels: (N,) int64 in 0..K-1.
        num_bins: 15, as in Guo et al. 2017, table 1.
    Raises:
        ShapeError: N differs or is 0, or a row does not sum to 1 within 1e-4.
    Source: Naeini, Cooper, Hauskrecht, AAAI 2015; Guo et al., ICML 2017, section 2.

    >>> p = torch.tensor([[0.9, 0.1], [0.6, 0.4]])
    >>> round(expected_calibration_error(p, torch.tensor([0, 1])), 4)
    0.35
    """
    bins = calibration_bins(probabilities, labels, num_bins=num_bins)
    gaps = (bins.accuracy - bins.confidence).abs()
    return (gaps * bins.counts).sum().item() / len(labels)


def _check_rows(outputs: Tensor, labels: Tensor) -> None:
    if outputs.ndim != 2 or outputs.shape[1] < 2 or not outputs.is_floating_point():
        raise ShapeError(
            f"outputs must be float of shape (N, K) with K of at least 2, got {outputs.dtype} "
            f"of shape {tuple(outputs.shape)}; for one image pass outputs[None]"
        )
    if labels.dtype != torch.int64 or labels.shape != outputs.shape[:1]:
        raise ShapeError(
            f"labels must be int64 of shape ({len(outputs)},), one a row of outputs, got {labels.dtype} "
            f"of shape {tuple(labels.shape)}"
        )
    if not len(labels):
        raise ShapeError("outputs has 0 rows, expected at least 1: no images, no metric")
    low, high = labels.min().item(), labels.max().item()
    if low < 0 or high >= outputs.shape[1]:
        raise ShapeError(
            f"labels run from {low} to {high}, expected 0 to {outputs.shape[1] - 1} for "
            f"{outputs.shape[1]} columns of outputs; is this the classifier of another data set?"
        )


def _check_sums(probabilities: Tensor, name: str, remedy: str) -> None:
    sums = probabilities.sum(dim=1)
    # Written so that NaN, which is neither above nor below anything, is refused as well.
    is_good = ((sums - 1).abs() <= _SUM_TOLERANCE) & (probabilities >= 0).all(dim=1)
    if not bool(is_good.all()):
        row = int((~is_good).nonzero()[0, 0])
        raise ShapeError(
            f"{name} must be 0 or more and sum to 1 in each row, row {row} sums to {sums[row].item():.6g} "
            f"with smallest entry {probabilities[row].min().item():.6g}; from logits pass {remedy}"
        )
