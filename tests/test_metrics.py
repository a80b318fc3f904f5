"""inkwise.metrics against hand-computed values, scikit-learn and torch."""

import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support
from sklearn.metrics import confusion_matrix as sklearn_confusion
from torch.nn import functional as F

from inkwise.errors import ShapeError
from inkwise.metrics import (
    accuracy,
    calibration_bins,
    confusion_matrix,
    expected_calibration_error,
    negative_log_likelihood,
    per_class_scores,
)

NUM_ROWS, NUM_CLASSES = 2_000, 7


@pytest.fixture
def labels() -> torch.Tensor:
    return torch.randint(NUM_CLASSES, (NUM_ROWS,), generator=torch.Generator().manual_seed(0))


@pytest.fixture
def logits(labels: torch.Tensor) -> torch.Tensor:
    """Random logits that lean towards the label, so that about half the rows are right."""
    noise = torch.randn(NUM_ROWS, NUM_CLASSES, generator=torch.Generator().manual_seed(1))
    return noise + 1.5 * F.one_hot(labels, NUM_CLASSES)


def test_accuracy_of_three_rows_is_two_thirds() -> None:
    """Rows predict 0, 1, 0 and the labels are 0, 1, 1: 2 of 3 (V1)."""
    outputs = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    assert accuracy(outputs, torch.tensor([0, 1, 1])) == 2 / 3


def test_accuracy_equals_sklearn(logits: torch.Tensor, labels: torch.Tensor) -> None:
    assert accuracy(logits, labels) == pytest.approx(accuracy_score(labels, logits.argmax(1)), abs=1e-15)


def test_accuracy_between_equal_outputs_takes_the_lowest_class() -> None:
    assert accuracy(torch.zeros(4, 3), torch.tensor([0, 0, 1, 2])) == 0.5


def test_loss_of_two_rows_by_hand() -> None:
    """-ln 0.5 = 0.6931 and -ln 0.1 = 2.3026; their mean is 1.4979 (V1, L2)."""
    log_probabilities = torch.tensor([[0.5, 0.5], [0.1, 0.9]], dtype=torch.float64).log()
    loss = negative_log_likelihood(log_probabilities, torch.tensor([0, 0]))
    assert loss == pytest.approx(0.5 * (np.log(2) + np.log(10)), abs=1e-12)


def test_loss_equals_torch_and_sklearn(logits: torch.Tensor, labels: torch.Tensor) -> None:
    """L1: cross-entropy of logits is the negative log-likelihood of their log-softmax."""
    log_probabilities = logits.double().log_softmax(1)
    loss = negative_log_likelihood(log_probabilities, labels)
    assert loss == pytest.approx(F.cross_entropy(logits.double(), labels).item(), abs=1e-12)
    assert loss == pytest.approx(log_loss(labels, log_probabilities.exp().numpy()), abs=1e-12)


def test_loss_of_even_guess_is_ln_k() -> None:
    outputs = torch.full((5, 10), 0.1, dtype=torch.float64).log()
    assert negative_log_likelihood(outputs, torch.arange(5)) == pytest.approx(np.log(10), abs=1e-12)


def test_loss_of_logits_is_refused(logits: torch.Tensor, labels: torch.Tensor) -> None:
    with pytest.raises(ShapeError, match=r"sum to 1 in each row, row 0 sums to .* pass logits\.log_softmax"):
        negative_log_likelihood(logits, labels)


def test_confusion_counts_true_by_predicted() -> None:
    """Predicted 0, 1, 0 for labels 0, 1, 1: the one mistake is a true 1 called 0, so cell [1, 0]."""
    outputs = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]])
    assert confusion_matrix(outputs, torch.tensor([0, 1, 1])).tolist() == [[1, 0], [1, 1]]


def test_confusion_equals_sklearn(logits: torch.Tensor, labels: torch.Tensor) -> None:
    expected = sklearn_confusion(labels, logits.argmax(1), labels=range(NUM_CLASSES))
    assert np.array_equal(confusion_matrix(logits, labels).numpy(), expected)


