"""The loop: what training must reach, what it must not, when it stops, and what it tells."""

import math
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.bars import bars, bars_dataset

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import InterruptedTrainingError, TrainingError
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.batches import epoch_order
from inkwise.training.loop import Progress
from inkwise.training.session import Session, num_epochs, prepare_session


def session(path: Path, name: str, dataset: Dataset, **settings: object) -> tuple[Session, list[Progress]]:
    recipe = load_recipe(name).with_settings({"minimum_steps": 0, **settings})
    told: list[Progress] = []
    return prepare_session(Run(path), recipe, dataset, device="cpu", on_progress=told.append), told


def first_loss(name: str, path: Path) -> float:
    """Return the loss of a network that has learned nothing: one step whose rate moves no weight."""
    ready, told = session(path, name, bars_dataset(), learning_rate=1e-30, epochs=1, precision="float32")
    ready.train()
    assert told[-1].record is not None
    return told[-1].record.train_loss


@pytest.mark.parametrize(
    "name", ["mlp-sequential", "mlp-class", "mlp-logsoftmax", "cnn-lenet", "quick", "mlp-wide"]
)
def test_fresh_network_knows_nothing(name: str, tmp_path: Path) -> None:
    """ln 10 = 2.303: the loss of equal probabilities; M8: whatever the output convention."""
    assert first_loss(name, tmp_path) == pytest.approx(math.log(10), abs=0.15)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mlp-sequential", {"learning_rate": 0.05, "momentum": 0.9}),
        ("mlp-class", {"learning_rate": 0.05, "momentum": 0.9}),
        ("mlp-logsoftmax", {"learning_rate": 0.05}),
        ("cnn-keras", {"dropout": 0.0}),
        ("cnn-lenet", {"optimizer": "adam", "learning_rate": 0.001}),
        (
            "quick",
            {
                "learning_rate": 0.003,
                "schedule": "constant",
                "precision": "float32",
                "label_smoothing": 0.0,
                "calibrate": False,
            },
        ),
    ],
)
def test_one_batch_can_be_learned_by_heart(name: str, settings: dict[str, object], tmp_path: Path) -> None:
    """T1: 20 images again and again; textbook and unrolled step, each optimizer and output convention."""
    ready, told = session(
        tmp_path, name, bars_dataset(20, 10), validation_fraction=0.0, epochs=70 if name[0] == "m" else 35,
        batch_size=20, **settings,
    )  # fmt: skip
    ready.train()
    assert told[-1].record is not None
    assert told[-1].record.train_loss < 0.1
    assert told[-1].record.train_accuracy == 1


def test_shuffled_labels_leave_validation_at_chance(tmp_path: Path) -> None:
    """Learned by heart, but nothing to learn: 0.1 +- 4 standard errors, sqrt(0.1 * 0.9 / 400) = 0.015."""
    split = bars(1200)
    labels = np.random.default_rng(0).permutation(split.labels)
    dataset = Dataset("noise", tuple("0123456789"), Split(split.images, labels), bars(20))
    ready, told = session(
        tmp_path,
        "mlp-sequential",
        dataset,
        validation_fraction=1 / 3,
        epochs=25,
        learning_rate=0.002,
        optimizer="adam",
    )
    ready.train()
    record = told[-1].record
    assert record is not None
    assert record.validation_accuracy == pytest.approx(0.1, abs=0.06)
    assert record.train_accuracy > 0.5


