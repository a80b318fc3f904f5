"""The checkpoint at every batch of an epoch, the last one too: going on from each gives the same bits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset
from torch import nn

from inkwise.classifier_file import read_safetensors
from inkwise.data.dataset import Split
from inkwise.errors import CheckpointError
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.session import Session, prepare_session
from inkwise.training.state import update_average

# Every kind of change at once, averaged weights, soft labels: what a resume has to bring back beside weights.
CHANGED = {
    "shift_px": 2, "rotation_degrees": 10, "scale": 0.1, "elastic_px": 1, "stroke_px": 1, "blur_px": 1,
    "noise": 0.1, "cutout_px": 6, "apply_share": 0.8, "weight_averaging": 0.9, "label_smoothing": 0.1,
}  # fmt: skip


def prepared(path: Path, name: str, *, written: Split | None = None, **more: object) -> Session:
    settings = {"minimum_steps": 0, "epochs": 2, "batch_size": 15, "validation_fraction": 0.25, "patience": 1}
    if name == "reader":
        settings |= {**CHANGED, "width": 2, "dropout": 0.2, "written_images": 0, "outliers": 0.0}
    recipe = load_recipe(name).with_settings({**settings, "precision": "float32", **more})
    return prepare_session(
        Run(path), recipe, bars_dataset(80, 10), written=written, device="cpu", checkpoint_seconds=0
    )


@pytest.mark.parametrize(
    "name", ["mlp-logsoftmax", "mlp-wide", "reader", pytest.param("cnn-keras", marks=pytest.mark.slow)]
)
def test_each_checkpoint_goes_on_to_the_same_bits(name: str, tmp_path: Path) -> None:
    """Four batches an epoch: after 1, 2, 3 and 4 of each, and at the end.

    After 4 of 4 the epoch's images are all used and its record is not yet written: nothing is left to
    train, and the mean loss of no images must not become NaN.
    """
    undisturbed = prepared(tmp_path / "undisturbed", name)
    checkpoints: list[bytes] = []
    save = undisturbed.loop.save_checkpoint

    def keep(state: object) -> None:
        save(state)  # type: ignore[arg-type]
        checkpoints.append(undisturbed.run.checkpoint_path.read_bytes())

    object.__setattr__(undisturbed.loop, "save_checkpoint", keep)
    undisturbed.train()
    assert len(checkpoints) == 9
    expected = undisturbed.run.checkpoint_path.read_bytes()
    for index, checkpoint in enumerate(checkpoints):
        resumed = prepared(tmp_path / str(index), name)
        resumed.run.checkpoint_path.write_bytes(checkpoint)
        resumed.train()
        assert resumed.run.history_path.read_bytes() == undisturbed.run.history_path.read_bytes(), index
        one, other = (
            read_safetensors(s.run.classifier_path, framework="pt")[1] for s in (resumed, undisturbed)
        )
        assert {k: v.numpy().tobytes() for k, v in one.items()} == {
            k: v.numpy().tobytes() for k, v in other.items()
        }
        assert resumed.run.checkpoint_path.read_bytes() == expected, index


def test_checkpoint_without_the_average_is_refused(tmp_path: Path) -> None:
    averaged, plain = (
        prepared(tmp_path / str(decay), "mlp-wide", weight_averaging=decay) for decay in (0.9, 0.0)
    )
    plain.train()
    averaged.run.path.mkdir(exist_ok=True)
    averaged.run.checkpoint_path.write_bytes(plain.run.checkpoint_path.read_bytes())
    with pytest.raises(CheckpointError, match=r"tensor .* is missing"):
        averaged.train()


def test_average_moves_by_the_warmed_up_share() -> None:
    """n = 0: d = min(0.5, 1/10); 0.1 * 1 + 0.9 * 2 = 1.9. n = 90: d = 0.5; 0.5 * 1.9 + 0.5 * 2 = 1.95."""
    average, network = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(average.weight, 1.0)
    nn.init.constant_(network.weight, 2.0)
    update_average(average, network, num_steps=0, decay=0.5)
    assert average.weight.item() == pytest.approx(1.9)
    update_average(average, network, num_steps=90, decay=0.5)
    assert average.weight.item() == pytest.approx(1.95)


def test_average_takes_batch_statistics_and_counts_along() -> None:
    average, network = nn.BatchNorm2d(1), nn.BatchNorm2d(1)
    network(torch.full((4, 1, 2, 2), 3.0))  # running mean 0.9 * 0 + 0.1 * 3 = 0.3
    update_average(average, network, num_steps=10**6, decay=0.5)
    assert average.running_mean.item() == pytest.approx(0.15)
    assert average.num_batches_tracked.item() == 1


def test_average_is_what_is_judged_and_saved(tmp_path: Path) -> None:
    ready = prepared(tmp_path, "mlp-wide", weight_averaging=0.99, patience=0)
    classifier = ready.train()
    assert classifier.network is ready.state.average
    of_average, of_network = (
        [weight.clone() for weight in network.parameters()]
        for network in (classifier.network, ready.state.network)
    )
    assert not torch.equal(of_average[0], of_network[0])
    saved = read_safetensors(ready.run.classifier_path, framework="pt")[1]
    assert torch.equal(saved[next(iter(classifier.network.state_dict()))], of_average[0])


def test_recipe_without_averages_keeps_none(tmp_path: Path) -> None:
    ready = prepared(tmp_path, "mlp-wide")
    assert ready.state.average is None
    assert ready.state.judged is ready.state.network


def test_written_images_are_trained_on_and_never_validated(tmp_path: Path) -> None:
    """60 of 80 images are left to train on; 10 more are written, 4 of them of no class."""
    more = bars(10, seed=5)
    written = Split(more.images, np.where(np.arange(10) < 4, -1, more.labels))
    settings = {"written_images": 10, "outliers": 0.4}
    ready = prepared(tmp_path, "mlp-logsoftmax", written=written, **settings)
    train, validation = ready.loop.train, ready.loop.validation
    assert validation is not None
    assert (len(train), train.num_labelled, len(validation)) == (70, 66, 20)
    assert torch.equal(train.images[train.indices[-10:]], torch.from_numpy(written.images))
    assert int(validation.indices.max()) < 80
    ready.train()
    assert all(0 <= record.train_accuracy <= 1 for record in ready.state.records)
    with pytest.raises(CheckpointError, match="not those the run began with"):
        prepared(tmp_path, "mlp-logsoftmax", written=more, **settings).train()


@pytest.mark.parametrize("patience", [0, 2])
def test_judged_and_best_network_is_the_average(patience: int, tmp_path: Path) -> None:
    """The saved classifier, asked about the validation images, has the loss that the history states.

    Without patience that of the last epoch, with it the least. The rate is so high that the two differ.
    """
    settings = {"weight_averaging": 0.8, "patience": patience, "epochs": 6, "learning_rate": 0.02}
    ready = prepared(tmp_path, "mlp-wide", **settings)
    classifier = ready.train()
    validation = ready.loop.validation
    assert validation is not None
    chosen = validation.indices
    answers = classifier.log_probabilities(validation.images[chosen])
    loss = nn.functional.nll_loss(answers, validation.labels[chosen]).item()
    losses = [record.validation_loss for record in ready.state.records]
    assert loss == pytest.approx(min(losses) if patience else losses[-1], rel=1e-4)
    assert len(set(losses)) == len(losses)


def test_train_accuracy_is_of_the_images_that_have_a_class(tmp_path: Path) -> None:
    """60 bars learned by heart beside 20 images of noise: all of the 60 right, not 60 of 80."""
    noise = np.random.default_rng(3).integers(0, 256, (20, 28, 28), dtype=np.uint8)
    settings = {"written_images": 20, "outliers": 0.9, "epochs": 60, "learning_rate": 0.1, "patience": 0}
    written = Split(noise, np.full(20, -1))
    ready = prepared(tmp_path, "mlp-sequential", written=written, **settings)
    ready.train()
    assert ready.state.records[-1].train_accuracy > 0.97
