"""A machine of a real cluster dies while it trains, predicts and sweeps: the work ends as if it had not.

Four machines in the beginning, one less after each test. Programs run on the head, as a person's would.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pyarrow.parquet as pq
import pytest
from tests.given import GIVEN
from tests.scale.machines import Machine, Machines, machines

from inkwise.data.idx import write_idx
from inkwise.data.load import load_dataset
from inkwise.evaluation.sweep import Sweep
from inkwise.experiments.train import train
from inkwise.runs.run import Run

pytestmark = pytest.mark.slow

SECONDS = 300  # a dead machine is noticed after 15 to 30, then new workers start; exchanges wait for cores
NUM_IMAGES = 60_000
TRAIN = """
import sys
from inkwise.experiments.train import train
train("mlp-logsoftmax", data="digits", report=False, epochs=16, settings={"batch_size": 128}, workers=2,
      ray=sys.argv[1], out=sys.argv[2], checkpoint_seconds=0.5,
      on_progress=lambda progress: print(progress.epoch, flush=True))
"""
PREDICT = """
import sys
from inkwise.scale.predicting.into import predict_into
predict_into(sys.argv[2], sys.argv[3], [sys.argv[4]], ray=sys.argv[1], block_size=200,
             on_progress=lambda done, total: print(done, flush=True))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Machines]:
    with machines(4) as running:
        yield running


def kill_one_at_work(cluster: Machines, process: subprocess.Popen[str], *, reached: int) -> None:
    """Kill a machine other than the head on which a worker is busy, once the program has said a number."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip().isdigit() and int(line) >= reached:
            break
    else:
        out, err = process.communicate()
        raise AssertionError(f"ended early, exit {process.returncode}: {out[-2000:]}{err[-4000:]}")
    kill_busy(cluster)


def kill_busy(cluster: Machines) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for machine in cluster.nodes[1:]:
            if is_busy(machine):
                cluster.kill(machine)
                cluster.nodes.remove(machine)
                return
        time.sleep(0.1)
    raise AssertionError("no machine but the head was at work")


def is_busy(machine: Machine) -> bool:
    """Whether a worker of Train, Data or Tune lives there."""
    found = " ".join(word for process in machine.processes() for word in title(process))
    return any(name in found for name in ("RayTrainWorker", "MapWorker", "ImplicitFunc", "_trainable"))


def title(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def finish(process: subprocess.Popen[str]) -> None:
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, (out or "")[-2000:] + (err or "")[-4000:]


def test_training_ends_with_the_same_history(cluster: Machines, tmp_path: Path) -> None:
    process = cluster.start(
        "-c", TRAIN, cluster.address, str(tmp_path / "run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    kill_one_at_work(cluster, process, reached=4)
    finish(process)
    undisturbed = train(
        "mlp-logsoftmax", data="digits", epochs=16, settings={"batch_size": 128}, out=tmp_path / "one",
        report=False,
    )  # fmt: skip
    run = Run(tmp_path / "run")
    assert [record.step for record in run.history] == [record.step for record in undisturbed.history]
    # Later the last digits grow, see tests/scale/test_train.py.
    for mine, expected in zip(run.history[:3], undisturbed.history[:3], strict=True):
        assert mine.model_dump() == pytest.approx(expected.model_dump(), abs=1e-5)
    assert run.evaluation["accuracy"] == pytest.approx(undisturbed.evaluation["accuracy"], abs=0.02)


def test_every_image_has_one_answer(cluster: Machines, tmp_path: Path) -> None:
    GIVEN["my-run"](tmp_path / "run")
    images = load_dataset("digits").test.images
    write_idx(tmp_path / "images-idx3-ubyte", images[np.arange(NUM_IMAGES) % len(images)])
    words = [str(tmp_path / name) for name in ("answers", "run", "images-idx3-ubyte")]
    process = cluster.start(
        "-c", PREDICT, cluster.address, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    kill_one_at_work(cluster, process, reached=5)
    finish(process)
    rows = pq.read_table(tmp_path / "answers", columns=["index", "label"])
    assert sorted(rows["index"].to_pylist()) == list(range(NUM_IMAGES))
    labels = dict(zip(rows["index"].to_pylist(), rows["label"].to_pylist(), strict=True))
    assert all(labels[index] == labels[index % len(images)] for index in range(NUM_IMAGES))


def test_sweep_tries_everything_once(cluster: Machines, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    process = cluster.start(
        "-m", "inkwise", "sweep", "mlp-sequential", "--data", "digits", "--epochs", "60", "--no-prune",
        "--set", "batch_size=8,16,32,64", "--out", str(out), "--ray", cluster.address,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    kill_busy(cluster)
    finish(process)
    found = Sweep.model_validate_json((out / "sweep.json").read_bytes())
    assert sorted(trial.settings["batch_size"] for trial in found.trials) == [8, 16, 32, 64]
    assert {trial.state for trial in found.trials} == {"done"}
    assert {trial.epochs for trial in found.trials} == {60}