def test_patience_keeps_the_weights_of_the_best_epoch(tmp_path: Path) -> None:
    """A set learned by heart: validation loss falls, then rises; the classifier is that of the lowest."""
    dataset = bars_dataset(120, 20)
    ready, told = session(
        tmp_path,
        "mlp-sequential",
        dataset,
        epochs=200,
        patience=3,
        learning_rate=0.5,
        validation_fraction=0.5,
    )
    classifier = ready.train()
    losses = [p.record.validation_loss for p in told if p.record and p.record.validation_loss is not None]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 3 < 200, "it stops three epochs after the best"
    assert losses[-1] > losses[best]
    chosen = ready.loop.validation.indices.numpy()
    log_probabilities = classifier.log_probabilities(dataset.train.images[chosen])
    labels = torch.from_numpy(dataset.train.labels[chosen])
    loss = -log_probabilities.gather(1, labels[:, None]).mean()
    assert loss.item() == pytest.approx(losses[best], rel=1e-4)
    accuracy = (log_probabilities.argmax(1) == labels).double().mean().item()
    assert classifier.header.metrics["validation_accuracy"] == pytest.approx(accuracy)


def test_small_sets_get_as_many_epochs_as_make_the_steps() -> None:
    recipe = load_recipe("quick").with_settings({"minimum_steps": 100, "epochs": 3})
    assert [num_epochs(recipe, num_batches) for num_batches in (1, 7, 33, 34, 100, 1000)] == [
        100,
        15,
        4,
        3,
        3,
        3,
    ]