def test_confusion_has_every_class_even_when_none_occurs() -> None:
    matrix = confusion_matrix(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([0]))
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_class_scores_by_hand() -> None:
    """Class 0: 8 right of 9 called 0 and of 10 that are 0; F1 = 2*8 / (9 + 10) = 16/19."""
    scores = per_class_scores(torch.tensor([[8, 2], [1, 9]]))
    assert scores.precision.tolist() == [8 / 9, 9 / 11]
    assert scores.recall.tolist() == [0.8, 0.9]
    assert scores.f1.tolist() == [16 / 19, 18 / 21]
    assert scores.support.tolist() == [10, 10]


def test_class_scores_equal_sklearn(logits: torch.Tensor, labels: torch.Tensor) -> None:
    expected = precision_recall_fscore_support(labels, logits.argmax(1), labels=range(NUM_CLASSES))
    for ours, reference in zip(per_class_scores(confusion_matrix(logits, labels)), expected, strict=True):
        np.testing.assert_allclose(ours.numpy(), reference, atol=1e-15)


def test_class_never_predicted_has_precision_zero_as_sklearn() -> None:
    """S4 as published: a class behind a dead ReLU is never predicted."""
    labels = torch.tensor([0, 1, 2])
    outputs = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    scores = per_class_scores(confusion_matrix(outputs, labels))
    expected = precision_recall_fscore_support(labels, outputs.argmax(1), labels=range(4), zero_division=0)
    assert scores.precision[2] == 0
    for ours, reference in zip(scores, expected, strict=True):
        np.testing.assert_allclose(ours.numpy(), reference, atol=1e-15)


def test_calibration_error_of_two_rows_by_hand() -> None:
    """Half the rows at |1 - 0.9| and half at |0 - 0.6|: 0.5 * 0.1 + 0.5 * 0.6 = 0.35."""
    probabilities = torch.tensor([[0.9, 0.1], [0.6, 0.4]], dtype=torch.float64)
    assert expected_calibration_error(probabilities, torch.tensor([0, 1])) == pytest.approx(0.35, abs=1e-12)


def test_calibration_error_weighs_bins_by_their_rows() -> None:
    """Three right rows at 0.9 and one wrong at 0.6: 3/4 * 0.1 + 1/4 * 0.6 = 0.225."""
    probabilities = torch.tensor([[0.9, 0.1]] * 3 + [[0.6, 0.4]], dtype=torch.float64)
    labels = torch.tensor([0, 0, 0, 1])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.225, abs=1e-12)


def test_calibration_error_within_one_bin_uses_means() -> None:
    """0.91 right and 0.93 wrong share the bin (14/15 = 0.933.. above them): |0.5 - 0.92| = 0.42."""
    probabilities = torch.tensor([[0.91, 0.09], [0.93, 0.07]], dtype=torch.float64)
    assert expected_calibration_error(probabilities, torch.tensor([0, 1])) == pytest.approx(0.42, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_calibration_edge_belongs_to_lower_bin(dtype: torch.dtype) -> None:
    """With 5 bins 0.6 is the upper edge of the third bin, index 2, in either precision."""
    bins = calibration_bins(torch.tensor([[0.6, 0.4]], dtype=dtype), torch.tensor([0]), num_bins=5)
    assert bins.counts.tolist() == [0, 0, 1, 0, 0]


def test_calibration_bins_equal_sklearn(logits: torch.Tensor, labels: torch.Tensor) -> None:
    probabilities = logits.double().softmax(1)
    bins = calibration_bins(probabilities, labels)
    confidence, predicted = probabilities.max(1)
    accuracy_of_bin, confidence_of_bin = calibration_curve(predicted == labels, confidence, n_bins=15)
    filled = bins.counts > 0
    np.testing.assert_allclose(bins.accuracy[filled].numpy(), accuracy_of_bin, atol=1e-12)
    np.testing.assert_allclose(bins.confidence[filled].numpy(), confidence_of_bin, atol=1e-12)
    assert bins.counts.sum() == NUM_ROWS


def test_calibration_error_of_honest_certainty_is_zero() -> None:
    assert expected_calibration_error(torch.eye(4), torch.arange(4)) == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([2.0, -1.0], r"row 1 sums to 1 with smallest entry -1; from logits pass logits\.softmax"),
        ([0.6, 0.6], "row 1 sums to 1.2"),
        ([float("nan"), 0.5], "row 1 sums to nan"),
    ],
)
def test_calibration_error_of_no_probabilities_is_refused(row: list[float], words: str) -> None:
    with pytest.raises(ShapeError, match=words):
        expected_calibration_error(torch.tensor([[0.5, 0.5], row]), torch.tensor([0, 1]))


