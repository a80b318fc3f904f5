"""Calibrating: the temperature in the last layer, the threshold by hand, and outliers that count as wrong."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset

from inkwise.classifier import Classifier
from inkwise.data.dataset import Split
from inkwise.errors import HandwritingError
from inkwise.experiments.train import train
from inkwise.handwriting.learning.calibration import (
    MAX_ERROR,
    calibrate,
    choose_accept_probability,
    fold_temperature,
    make_calibration_images,
)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """Trained until it is sure of bars, and right."""
    run = train(
        "mlp-sequential", data=bars_dataset(300, 20), epochs=40, out=tmp_path_factory.mktemp("runs") / "one",
        settings={"learning_rate": 0.1, "batch_size": 30}, report=False,
    )  # fmt: skip
    return run.classifier


def with_outliers(num_digits: int, num_outliers: int) -> Split:
    digits = bars(num_digits, seed=7)
    noise = np.random.default_rng(8).integers(0, 256, (num_outliers, 28, 28), dtype=np.uint8)
    labels = np.concatenate([digits.labels, np.full(num_outliers, -1)])
    return Split(np.concatenate([digits.images, noise]), labels)


def test_folded_temperature_divides_the_logits(classifier: Classifier) -> None:
    images = bars(40, seed=2).images
    expected = torch.log_softmax(classifier.log_probabilities(images) / 2.5, dim=1)
    before = [parameter.clone() for parameter in classifier.network.parameters()]
    torch.testing.assert_close(fold_temperature(classifier, 2.5).log_probabilities(images), expected)
    for one, other in zip(before, classifier.network.parameters(), strict=True):
        assert torch.equal(one, other), "the given classifier was changed"


def test_calibrated_classifier_states_what_was_found(classifier: Classifier) -> None:
    calibrated, found = calibrate(classifier, with_outliers(300, 60))
    assert calibrated.header.metrics["accept_probability"] == found.accept_probability
    assert calibrated.header.metrics["temperature"] == found.temperature
    assert calibrated.header.metrics["epochs"] == 40
    assert (found.num_digits, found.num_outliers) == (300, 60)
    assert found.accepted_error <= MAX_ERROR
    assert found.accepted > found.accepted_outliers


def test_calibration_survives_the_file(classifier: Classifier, tmp_path: Path) -> None:
    calibrated, _ = calibrate(classifier, with_outliers(300, 60))
    calibrated.save(tmp_path / "c.safetensors")
    images = bars(9, seed=4).images
    loaded = Classifier.load(tmp_path / "c.safetensors")
    np.testing.assert_array_equal(
        loaded.predict(images).probabilities, calibrated.predict(images).probabilities
    )
    assert loaded.header.metrics == calibrated.header.metrics


def rows(*confidences: float) -> torch.Tensor:
    """Return probabilities of three classes that answer class 0 so surely."""
    return torch.tensor([[value, 1 - value, 0.0] for value in confidences], dtype=torch.float64)


def test_threshold_is_the_least_that_keeps_the_error() -> None:
    """Sure to unsure: right, right, wrong, right: from 0.8 on none is wrong, from 0.6 one of four."""
    probabilities, labels = rows(0.9, 0.8, 0.7, 0.6), torch.tensor([0, 0, 1, 0])
    assert choose_accept_probability(probabilities, labels, max_error=0.0) == 0.8
    assert choose_accept_probability(probabilities, labels, max_error=0.25) == 0.6


def test_threshold_lets_hardly_any_outlier_pass() -> None:
    """Of four outliers at 0.9, 0.8, 0.7, 0.6 a quarter may pass: the threshold lies just above 0.8."""
    probabilities = rows(0.95, 0.9, 0.8, 0.7, 0.6, 0.65)
    labels = torch.tensor([0, -1, -1, -1, -1, 0])
    assert choose_accept_probability(probabilities, labels, max_error=0.0, max_outliers=0.25) == 0.8001
    assert choose_accept_probability(probabilities, labels, max_error=0.0, max_outliers=1.0) == 0.65


def test_threshold_is_rounded_up() -> None:
    """Rounded down, the wrong answer at 0.70001 would be accepted along with the right one at 0.70002."""
    probabilities, labels = rows(0.70002, 0.70001), torch.tensor([0, 1])
    assert choose_accept_probability(probabilities, labels, max_error=0.0) == 0.7001


def test_classifier_whose_surest_answer_is_wrong_is_refused() -> None:
    with pytest.raises(HandwritingError, match=r"surest answers are wrong more often than 0.20%; train"):
        choose_accept_probability(rows(0.9, 0.8), torch.tensor([1, 0]))


def test_network_that_ends_otherwise_is_refused(tmp_path: Path) -> None:
    """Tanh stands between the last linear layer and softmax: half its argument is not half its value."""
    run = train("cnn-keras", data=bars_dataset(60, 20), epochs=1, out=tmp_path / "run", report=False)
    network = run.classifier.network
    torch.nn.init.constant_(network[-2].weight, 0.0)
    network[-1] = torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Softmax(dim=1))
    with torch.no_grad():
        network[-2].bias.copy_(torch.linspace(-2, 2, 10))
    with pytest.raises(HandwritingError, match="expected a network that ends in a linear layer"):
        calibrate(run.classifier, with_outliers(100, 10))


def test_calibration_images_are_the_digits_and_more_written_ones() -> None:
    digits = bars(12, seed=1)
    made = make_calibration_images(digits, count=16, seed=5)
    assert np.array_equal(made.images[:12], digits.images)
    assert len(made) == 28
    assert set(made.labels.tolist()) <= set(range(-1, 10))
