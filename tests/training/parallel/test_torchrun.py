"""torchrun: its processes train one run, the first speaks for all, and what cannot be is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from inkwise.errors import RecipeError
from inkwise.experiments.train import train
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.parallel.torchrun import check_workers, is_follower, torchrun_size

STARTED = {
    "RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "localhost",
    "MASTER_PORT": "29500",
}  # fmt: skip


def _torchrun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "inkwise", "train", *arguments,
    ]  # fmt: skip
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_processes_are_told_by_the_variables_of_torchrun() -> None:
    assert torchrun_size(STARTED) == 2
    assert is_follower(STARTED)
    assert not is_follower({**STARTED, "RANK": "0"})
    assert torchrun_size({"RANK": "1", "WORLD_SIZE": "2"}) == 1
    assert torchrun_size({**STARTED, "WORLD_SIZE": "1"}) == 1
    assert not is_follower({**STARTED, "WORLD_SIZE": "1", "RANK": "0"})


@pytest.mark.parametrize(
    ("workers", "on_ray", "framework", "match"),
    [
        (0, False, "torch", "workers must be 1 or more, got 0"),
        (-2, True, "torch", "workers must be 1 or more, got -2"),
        (
            33,
            False,
            "torch",
            "a batch of 32 cannot be shared by 33 workers; take fewer workers, or set batch_",
        ),
        (2, False, "tensorflow", "2 workers train in torch, got the framework 'tensorflow'; leave out"),
        (None, True, "tensorflow", "1 workers train in torch, got the framework 'tensorflow'"),
    ],
)
def test_workers_that_cannot_train_then_refused(
    workers: int | None, on_ray: bool, framework: str, match: str
) -> None:
    recipe = load_recipe("mlp-class").with_settings({"batch_size": 32})
    with pytest.raises(RecipeError, match=match):
        check_workers(workers, recipe, on_ray=on_ray, framework=framework)  # type: ignore[arg-type]


@pytest.mark.parametrize(("workers", "on_ray"), [(2, False), (1, False), (None, True)])
def test_workers_under_torchrun_then_refused(
    workers: int | None, on_ray: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in STARTED.items():
        monkeypatch.setenv(name, value)
    match = "torchrun has started 2 processes, which train together; leave out --workers and --ray, or start"
    with pytest.raises(RecipeError, match=match):
        check_workers(workers, load_recipe("quick"), on_ray=on_ray, framework="torch")


def test_refusal_comes_before_a_folder_is_begun(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="a batch of 2 cannot be shared by 3 workers"):
        train("mlp-class", data="digits", settings={"batch_size": 2}, workers=3, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_torchrun_then_run_of_one_process_told_once(tmp_path: Path) -> None:
    recipe = ["mlp-logsoftmax", "--data", "digits", "--epochs", "3", "--out"]
    output, errors = _torchrun(tmp_path, *recipe, "two").communicate(timeout=300)
    assert output.count("report  two/report.html") == 1, errors
    assert errors.count("3/3") == 1, "one table"
    two = Run(tmp_path / "two")
    assert two.environment["workers"] == 2
    one = train("mlp-logsoftmax", data="digits", epochs=3, out=tmp_path / "one", report=False)
    for mine, expected in zip(two.history, one.history, strict=True):
        assert mine.model_dump() == pytest.approx(expected.model_dump(), abs=1e-5)
    assert two.evaluation["num_errors"] == one.evaluation["num_errors"]
    # Nothing is left to do for both, and both end.
    output, errors = _torchrun(tmp_path, "--resume", "--out", "two").communicate(timeout=300)
    assert errors.count("already finished, nothing to resume") == 1


@pytest.mark.slow
def test_interrupted_torchrun_then_one_process_goes_on(tmp_path: Path) -> None:
    settings = ["mlp-logsoftmax", "--data", "digits", "--epochs", "400", "--out", "run"]
    process = _torchrun(tmp_path, *settings)
    history = tmp_path / "run" / "history.jsonl"
    while not history.is_file():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert errors.count("interrupted in epoch") == 1
    assert process.returncode != 0
    done = len(Run(tmp_path / "run").history)
    assert 0 < done < 400
    code = "import inkwise, sys; inkwise.train(resume=True, out=sys.argv[1], report=False)"
    subprocess.run([sys.executable, "-c", code, tmp_path / "run"], check=True, timeout=300, env=os.environ)
    records = [json.loads(line) for line in history.read_text().splitlines()]
    assert [record["epoch"] for record in records] == list(range(1, 401))
