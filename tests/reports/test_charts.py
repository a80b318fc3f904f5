"""The learning rate that the report draws is the one that was trained with."""

from pathlib import Path

import pytest
from tests.bars import bars_dataset

from inkwise.experiments.train import train
from inkwise.recipes.load import load_recipe
from inkwise.reports.charts import trace_learning_rate
from inkwise.runs.history import EpochRecord


@pytest.mark.parametrize("schedule", ["constant", "linear", "cosine", "one-cycle"])
def test_learning_rate_at_the_end_of_each_epoch_is_the_recorded_one(schedule: str, tmp_path: Path) -> None:
    settings = {"schedule": schedule, "warmup_fraction": 0.3, "batch_size": 64}
    run = train(
        "mlp-class", data=bars_dataset(), epochs=3, settings=settings, out=tmp_path / "run", report=False
    )
    rates = dict(zip(*trace_learning_rate(run.history, run.recipe), strict=True))
    assert [rates[row.step] for row in run.history] == [row.learning_rate for row in run.history]


def test_learning_rate_of_many_steps_is_thinned_and_ends_with_the_last() -> None:
    """Two epochs of 5,000 steps: every 25th step from 1 on, and both ends."""
    ends = [
        EpochRecord(epoch=epoch, step=5000 * epoch, learning_rate=0.1, train_loss=1, train_accuracy=0.5)
        for epoch in (1, 2)
    ]
    steps, rates = trace_learning_rate(ends, load_recipe("mlp-class").with_settings({"epochs": 2}))
    assert steps == sorted({*range(1, 10_001, 25), 5000, 10_000})
    assert len(rates) == len(steps)


def test_learning_rate_of_a_training_that_stopped_early_follows_the_whole_plan() -> None:
    """One of four epochs was made: a straight line from 1 to 0 over 40 steps has come to 1 - 9/40."""
    history = [EpochRecord(epoch=1, step=10, learning_rate=0.1, train_loss=1, train_accuracy=0.5)]
    recipe = load_recipe("mlp-class").with_settings(
        {"epochs": 4, "schedule": "linear", "learning_rate": 1.0, "minimum_steps": 0}
    )
    steps, rates = trace_learning_rate(history, recipe)
    assert steps == list(range(1, 11))
    assert rates[-1] == pytest.approx(1 - 9 / 40)
