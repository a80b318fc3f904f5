"""The sentences agree with the numbers."""

from types import MappingProxyType

import pytest
import torch

from inkwise.evaluation.calibration import RejectPoint
from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs
from inkwise.recipes.load import load_recipe
from inkwise.reports import words
from inkwise.runs.history import EpochRecord


@pytest.fixture
def evaluation() -> Evaluation:
    """Cats all right; of three dogs one is taken for a cat; no image is ever called a fox."""
    outputs = torch.tensor([[0.8, 0.1, 0.1]] * 3 + [[0.1, 0.8, 0.1]] * 2, dtype=torch.float64).log()
    labels = torch.tensor([0, 0, 1, 1, 1])
    return evaluate_outputs(outputs, labels, classes=("cat", "dog", "fox"), dataset="pets", split_name="test")


def _history(*validation_losses: float | None) -> list[EpochRecord]:
    row = MappingProxyType({"step": 10, "learning_rate": 0.1, "train_loss": 1.0, "train_accuracy": 0.5})
    return [
        EpochRecord(epoch=epoch, validation_loss=loss, **row)
        for epoch, loss in enumerate(validation_losses, start=1)
    ]


def test_result_tells_count_and_interval(evaluation: Evaluation) -> None:
    """Wilson's interval of 4 of 5 is 37.55 % to 96.38 %."""
    text = words.say_result(evaluation)
    assert text.startswith("4 of 5 test images were recognised, 1 not.")
    assert "between 37.55 % and 96.38 %" in text


def test_dead_class_is_told_with_its_images() -> None:
    outputs = torch.tensor([[0.8, 0.1, 0.1]] * 3 + [[0.1, 0.8, 0.1]] * 2, dtype=torch.float64).log()
    labels, classes = torch.tensor([0, 2, 2, 1, 1]), ("cat", "dog", "fox")
    evaluation = evaluate_outputs(outputs, labels, classes=classes, dataset="pets", split_name="test")
    assert words.say_dead_classes(evaluation).startswith("Never predicted: fox. All 2 images of this class")


def test_class_without_images_is_not_dead(evaluation: Evaluation) -> None:
    assert evaluation.classes_never_predicted == ("fox",)
    assert evaluation.lost_classes == ()
    assert words.say_dead_classes(evaluation) == ""


def test_confusions_are_told_most_frequent_first(evaluation: Evaluation) -> None:
    assert words.say_confusions(evaluation) == "Most often: dog taken for cat (1)."


def test_hardest_class_is_one_that_has_images(evaluation: Evaluation) -> None:
    """Cats: 2 of 3 called so are, F1 0.8; dogs: 2 of 3 are called so, F1 0.8; there are no foxes."""
    assert words.say_hardest(evaluation) == "Hardest: cat, F1 80.00 %."


def test_calibration_tells_which_way_it_leans(evaluation: Evaluation) -> None:
    assert "right more often than it is sure" in words.say_calibration(evaluation, mean_confidence=0.7)
    assert "surer than it is right" in words.say_calibration(evaluation, mean_confidence=0.9)


def test_confidence_near_accuracy_leans_nowhere(evaluation: Evaluation) -> None:
    assert "as sure as it is right." in words.say_calibration(evaluation, mean_confidence=0.8005)
    assert words.say_lean(evaluation, mean_confidence=0.9) == "surer than it is right, by 10.00 points"


@pytest.mark.parametrize(
    ("schedule", "warmup", "said"),
    [
        ("constant", 0.0, "Constant: 0.1 at every step."),
        ("linear", 0.0, "From 0.1 it falls to 0 in a straight line."),
        (
            "cosine",
            0.25,
            "It rises to 0.1 over the first 25 % of the steps and falls to 0 along half a cosine.",
        ),
        ("one-cycle", 0.3, "One cycle: it rises to 0.1 over the first 30 % of the steps and falls"),
    ],
)
def test_schedule_is_told_in_a_sentence(schedule: str, warmup: float, said: str) -> None:
    recipe = load_recipe("quick").with_settings(
        {"schedule": schedule, "warmup_fraction": warmup, "learning_rate": 0.1}
    )
    assert words.say_schedule(recipe.training).startswith(said)


def test_curves_tell_of_memorising_only_when_the_loss_rose() -> None:
    assert words.say_curves(_history(0.5, 0.3, 0.31)).endswith("0.3000, after epoch 2 of 3.")
    assert "began to memorise" in words.say_curves(_history(0.5, 0.3, 0.4))


def test_curves_of_one_epoch_are_no_curve() -> None:
    assert words.say_curves(_history(0.5)) == "One epoch gives one point, not yet a curve."


def test_curves_without_validation_say_nothing() -> None:
    assert words.say_curves(_history(None, None)) == ""


def test_reject_point_tells_share_threshold_and_error() -> None:
    text = words.say_reject_point(RejectPoint(threshold=0.9, answered=0.97, error=0.005))
    assert text == (
        "Leave 3.00 % of the images to a person, those where it is less than 90 % sure, "
        "and 0.50 % of the rest are wrong."
    )
