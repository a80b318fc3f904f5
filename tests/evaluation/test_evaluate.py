"""The Evaluation record: its keys, its numbers against scikit-learn, its order of mistakes."""

import json

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, precision_recall_fscore_support

from inkwise.data.dataset import Split
from inkwise.errors import DataError, ShapeError
from inkwise.evaluation.evaluate import Evaluation, evaluate_classifier, evaluate_outputs, find_mistakes

CLASSES = ("circle", "square", "cross")
KEYS = [  # interface.md's ten, then ours
    "dataset",
    "split",
    "num_images",
    "num_errors",
    "accuracy",
    "accuracy_interval",
    "loss",
    "expected_calibration_error",
    "per_class",
    "confusion_matrix",
    "classes_never_predicted",
    "worst_mistakes",
]


class PixelClassifier:
    """A classifier that can be worked out by hand: pixel [0, k] of an image is its logit of class k."""

    classes = CLASSES

    def log_probabilities(self, images: np.ndarray, *, batch_size: int) -> torch.Tensor:
        assert images.dtype == np.uint8
        batches = torch.tensor(images[:, 0, :3], dtype=torch.float32).split(batch_size)
        return torch.cat([batch.log_softmax(dim=1) for batch in batches])


@pytest.fixture
def split() -> Split:
    """300 images with small random pixels; the label is the largest of the three for about half."""
    generator = np.random.default_rng(0)
    images = generator.integers(0, 5, (300, 28, 28), dtype=np.uint8)
    labels = np.where(generator.random(300) < 0.5, images[:, 0, :3].argmax(1), generator.integers(0, 3, 300))
    return Split(images, labels.astype(np.int64))


def _evaluate(outputs: torch.Tensor, labels: torch.Tensor) -> Evaluation:
    return evaluate_outputs(outputs, labels, classes=CLASSES, dataset="shapes", split_name="test")


def test_evaluation_has_the_documented_keys(split: Split) -> None:
    evaluation = evaluate_classifier(PixelClassifier(), split, dataset="shapes")
    document = json.loads(json.dumps(evaluation.model_dump(), allow_nan=False))
    assert list(document) == KEYS
    assert list(document["per_class"][0]) == ["class_name", "label", "precision", "recall", "f1", "support"]
    assert list(document["worst_mistakes"][0]) == ["index", "label", "predicted", "probability"]
    assert (document["dataset"], document["split"]) == ("shapes", "test")
    assert len(document["accuracy_interval"]) == 2


def test_evaluation_equals_sklearn(split: Split) -> None:
    """V1: accuracy, loss, per-class scores and confusion matrix from one independent source."""
    evaluation = evaluate_classifier(PixelClassifier(), split, dataset="shapes")
    probabilities = torch.tensor(split.images[:, 0, :3]).double().softmax(1).numpy()
    predicted = probabilities.argmax(1)
    assert evaluation.accuracy == accuracy_score(split.labels, predicted)
    assert evaluation.num_errors == (predicted != split.labels).sum()
    assert evaluation.loss == pytest.approx(log_loss(split.labels, probabilities), abs=1e-6)
    assert np.array_equal(evaluation.confusion_matrix, confusion_matrix(split.labels, predicted))
    ours = [(s.precision, s.recall, s.f1, s.support) for s in evaluation.per_class]
    expected = precision_recall_fscore_support(split.labels, predicted)
    np.testing.assert_allclose(np.transpose(ours), expected, atol=1e-12)


@pytest.mark.parametrize("batch_size", [1, 7, 300])
def test_evaluation_in_other_batches_is_the_same(split: Split, batch_size: int) -> None:
    whole = evaluate_classifier(PixelClassifier(), split, dataset="shapes")
    assert evaluate_classifier(PixelClassifier(), split, dataset="shapes", batch_size=batch_size) == whole


def test_evaluation_read_back_from_json_is_equal(split: Split) -> None:
    """A run's evaluation.json also holds train_seconds, which is no part of the Evaluation."""
    evaluation = evaluate_classifier(PixelClassifier(), split, dataset="shapes")
    document = json.dumps({**evaluation.model_dump(), "train_seconds": 3.5})
    assert Evaluation.model_validate_json(document) == evaluation


def test_evaluation_accepts_read_only_images(split: Split) -> None:
    split.images.flags.writeable = split.labels.flags.writeable = False
    assert evaluate_classifier(PixelClassifier(), split, dataset="shapes").num_images == 300


def test_class_never_predicted_is_named() -> None:
    """S4 as published: a dead output can never win, and the evaluation says which class that is."""
    outputs = torch.tensor([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]]).log()
    evaluation = _evaluate(outputs, torch.tensor([0, 1, 2]))
    assert evaluation.classes_never_predicted == ("cross",)
    assert evaluation.per_class[2].precision == 0


def test_mistakes_come_surest_first_and_ties_in_order() -> None:
    """Rows 1, 2 and 3 are wrong with 0.7, 0.9 and 0.7; row 0 is right and left out (V3)."""
    probabilities = torch.tensor(
        [[0.9, 0.1, 0.0001], [0.7, 0.2, 0.1], [0.05, 0.9, 0.05], [0.1, 0.2, 0.7]], dtype=torch.float64
    )
    mistakes = find_mistakes(probabilities.log(), torch.tensor([0, 1, 0, 0]), limit=5)
    assert [(m.index, m.label, m.predicted) for m in mistakes] == [(2, 0, 1), (1, 1, 0), (3, 0, 2)]
    assert [m.probability for m in mistakes] == pytest.approx([0.9, 0.7, 0.7])


def test_mistakes_past_the_limit_are_left_out() -> None:
    outputs = torch.tensor([[0.6, 0.4], [0.8, 0.2], [0.7, 0.3]]).log()
    mistakes = find_mistakes(outputs, torch.tensor([1, 1, 1]), limit=2)
    assert [mistake.index for mistake in mistakes] == [1, 2]


def test_outputs_that_are_not_finite_are_refused() -> None:
    outputs = torch.full((4, 3), 1 / 3).log()
    outputs[2, 1] = float("nan")
    with pytest.raises(DataError, match=r"not finite for 1 of 4 images; .* smaller learning_rate"):
        _evaluate(outputs, torch.tensor([0, 1, 2, 0]))


def test_outputs_for_other_classes_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"gives 5 outputs an image, expected 3.*circle, square, cross"):
        _evaluate(torch.full((4, 5), 0.2).log(), torch.tensor([0, 1, 2, 0]))
