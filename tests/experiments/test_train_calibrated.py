"""Probabilities put right at the end of a training: by validation images alone, and not by a handful."""

import numpy as np
import pytest
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import RecipeError
from inkwise.evaluation.calibration import LEAST_TO_CALIBRATE, calibrate
from inkwise.experiments.train import train
from inkwise.metrics import negative_log_likelihood
from inkwise.recipes.load import load_recipe
from inkwise.training.session import cut_validation

MODEST = {"label_smoothing": 0.3, "learning_rate": 0.1, "epochs": 8, "validation_fraction": 0.25}


def test_calibrating_divides_the_logits_so_that_validation_images_are_likeliest(tmp_path):
    digits = load_dataset("digits")
    runs = [
        train(
            "mlp-sequential",
            data=digits,
            settings={**MODEST, "calibrate": chosen},
            out=tmp_path / f"{chosen}",
        )
        for chosen in (False, True)
    ]
    split = digits.train.take(cut_validation(digits, runs[0].recipe)[1])
    labels = torch.from_numpy(split.labels)
    plain, calibrated = (run.classifier.log_probabilities(split.images) for run in runs)
    assert torch.equal(plain.argmax(1), calibrated.argmax(1))
    found = negative_log_likelihood(calibrated, labels)
    assert found < negative_log_likelihood(plain, labels) - 0.1
    for temperature in (0.9, 1.1):
        assert found < negative_log_likelihood(torch.log_softmax(calibrated / temperature, 1), labels)


def test_too_few_validation_images_leave_the_network_as_it_is(tmp_path):
    digits = load_dataset("digits")
    few = slice(0, 4 * LEAST_TO_CALIBRATE - 40)
    small = Dataset(
        "small", digits.classes, Split(digits.train.images[few], digits.train.labels[few]), digits.test
    )
    runs = [
        train(
            "mlp-sequential", data=small, settings={**MODEST, "calibrate": chosen}, out=tmp_path / f"{chosen}"
        )
        for chosen in (False, True)
    ]
    plain, same = (run.classifier.log_probabilities(digits.test.images[:20]) for run in runs)
    assert torch.equal(plain, same)


def test_of_many_validation_images_some_of_every_class_are_taken(tmp_path, monkeypatch):
    """Of 359, class by class as a folder has them, every fourth where 100 are enough."""
    monkeypatch.setattr("inkwise.experiments.train.MOST_TO_CALIBRATE", 100)
    digits = load_dataset("digits")
    by_class = digits.train.take(np.argsort(digits.train.labels, kind="stable"))
    ordered = Dataset("ordered", digits.classes, by_class, digits.test)
    plain, run = (
        train(
            "mlp-sequential",
            data=ordered,
            settings={**MODEST, "calibrate": chosen},
            out=tmp_path / f"{chosen}",
        )
        for chosen in (False, True)
    )
    _, validation = cut_validation(ordered, run.recipe)
    few = by_class.take(validation[::4])
    assert (len(validation), len(few), len(set(few.labels))) == (359, 90, 10)
    expected = calibrate(plain.classifier, few).log_probabilities(digits.test.images)
    assert torch.equal(run.classifier.log_probabilities(digits.test.images), expected)


def test_calibrating_without_validation_images_is_refused():
    with pytest.raises(
        RecipeError,
        match="calibrate needs a validation split; set validation_fraction above 0, or calibrate to false",
    ):
        load_recipe("quick").with_settings({"validation_fraction": 0})
