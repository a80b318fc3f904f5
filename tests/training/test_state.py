"""The checkpoint at every batch of an epoch, the last one too: going on from each gives the same bits."""

from pathlib import Path

import pytest
from tests.bars import bars_dataset

from inkwise.classifier import read_safetensors
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.session import Session, prepare_session


def prepared(path: Path, name: str) -> Session:
    settings = {"minimum_steps": 0, "epochs": 2, "batch_size": 15, "validation_fraction": 0.25, "patience": 1}
    recipe = load_recipe(name).with_settings({**settings, "precision": "float32"})
    return prepare_session(Run(path), recipe, bars_dataset(80, 10), device="cpu", checkpoint_seconds=0)


@pytest.mark.parametrize(
    "name", ["mlp-logsoftmax", "mlp-wide", pytest.param("cnn-keras", marks=pytest.mark.slow)]
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
        one, other = (read_safetensors(s.run.classifier_path)[1] for s in (resumed, undisturbed))
        assert {k: v.numpy().tobytes() for k, v in one.items()} == {
            k: v.numpy().tobytes() for k, v in other.items()
        }
        assert resumed.run.checkpoint_path.read_bytes() == expected, index
