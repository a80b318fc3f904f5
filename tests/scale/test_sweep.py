"""A sweep on Ray finds what one on one machine finds, goes on after any end, and outlives its workers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.bars import bars_dataset
from tests.scale.started import below

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import ClusterError
from inkwise.evaluation.sweep import Sweep, Trial
from inkwise.experiments.sweep.search import sweep
from inkwise.recipes.load import load_recipe
from inkwise.scale.cluster import cluster

pytestmark = pytest.mark.slow

BARS = bars_dataset(240, 20)
SPACE: dict[str, Any] = {"learning_rate": [1e-7, 0.2], "batch_size": [16, 32], "minimum_steps": [0]}


@pytest.fixture(scope="module")
def here() -> Iterator[None]:
    """One Ray of this machine's own for all tests that do not ask for several machines."""
    with cluster("local"):
        yield


def run(out: Path, **changes: Any) -> Sweep:
    given = {"space": SPACE, "data": BARS, "epochs": 3, "prune": False, "ray": "local", **changes}
    return sweep("mlp-sequential", out=out, **given)


def test_same_search_finds_the_same(here: None, tmp_path: Path) -> None:
    """The grid's numbers are those of one machine to the last bit, and so are the files."""
    progress: list[float] = []
    told: list[int] = []
    many = run(
        tmp_path / "many",
        on_progress=lambda done, total: progress.append(done),
        on_trial=lambda trial, number, total: told.append(number),
    )
    one = run(tmp_path / "one", ray=None)
    assert outcome(many) == outcome(one)
    assert many.best is not None
    assert many.best.settings["learning_rate"] == 0.2
    assert told == [1, 2, 3, 4]
    assert max(progress) <= 4
    assert progress == sorted(progress)
    assert Sweep.model_validate_json((tmp_path / "many" / "sweep.json").read_bytes()) == many
    assert load_recipe(tmp_path / "many" / "best.toml") == load_recipe(tmp_path / "one" / "best.toml")
    assert files(tmp_path / "many") == files(tmp_path / "one")


def outcome(found: Sweep) -> list[Any]:
    return [(trial.settings, trial.state, trial.score, trial.validation_loss) for trial in found.trials]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_trials_that_lag_behind_are_given_up(here: None, tmp_path: Path) -> None:
    """Nine epochs: the rungs are after the first and the third."""
    space = {"learning_rate": [0.2, 0.15, 1e-7, 1e-8, 1e-9, 1e-10], "minimum_steps": [0]}
    found = run(tmp_path / "sweep", space=space, prune=True, epochs=9)
    states = {trial.settings["learning_rate"]: trial.state for trial in found.trials}
    assert {states[rate] for rate in (1e-8, 1e-9, 1e-10)} == {"pruned"}
    assert found.best is not None
    assert found.best.score > 0.5
    given_up = [trial for trial in found.trials if trial.state == "pruned"]
    assert all(trial.validation_accuracy is None and trial.num_parameters > 0 for trial in given_up)


def test_what_cannot_win_or_be_trained_is_said(here: None, tmp_path: Path) -> None:
    space = {
        "learning_rate": [1e30, 0.2],
        "architecture": ["mlp-sequential", "mlp-wide"],
        "minimum_steps": [0],
    }
    found = run(tmp_path / "sweep", space=space, max_parameters=200_000, epochs=1)
    assert sorted(trial.state for trial in found.trials) == ["done", "failed", "too large", "too large"]
    assert any("the training loss became" in trial.note for trial in found.trials)


def test_data_on_a_disk_are_opened_by_the_workers(here: None, tmp_path: Path) -> None:
    """They are gone when the sweep begins, and each worker would say so: one says it, and the sweep ends."""
    import numpy as np

    np.save(tmp_path / "images.npy", BARS.train.images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r", allow_pickle=False)
    lost = Dataset("/nowhere/bars", BARS.classes, Split(mapped, BARS.train.labels), BARS.test)
    with pytest.raises(ClusterError, match=r"a worker could not go on: DataError: .*nowhere/bars"):
        run(tmp_path / "sweep", data=lost)


class _StopError(Exception):
    pass


def test_resumed_sweep_does_what_is_missing_with_and_without_ray(here: None, tmp_path: Path) -> None:
    def stop(trial: Trial, number: int, total: int) -> None:
        if number == 2:
            raise _StopError

    with pytest.raises(_StopError):
        run(tmp_path / "sweep", on_trial=stop)
    resumed = sweep(space={}, out=tmp_path / "sweep", data=BARS, resume=True, ray=None)
    tried = sorted(
        (trial.settings["learning_rate"], trial.settings["batch_size"]) for trial in resumed.trials
    )
    assert tried == [(1e-7, 16), (1e-7, 32), (0.2, 16), (0.2, 32)]
    lines = [json.loads(line) for line in (tmp_path / "sweep" / "study.log").read_text().splitlines()]
    assert lines, "the journal is lines of JSON"


@pytest.mark.parametrize("moment", ["on_progress", "on_trial"], ids=["in its middle", "after its last word"])
def test_trial_whose_worker_is_killed_is_tried_again(here: None, tmp_path: Path, moment: str) -> None:
    """A trial that said its result may still be one that goes on for Tune: it says it twice then."""
    killed: list[int] = []

    def kill(done: Any, number: int, total: int = 2) -> None:
        """SIGKILL the workers once."""
        if not killed and (moment == "on_trial" or done > 0.1):
            below = psutil.Process().children(recursive=True)
            titles = ("ImplicitFunc", "_trainable")
            workers = [one for one in below if any(title in " ".join(one.cmdline()) for title in titles)]
            for worker in workers:
                worker.kill()
                killed.append(worker.pid)

    found = run(tmp_path / "sweep", space=SPACE | {"batch_size": [16]}, epochs=150, **{moment: kill})
    assert killed
    assert [trial.state for trial in found.trials] == ["done", "done"]
    assert all(trial.epochs == 150 for trial in found.trials)


BEGIN = (
    "sweep", "mlp-sequential", "--data", "digits", "--epochs", "30", "--set", "batch_size=8,16,32,64",
    "--no-prune",
)  # fmt: skip


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert path.exists(), process.communicate()


def check_all(path: Path) -> None:
    found = Sweep.model_validate_json(path.read_bytes())
    assert sorted(trial.settings["batch_size"] for trial in found.trials) == [8, 16, 32, 64]
    assert {trial.state for trial in found.trials} == {"done"}


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_ended_sweep_leaves_no_process_and_goes_on(sent: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    process = subprocess.Popen(
        [sys.executable, "-m", "inkwise", *BEGIN, "--out", str(out), "--ray"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(out / "sweep.json", process)
    started = below(process.pid)
    os.kill(process.pid, sent)
    _, said = process.communicate(timeout=60)
    if sent == signal.SIGINT:
        assert process.returncode == 1
        (line,) = [line for line in said.splitlines() if "interrupted" in line]
        assert (
            f"of 4 trials; what they found is in {out}, go on with: inkwise sweep --resume --out {out} --ray"
            in line
        )
        assert "Traceback" not in said
    before = Sweep.model_validate_json((out / "sweep.json").read_bytes()).trials
    assert psutil.wait_procs(started, timeout=30)[1] == []
    resumed = sweep(space={}, out=out, resume=True)
    check_all(out / "sweep.json")
    assert [trial for trial in resumed.trials if trial in before] == before, "what was done is not done again"