def test_each_image_is_seen_once_an_epoch_in_a_new_order(tmp_path: Path) -> None:
    """D9, D10, D14: the whole set is shuffled, not a window of it, and the last batch may be smaller."""
    num_images = 23
    images = np.zeros((num_images, 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(num_images)
    split = Split(images, np.arange(num_images) % 2)
    ready, _ = session(
        tmp_path, "mlp-sequential", Dataset("marked", ("a", "b"), split, split), validation_fraction=0.0,
        batch_size=5, epochs=2, mean=0.0, std=1.0,
    )  # fmt: skip
    seen: list[list[int]] = [[], []]
    step = ready.loop.step

    def watch(batch: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen[ready.state.epoch] += (batch[:, 0, 0, 0] * 255).round().int().tolist()
        return step(batch, labels)

    object.__setattr__(ready.loop, "step", watch)
    ready.train()
    assert [sorted(epoch) for epoch in seen] == [list(range(num_images))] * 2
    assert seen[0] != seen[1]
    assert seen[0] == epoch_order(num_images, seed=0, epoch=0).tolist()


@pytest.mark.parametrize("name", ["mlp-sequential", "mlp-class", "quick"])
def test_loss_that_is_no_number_stops_with_advice(name: str, tmp_path: Path) -> None:
    ready, _ = session(tmp_path, name, bars_dataset(), learning_rate=1e9, epochs=20, precision="float32")
    match = (
        r"the training loss became (nan|inf) in epoch \d+; the learning rate 1e\+09 is too high: try --set"
    )
    with pytest.raises(TrainingError, match=match):
        ready.train()


@pytest.mark.parametrize("is_stopped", [False, True])
def test_loss_that_is_no_number_leaves_the_checkpoint_before_it(
    is_stopped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved after every step, and stopped by Ctrl-C when the harm is done."""
    ready, _ = session(
        tmp_path, "mlp-class", bars_dataset(200, 10), learning_rate=1e9, precision="float32", batch_size=10
    )
    seen: list[float] = []

    def look(progress: Progress) -> None:
        seen.append(progress.train_loss)
        if is_stopped and not math.isfinite(progress.train_loss):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("inkwise.training.loop.REPORT_SECONDS", 0.0)
    ready = replace(ready, loop=replace(ready.loop, checkpoint_seconds=0.0, on_progress=look))
    with pytest.raises(TrainingError, match=r"the training loss became (nan|inf) in epoch 1;") as caught:
        ready.train()
    assert not isinstance(caught.value, InterruptedTrainingError)
    assert sum(math.isfinite(loss) for loss in seen) > 0
    assert len(seen) < 18 or not is_stopped
    assert math.isfinite(float(load_file(ready.run.checkpoint_path)["sum.loss"]))
    assert not ready.run.classifier_path.exists()


def test_epoch_losses_and_accuracies_add_up(tmp_path: Path) -> None:
    """T3, T7: the mean over images, not of batch means, and begun anew each epoch.

    Nothing moves at this rate, so both epochs see the same weights and must tell the same.
    """
    dataset = bars_dataset(50, 10)
    ready, told = session(
        tmp_path, "mlp-class", dataset, learning_rate=1e-30, epochs=2, batch_size=32, validation_fraction=0.0
    )
    classifier = ready.train()
    first, second = (p.record for p in told if p.record)
    labels = torch.from_numpy(dataset.train.labels)
    log_probabilities = classifier.log_probabilities(dataset.train.images)
    expected = -log_probabilities.gather(1, labels[:, None]).mean().item()
    assert first.train_loss == pytest.approx(expected, rel=1e-5)
    assert second.train_loss == pytest.approx(first.train_loss, rel=1e-6)
    assert first.train_accuracy == second.train_accuracy
    assert first.train_accuracy == pytest.approx(
        (log_probabilities.argmax(1) == labels).double().mean().item()
    )


def test_validation_is_measured_in_evaluation_mode(tmp_path: Path) -> None:
    """T5, T6: dropout acts on the batches and not on the validation; both accuracies, every epoch."""
    dataset = bars_dataset(200, 10)
    ready, told = session(tmp_path, "cnn-keras", dataset, epochs=2, validation_fraction=0.25, batch_size=50)
    classifier = ready.train()
    records = [p.record for p in told if p.record]
    assert [record.epoch for record in records] == [1, 2]
    chosen = ready.loop.validation.indices.numpy()
    log_probabilities = classifier.log_probabilities(dataset.train.images[chosen])
    labels = torch.from_numpy(dataset.train.labels[chosen])
    expected = (log_probabilities.argmax(1) == labels).double().mean().item()
    assert records[-1].validation_accuracy == pytest.approx(expected)
    loss = -log_probabilities.gather(1, labels[:, None]).mean().item()
    assert records[-1].validation_loss == pytest.approx(loss, rel=1e-4)
    assert ready.state.network.training, "the loop leaves it in training mode for the next epoch"


def test_progress_is_told_within_and_after_each_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T4: batch counts rise to the number of batches; speed and remaining time are finite numbers."""
    monkeypatch.setattr("inkwise.training.loop.REPORT_SECONDS", 0.0)
    ready, told = session(
        tmp_path, "mlp-class", bars_dataset(100, 10), epochs=3, batch_size=16, validation_fraction=0.0
    )
    ready.train()
    assert [p.batch for p in told if not p.record] == [*range(1, 8)] * 3
    assert [p.epoch for p in told if not p.record] == [1] * 7 + [2] * 7 + [3] * 7
    assert {(p.num_batches, p.num_epochs) for p in told} == {(7, 3)}
    assert [(p.epoch, p.batch) for p in told if p.record] == [(1, 7), (2, 7), (3, 7)]
    assert all(math.isfinite(p.train_loss) and 0 < p.images_per_second < math.inf for p in told)
    assert all(0 <= p.eta_seconds < math.inf for p in told)
    assert told[-1].eta_seconds == 0


def test_changes_differ_between_batches_and_epochs_and_repeat_with_the_seed(tmp_path: Path) -> None:
    images = torch.rand(8, 1, 28, 28)

    def changed(epoch: int, batch: int, seed: int) -> torch.Tensor:
        settings = {"shift_px": 3, "noise": 0.1, "seed": seed}
        loop = session(tmp_path, "mlp-class", bars_dataset(40, 10), **settings)[0].loop
        augment = loop.augment(epoch)
        assert augment is not None
        return augment(images, batch)

    first = changed(0, 0, 0)
    assert torch.equal(first, changed(0, 0, 0))
    others = [changed(1, 0, 0), changed(0, 1, 0), changed(0, 0, 1)]
    assert not any(torch.equal(first, other) for other in others)


def test_recipe_without_augmentation_changes_nothing(tmp_path: Path) -> None:
    assert session(tmp_path, "mlp-class", bars_dataset(40, 10))[0].loop.augment(0) is None
