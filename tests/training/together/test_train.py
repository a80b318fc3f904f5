"""Several seeds at once are those seeds alone: to the last bit, or within rounding, as stated."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.bars import bars_dataset

from inkwise.data.dataset import Dataset
from inkwise.errors import TrainingError
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.session import Session, prepare_session
from inkwise.training.together.train import may_be_at_once, train_seeds, train_together, way_together

BARS = bars_dataset(240, 20)
SEEDS = (0, 1, 5)


def sessions(recipe: str, folder: Path, *, data: Dataset = BARS, **settings: Any) -> list[Session]:
    """Return one session a seed; 216 images are batches of 50 and a smaller last one."""
    given = {"epochs": 2, "minimum_steps": 0, "batch_size": 50, "precision": "float32", **settings}
    recipes = [load_recipe(recipe).with_settings({**given, "seed": seed}) for seed in SEEDS]
    return [prepare_session(Run(folder / str(one.training.seed)), one, data, device="cpu") for one in recipes]


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("mlp-sequential", {}),
        ("mlp-logsoftmax", {}),
        ("mlp-sequential", {"mean": "measured", "std": "measured", "schedule": "one-cycle"}),
        ("mlp-logsoftmax", {"validation_fraction": 0.0, "batch_size": 32}),
    ],
)
def test_perceptrons_at_once_equal_each_alone_to_the_bit(
    recipe: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    """Item 8 of issue 4: own weights, order, validation images and scaling, and the same histories."""
    alone = sessions(recipe, tmp_path / "alone", **settings)
    together = sessions(recipe, tmp_path / "together", **settings)
    assert way_together(together[0]) == "equal"
    expected = [session.train() for session in alone]
    found = train_together(together)
    for one, other, before, after in zip(expected, found, alone, together, strict=True):
        assert before.state.records == after.state.records
        for name, tensor in one.network.state_dict().items():
            assert torch.equal(other.network.state_dict()[name], tensor), name
    assert not torch.equal(*(next(iter(one.network.parameters())) for one in found[:2]))


def test_history_and_environment_say_how_many_were_trained_at_once(tmp_path: Path) -> None:
    together = sessions("mlp-sequential", tmp_path)
    train_together(together)
    for session in together:
        assert session.run.environment["seeds_together"] == 3
        assert [record.epoch for record in session.run.history] == [1, 2]
        assert (
            session.run.classifier.provenance["seed"]
            == session.run.classifier.header.recipe["training"]["seed"]
        )


@pytest.mark.parametrize(
    ("recipe", "epochs", "settings"),
    [("cnn-lenet", 4, {}), ("tiny", 1, {"weight_averaging": 0.0, "learning_rate": 0.001})],
)
def test_convolutions_at_once_equal_each_alone_within_rounding(
    recipe: str, epochs: int, settings: dict[str, Any], tmp_path: Path
) -> None:
    """Item 8 of issue 4: 20 steps; of tiny, with its random changes and batch normalisation, only 5.

    What rounding decides in tiny, which of equal values is the largest of a window, soon leads elsewhere.
    """
    alone = sessions(recipe, tmp_path / "alone", epochs=epochs, **settings)
    together = sessions(recipe, tmp_path / "together", epochs=epochs, **settings)
    assert way_together(together[0]) == "rounding"
    expected = [session.train() for session in alone]
    found = train_together(together)
    for one, other, before, after in zip(expected, found, alone, together, strict=True):
        for record, twin in zip(before.state.records, after.state.records, strict=True):
            assert twin.step == 5 * twin.epoch
            assert twin.train_loss == pytest.approx(record.train_loss, abs=1e-4)
            assert twin.validation_loss == pytest.approx(record.validation_loss, abs=1e-4)
        torch.testing.assert_close(one.network.state_dict(), other.network.state_dict(), atol=1e-3, rtol=0)


def test_what_cannot_be_trained_at_once_is_told_apart(tmp_path: Path) -> None:
    """Dropout draws from one stream for all; patience ends seeds apart; averages are not kept here."""
    cases = {
        "cnn-lenet": {},
        "cnn-keras": {},
        "mlp-class": {},
        "mlp-logsoftmax": {"patience": 2},
        "tiny": {},
        "quick": {"precision": "bfloat16"},
    }
    ways = {
        name: way_together(sessions(name, tmp_path / name, **settings)[0]) for name, settings in cases.items()
    }
    assert ways == {**dict.fromkeys(cases, "none"), "cnn-lenet": "rounding"}


def test_training_that_began_before_goes_on_alone(tmp_path: Path) -> None:
    first = sessions("mlp-sequential", tmp_path)[0]
    assert way_together(first) == "equal"
    first.train()
    assert way_together(first) == "none"


def test_loss_that_is_no_number_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="the training loss became nan in epoch 1; the learning rate"):
        train_together(sessions("mlp-sequential", tmp_path, learning_rate=1e6, epochs=1))


def test_seeds_are_trained_at_once_where_no_bit_changes_by_it(tmp_path: Path) -> None:
    assert train_seeds(sessions("mlp-sequential", tmp_path / "mlp", epochs=1)) == 3
    convolutions = sessions("cnn-lenet", tmp_path / "cnn", epochs=1)
    assert train_seeds(convolutions) == 1
    assert [len(session.state.records) for session in convolutions] == [1, 1, 1]
    assert train_seeds(sessions("mlp-sequential", tmp_path / "one", epochs=1)[:1]) == 1


@pytest.mark.parametrize("name", ["mlp-sequential", "mlp-class", "mlp-wide", "cnn-lenet", "quick", "tiny"])
def test_recipe_says_whether_its_seeds_are_trained_at_once(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name).with_settings({"precision": "float32"})
    assert may_be_at_once(recipe) == (way_together(sessions(name, tmp_path)[0]) == "equal")