def test_calibration_bins_below_one_are_refused() -> None:
    with pytest.raises(ShapeError, match="num_bins must be at least 1, got 0"):
        calibration_bins(torch.eye(2), torch.arange(2), num_bins=0)


def test_metrics_after_shuffling_the_rows_are_equal(logits: torch.Tensor, labels: torch.Tensor) -> None:
    order = torch.randperm(NUM_ROWS, generator=torch.Generator().manual_seed(2))
    rows = logits.double().log_softmax(1)
    assert accuracy(rows[order], labels[order]) == accuracy(rows, labels)
    assert torch.equal(confusion_matrix(rows[order], labels[order]), confusion_matrix(rows, labels))
    for metric, outputs in [(negative_log_likelihood, rows), (expected_calibration_error, rows.exp())]:
        assert metric(outputs[order], labels[order]) == pytest.approx(metric(outputs, labels), abs=1e-12)


def test_confusion_after_renaming_the_classes_is_renamed(logits: torch.Tensor, labels: torch.Tensor) -> None:
    """Column j of the renamed outputs is old class names[j], so cell [i, j] is old [names[i], names[j]]."""
    names = torch.randperm(NUM_CLASSES, generator=torch.Generator().manual_seed(3))
    renamed = confusion_matrix(logits[:, names], torch.argsort(names)[labels])
    assert torch.equal(renamed, confusion_matrix(logits, labels)[names][:, names])


@pytest.mark.parametrize(
    ("outputs", "labels", "words"),
    [
        (
            torch.zeros(3),
            torch.zeros(3).long(),
            r"\(N, K\).*got torch.float32 of shape \(3,\).*outputs\[None\]",
        ),
        (torch.zeros(3, 1), torch.zeros(3).long(), r"K of at least 2, got torch.float32 of shape \(3, 1\)"),
        (torch.zeros(3, 2).long(), torch.zeros(3).long(), "must be float.*got torch.int64"),
        (torch.zeros(3, 2), torch.zeros(2).long(), r"int64 of shape \(3,\).*of shape \(2,\)"),
        (torch.zeros(3, 2), torch.zeros(3), r"labels must be int64.*got torch.float32"),
        (torch.zeros(0, 2), torch.zeros(0).long(), "0 rows, expected at least 1"),
        (torch.zeros(2, 2), torch.tensor([0, 2]), "run from 0 to 2, expected 0 to 1 for 2 columns"),
        (torch.zeros(2, 2), torch.tensor([-1, 1]), "run from -1 to 1, expected 0 to 1"),
    ],
)
@pytest.mark.parametrize("metric", [accuracy, negative_log_likelihood, confusion_matrix, calibration_bins])
def test_metric_of_wrong_rows_says_what_was_expected(metric, outputs, labels, words) -> None:
    with pytest.raises(ShapeError, match=words):
        metric(outputs, labels)


def test_confusion_that_is_not_square_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"shape \(K, K\).*got \(2, 3\).*make it with confusion_matrix"):
        per_class_scores(torch.zeros(2, 3))
