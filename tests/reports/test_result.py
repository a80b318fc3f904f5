"""The first screen: the scale puts each value where it belongs, the advice follows from the numbers."""

import pytest
import torch

from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs
from inkwise.recipes.load import load_recipe
from inkwise.reports.mistakes import ConfusedPair, Confusion
from inkwise.reports.result import advise, lay_out_scale
from inkwise.runs.history import EpochRecord


def _evaluate(dataset: str) -> Evaluation:
    """Nine of ten right."""
    outputs = torch.tensor([[0.8, 0.2]] * 10, dtype=torch.float64).log()
    labels = torch.tensor([0] * 9 + [1])
    return evaluate_outputs(outputs, labels, classes=("cat", "dog"), dataset=dataset, split_name="test")


def _history(*validation_losses: float | None) -> list[EpochRecord]:
    return [
        EpochRecord(
            epoch=epoch, step=epoch, learning_rate=0.1, train_loss=1, train_accuracy=0.5, validation_loss=loss
        )
        for epoch, loss in enumerate(validation_losses, start=1)
    ]


def test_scale_keeps_the_order_and_the_distances_of_the_values() -> None:
    """0.9 with 0.5958 to 0.9821 (Wilson), published 0.9322, expected 0.937 +- 0.008."""
    scale = lay_out_scale(_evaluate("mnist"), load_recipe("cnn-lenet"))
    run, published, expected = scale.rows
    assert [row.kind for row in scale.rows] == ["measured", "published", "expected"]
    assert [row.value for row in scale.rows] == ["90.00 %", "93.22 %", "93.70 %"]
    assert run.low is not None
    assert 0 < run.low < run.left < published.left < expected.left < 100
    per_point = (run.left - run.low) / (0.9 - 0.59585)
    assert published.left - run.left == pytest.approx(0.0322 * per_point, abs=0.02)
    assert expected.high - expected.low == pytest.approx(0.016 * per_point, abs=0.02)
    assert scale.description == "this run 90.00 %, published 93.22 %, expected 93.70 %"


def test_scale_leaves_a_margin_and_ends_at_everything() -> None:
    """From 59.58 % less 12 % of the length, 54.95 %, to 100 %: 90 % lies at (90 - 54.95) / 45.05 = 77.8 %."""
    (run,) = lay_out_scale(_evaluate("pets"), load_recipe("cnn-lenet")).rows
    assert run.left == pytest.approx(77.8, abs=0.05)
    assert run.low == pytest.approx(10.3, abs=0.05)


def test_scale_has_its_ticks_at_round_percentages() -> None:
    ticks = lay_out_scale(_evaluate("mnist"), load_recipe("cnn-lenet")).ticks
    assert [text for _, text in ticks] == ["60", "70", "80", "90", "100"]
    places = [place for place, _ in ticks]
    assert places[1] - places[0] == pytest.approx(places[4] - places[3], abs=0.02)


def test_scale_of_other_images_leaves_the_values_of_mnist_out() -> None:
    assert [row.kind for row in lay_out_scale(_evaluate("pets"), load_recipe("cnn-lenet")).rows] == [
        "measured"
    ]


@pytest.mark.parametrize(
    ("losses", "text", "command"),
    [
        (
            (None,),
            "Keep some images for validation",
            "inkwise train r/recipe.toml --set validation_fraction=0.1",
        ),
        ((0.5,), "See whether more than one epoch", "inkwise train r/recipe.toml --epochs 5"),
        (
            (0.5, 0.4),
            "Train longer: the validation loss was still falling, by 20 %",
            "r/recipe.toml --epochs 4",
        ),
        (
            (0.5, 0.2, 0.4),
            "Stop earlier: the validation loss was lowest after epoch 2",
            "inkwise train r/recipe.toml --epochs 2",
        ),
        ((0.5, 0.2, 0.201), "Try another learning rate", "inkwise recipes"),
        ((0.5, 0.2, 0.21, 0.205), "Try another learning rate", "inkwise recipes"),
        ((0.5, 0.2, 0.199), "Try another learning rate", "inkwise recipes"),
    ],
)
def test_advice_on_training_follows_the_validation_loss(
    losses: tuple[float | None, ...], text: str, command: str
) -> None:
    first = advise(_history(*losses), _evaluate("pets"), run="r")[0]
    assert first.text.startswith(text)
    assert first.command is not None
    assert first.command.endswith(command)


def test_advice_begins_with_the_doctor_and_names_the_worst_pair() -> None:
    pair = ConfusedPair(("cat", "dog"), (Confusion("dog", "cat", 1, ()),))
    steps = advise(_history(0.5), _evaluate("pets"), run="r", num_findings=2, pairs=[pair])
    assert (steps[0].text, steps[0].anchor) == ("Put right the 2 mistakes that the doctor found.", "findings")
    assert steps[2].text == "Look at cat and dog: mixing these up makes 100 % of the errors."
    commands = [step.command for step in steps[-3:]]
    assert commands == ["inkwise inspect r", "inkwise predict r PICTURE", "inkwise serve r"]
