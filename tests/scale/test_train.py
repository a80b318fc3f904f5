"""Training on Ray's workers: the history of one process, whatever dies on the way."""

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
from tests.scale.started import below

from inkwise.errors import ClusterError, InterruptedTrainingError, TrainingError
from inkwise.experiments.train import train
from inkwise.runs.run import Run
from inkwise.scale import workers
from inkwise.scale.cluster import cluster
from inkwise.training.loop import Progress
from inkwise.training.parallel.group import Group

# Ray Train warns of its own ways.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

RECIPE: dict[str, Any] = {"recipe": "mlp-logsoftmax", "data": "digits", "report": False}
EPOCHS = 12


@pytest.fixture(scope="module", autouse=True)
def own_ray() -> Iterator[None]:
    """Keep one Ray for all trainings of this module; it takes seconds to start."""
    with cluster():
        yield


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run of two workers to which nothing happened."""
    return train(**RECIPE, epochs=EPOCHS, workers=2, out=tmp_path_factory.mktemp("undisturbed") / "run")


def _workers() -> list[psutil.Process]:
    """Return the processes below this one that train."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "RayTrainWorker" in " ".join(child.cmdline())]


def assert_alike(run: Run, expected: Run) -> None:
    """Compare two runs over 54 steps, 18 an epoch, and where they end.

    Later the last digits grow: an input of ReLU that is 0 but for rounding has a gradient in one of them.
    """
    assert len(run.history) == len(expected.history) == EPOCHS
    for mine, other in zip(run.history[:3], expected.history[:3], strict=True):
        assert mine.model_dump() == pytest.approx(other.model_dump(), abs=1e-5)
    assert run.evaluation["accuracy"] == pytest.approx(expected.evaluation["accuracy"], abs=0.02)


def test_two_workers_then_run_of_one_process(undisturbed: Run, tmp_path: Path) -> None:
    told: list[Progress] = []
    one = train(**RECIPE, epochs=EPOCHS, out=tmp_path / "one", on_progress=told.append)
    assert undisturbed.environment["workers"] == 2
    assert {path.name for path in undisturbed.path.iterdir()} == {path.name for path in one.path.iterdir()}
    assert_alike(undisturbed, one)


def test_worker_killed_then_the_same_numbers(undisturbed: Run, tmp_path: Path) -> None:
    """SIGKILL in mid-epoch, after a checkpoint: all start again, and go on to the same bits."""
    killed: list[int] = []
    told: list[Progress] = []

    def kill(progress: Progress) -> None:
        told.append(progress)
        if progress.epoch > 3 and not progress.record and not killed:
            victim = _workers()[-1]
            killed.append(victim.pid)
            victim.send_signal(signal.SIGKILL)

    out = tmp_path / "run"
    run = train(**RECIPE, epochs=EPOCHS, workers=2, out=out, on_progress=kill, checkpoint_seconds=0.05)
    assert killed
    assert run.history == undisturbed.history
    assert run.evaluation["num_errors"] == undisturbed.evaluation["num_errors"]
    assert run.classifier_path.stat().st_size == undisturbed.classifier_path.stat().st_size
    assert next(p.epoch for p in told if p.record) == 1


def test_interrupted_workers_then_one_process_goes_on(undisturbed: Run, tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.record and progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)  # what Ctrl-C does

    out = tmp_path / "run"
    with pytest.raises(InterruptedTrainingError, match=f"what was reached is in {out}, go on with: inkwise"):
        train(**RECIPE, epochs=EPOCHS, workers=2, out=out, on_progress=interrupt)
    assert 2 <= len(Run(out).history) < EPOCHS
    run = train(resume=True, out=out, report=False)
    assert run.environment["workers"] == 1
    assert_alike(run, undisturbed)


DRIVER = """
import sys, time
from inkwise.experiments.train import train
if __name__ == "__main__":
    train(
        "mlp-logsoftmax", data="digits", report=False, epochs=int(sys.argv[2]), workers=2, out=sys.argv[1],
        checkpoint_seconds=0.05, on_progress=lambda progress: print(progress.epoch, flush=True),
    )
"""


def test_driver_killed_then_nobody_writes_and_resume_goes_on(undisturbed: Run, tmp_path: Path) -> None:
    out, script = tmp_path / "run", tmp_path / "driver.py"
    script.write_text(DRIVER)
    driver = subprocess.Popen(
        [sys.executable, script, out, str(EPOCHS)], stdout=subprocess.PIPE, text=True, start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"},
    )  # fmt: skip
    assert driver.stdout is not None
    for line in driver.stdout:
        if int(line) >= 3:
            break
    started = below(driver.pid)
    driver.send_signal(signal.SIGKILL)
    driver.communicate()
    content = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert psutil.wait_procs(started, timeout=20)[1] == []
    assert content == {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert "evaluation.json" not in content
    run = train(resume=True, out=out, workers=2, report=False)
    assert run.history == undisturbed.history


def test_loss_that_is_no_number_then_the_advice_of_one_process(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"the training loss became (nan|inf) .* is too high: try --set"):
        train(**RECIPE, settings={"learning_rate": 1e9}, epochs=20, workers=2, out=tmp_path / "run")


def test_workers_that_always_die_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(group: Group, mailbox: Any, given: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(workers, "RESTARTS", 1)
    with pytest.raises(
        ClusterError, match=r"gave the workers up \(.+\); those that die are started anew 1 times"
    ):
        workers.run_on_workers(die, None, workers=1, has_cuda=False, files={}, on_news=print)


def test_more_workers_than_cores_then_refused_at_once(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(ClusterError, match=r"64 workers need as many cores, and there are \d+; take fewer"):
        train(**RECIPE, settings={"batch_size": 64}, workers=64, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert time.monotonic() - start < 60, "Ray itself would wait for ever"


def test_accelerators_that_the_cluster_lacks_then_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ClusterError, match="2 workers need as many accelerators, and there are 0; take fewer"
    ):
        train(**RECIPE, device="cuda", workers=2, out=tmp_path / "run")
