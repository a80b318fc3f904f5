"""The clock loses no second, and the loop that it watches learns the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.experiments.bench.recipes.measure import row_names
from inkwise.experiments.bench.recipes.report import STAGES
from inkwise.experiments.bench.recipes.stages import StageClock, ToldSource, ToldStep
from inkwise.experiments.train import train
from inkwise.training.losses import build_loss
from inkwise.training.step import TextbookStep

OWN_RECIPES = [name for name, kind in row_names().items() if kind in ("ours", "tutorial")]


def test_seconds_of_all_stages_are_the_whole() -> None:
    """Marks at 1, 2, 4, 8 and 16 s: load 1 + 4, forward 2 + 8; what follows the end is not counted."""
    times = iter([(1.0, 0.1), (2.0, 0.2), (4.0, 0.4), (8.0, 0.8), (16.0, 1.6), (99.0, 9.9)])
    clock = StageClock(read=lambda: next(times))
    for stage in ("load", "forward", "load", "forward", "report"):
        clock.begin(stage)
    assert clock.seconds == {"load": 1.0 + 4.0, "forward": 2.0 + 8.0}
    assert clock.cpu_seconds == pytest.approx({"load": 0.1 + 0.4, "forward": 0.2 + 0.8})
    clock.begin("report")
    assert sum(clock.seconds.values()) == 15.0


def test_clock_waits_for_the_accelerator_before_it_looks() -> None:
    seen: list[str] = []

    def read() -> tuple[float, float]:
        seen.append("look")
        return 0.0, 0.0

    def wait() -> None:
        seen.append("wait")

    clock = StageClock(synchronise=wait, read=read, at_end=lambda: seen.append("end"))
    for stage in ("load", "forward", "report"):
        clock.begin(stage)
    assert seen == ["wait", "look"] * 3 + ["end"]


def test_clock_that_does_not_wait_within_training_does_so_around_it() -> None:
    stages = ("load", "prepare", "forward", "update", "evaluate", "report")
    seen: list[str] = []
    clock = StageClock(synchronise=lambda: seen.append(stages[len(told) - 1]), waits=False)
    told: list[str] = []
    for stage in stages:
        told.append(stage)
        clock.begin(stage)
    assert seen == ["load", "evaluate", "report"]


@pytest.fixture(scope="module")
def small() -> Dataset:
    digits = load_dataset("digits")
    chosen = torch.arange(400).numpy()
    return Dataset("digits", digits.classes, digits.train.take(chosen), digits.test.take(chosen[:100]))


@pytest.mark.parametrize("name", OWN_RECIPES)
def test_every_recipes_step_is_divided(name: str, small: Dataset, tmp_path: Path) -> None:
    """A step of a new kind has to be told apart in stages.py."""
    clock = StageClock()
    settings = {"batch_size": 128, "minimum_steps": 0, "validation_fraction": 0.25}
    run = train(
        name, data=small, epochs=1, settings=settings, out=tmp_path / "run", report=False, stages=clock
    )
    expected = {"load", "set up", "prepare", "forward", "backward", "update", "evaluate", "save", "rest"}
    assert set(clock.seconds) == expected | ({"calibrate"} if run.recipe.training.calibrate else set())
    assert clock.cpu_seconds.keys() == clock.seconds.keys() <= set(STAGES)
    assert min(clock.seconds.values()) > 0
    assert sum(clock.seconds.values()) == pytest.approx(run.evaluation["train_seconds"], abs=0.02)


def test_training_that_is_watched_ends_with_the_same_weights(small: Dataset, tmp_path: Path) -> None:
    watched, plain = (
        train("mlp-sequential", data=small, epochs=2, out=tmp_path / name, report=False, **more).classifier
        for name, more in (("watched", {"stages": StageClock()}), ("plain", {}))
    )
    for one, other in zip(watched.network.parameters(), plain.network.parameters(), strict=True):
        assert torch.equal(one, other)


class Undivided:
    """A step of which nobody knows how it goes about."""

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        return images.sum(), images


def test_step_that_cannot_be_divided_is_a_stage_of_its_own() -> None:
    stages: list[str] = []
    ToldStep(Undivided(), stages.append)(torch.ones(2, 1), torch.zeros(2).long())
    assert stages == ["step", "rest"]


def test_textbook_step_tells_its_parts_in_order() -> None:
    """The loss is still forward."""
    stages: list[str] = []
    network, loss_function = nn.Linear(3, 2), build_loss("cross-entropy")

    def loss_of(outputs: Tensor, labels: Tensor) -> Tensor:
        stages.append("the loss")
        return loss_function(outputs, labels)

    step = TextbookStep(network, loss_of, torch.optim.SGD(network.parameters(), lr=0.1))
    ToldStep(step, stages.append)(torch.ones(4, 3), torch.zeros(4).long())
    assert stages == ["forward", "the loss", "backward", "update", "rest"]


class Batches:
    """Two batches and a name."""

    name = "batches"

    def __len__(self) -> int:
        return 2

    def epoch(self, order: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        for batch in order.split(1):
            yield batch, batch


def test_source_tells_when_a_batch_is_waited_for_and_is_else_itself() -> None:
    stages: list[str] = []
    source = ToldSource(Batches(), stages.append, between="rest", during="prepare")  # type: ignore[arg-type]
    for images, _ in source.epoch(torch.arange(2)):
        stages.append(f"batch {int(images)}")
    assert stages == ["prepare", "rest", "batch 0", "prepare", "rest", "batch 1", "prepare", "rest"]
    assert (len(source), source.name) == (2, "batches")
