"""A training by two processes is the training by one: losses, weights, and going on from a checkpoint.

Rounding grows in a training: ReLU opens or stays shut, Adam divides by what is nearly 0. In float32 one
process with two threads is already as far from one with one thread as two processes are, by step 50 in the
third digit where there is batch normalisation. So those are compared with weights in float64, where rounding
stays small and a wrong gradient does not; the others in float32.
"""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset
from tests.training.parallel.pair import Run as Pair
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.errors import InterruptedTrainingError
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.interrupt import StopRequest
from inkwise.training.parallel.group import ALONE, Group
from inkwise.training.session import Session, prepare_session

STEPS = 50
# 255 images in batches of 32: the last of each epoch has 31, which no two processes share evenly.
_COMMON = {"minimum_steps": 0, "precision": "float32", "batch_size": 32, "validation_fraction": 0.0}


def _session(group: Group, folder: Path, name: str, settings: dict[str, Any]) -> Session:
    torch.set_num_threads(1)
    recipe = load_recipe(name).with_settings({**_COMMON, "epochs": 70, **settings})
    written = None
    if recipe.data.written_images:
        noise = bars(32, seed=9)
        written = Split(noise.images // 2, np.where(np.arange(32) % 3 == 0, -1, noise.labels))
    dataset = bars_dataset(255 - (32 if written else 0), 20)
    return prepare_session(Run(folder), recipe, dataset, written=written, device="cpu", group=group)


def _first_steps(
    group: Group, folder: Path, case: tuple[str, torch.dtype, dict[str, Any]]
) -> tuple[list[float], int, Tensor]:
    """Return the loss of each step, answers right in the last epoch, and all weights in the end.

    The first process asks to stop after 50 steps, and all do at once.
    """
    name, dtype, settings = case
    torch.set_default_dtype(dtype)  # of the weights that are drawn now
    session = _session(group, folder, name, settings)
    torch.set_default_dtype(torch.float32)
    losses, stop, inner = [], StopRequest(), session.loop.step

    def watch(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        loss, outputs = inner(images.to(dtype), labels)
        losses.append(loss.item())
        stop.requested = group.is_first and len(losses) == STEPS
        return loss, outputs

    loop = replace(session.loop, step=watch, stop_requests=lambda: nullcontext(stop))
    with pytest.raises(InterruptedTrainingError):
        replace(session, loop=loop).train()
    weights = torch.cat([tensor.flatten() for tensor in session.state.judged.state_dict().values()])
    return losses, int(session.state.num_correct), weights


# Convolutions in float64 are slow, so the networks are narrow.
CASES: dict[str, tuple[str, torch.dtype, dict[str, Any]]] = {
    "batch norm, dropout, changed images, averaged weights": ("standard", torch.float64, {"width": 2}),
    "a fixed layer, smooth labels": (
        "quick", torch.float64, {"network.options.width": 4, "calibrate": False}
    ),
    "batch norm and batches of 126, for 127 would leave one image": (
        "quick", torch.float64, {"network.options.width": 4, "calibrate": False, "batch_size": 127}
    ),
    "images of no class": (
        "standard", torch.float64, {"width": 2, "written_images": 32, "outliers": 0.3, "apply_share": 0.5}
    ),
    "convolutions": ("cnn-lenet", torch.float32, {}),
    "the unrolled step": ("mlp-sequential", torch.float32, {}),
    "a last batch of one image": ("mlp-class", torch.float32, {"batch_size": 127}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_two_processes_then_history_of_one(case: str, pair: Pair, tmp_path: Path) -> None:
    expected, num_correct, weights = _first_steps(ALONE, tmp_path / "one", CASES[case])
    first, second = pair(_first_steps, tmp_path / "two", CASES[case])
    assert first[0] == second[0]
    assert torch.equal(first[2], second[2])
    assert len(first[0]) == STEPS
    assert first[0] == pytest.approx(expected, abs=2e-6)
    assert first[1] == num_correct
    torch.testing.assert_close(first[2], weights, rtol=1e-4, atol=2e-5)


def _to_the_end(group: Group, folder: Path, stop_at: int | None = None) -> list[dict[str, Any]]:
    """Train, stop in mid-epoch if asked to, and return the history; call it again to go on."""
    settings = {"epochs": 2, "validation_fraction": 0.1, "patience": 1, "learning_rate": 0.02}
    session = _session(group, folder, "mlp-class", settings)
    stop, inner = StopRequest(), session.loop.step

    def watch(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        stop.requested = stop_at == session.state.batch + 1 + 8 * session.state.epoch
        return inner(images, labels)

    loop = replace(session.loop, step=watch, stop_requests=lambda: nullcontext(stop))
    try:
        replace(session, loop=loop).train()
    except InterruptedTrainingError:
        assert stop_at
    return [record.model_dump() for record in session.state.records]


def test_resumed_by_other_numbers_of_processes_then_same_history(pair: Pair, tmp_path: Path) -> None:
    """Stopped in the second epoch: two go on for one, one for two, and two for two to the same bits."""
    one = _to_the_end(ALONE, tmp_path / "one")
    two = pair(_to_the_end, tmp_path / "two")[0]
    assert len(one) == 2
    for name, begin, end in (("2-1", 2, 1), ("1-2", 1, 2), ("2-2", 2, 2)):
        folder = tmp_path / name
        for processes, stop_at in ((begin, 11), (end, None)):
            runs = (
                pair(_to_the_end, folder, stop_at)
                if processes == 2
                else [_to_the_end(ALONE, folder, stop_at)]
            )
            if stop_at:
                assert Run(folder).environment["workers"] == begin
        assert Run(folder).environment["workers"] == end
        assert all(run == runs[0] for run in runs)
        for mine, expected in zip(runs[0], one, strict=True):
            assert mine == pytest.approx(expected, abs=1e-6)
        if name == "2-2":
            assert runs[0] == two
            assert (folder / "classifier.safetensors").read_bytes() == (
                tmp_path / "two" / "classifier.safetensors"
            ).read_bytes()
