"""The whole bench at its smallest, with real servers; no figure of speed is judged."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file, save_file
from tests.experiments.bench.children import first_child

from inkwise.classifier import Classifier
from inkwise.errors import CheckpointError, OutputError, RecipeError, RunError
from inkwise.experiments.bench.serving.asking.requests import KINDS
from inkwise.experiments.bench.serving.measure import run_serving_bench, write_serving
from inkwise.experiments.bench.serving.predictions import Job, measure
from inkwise.experiments.bench.serving.result import ServingBench
from inkwise.experiments.bench.serving.servers import serving

Files = tuple[Path, Path]


@pytest.mark.slow
def test_every_row_is_measured_on_both_sides(tmp_path: Path) -> None:
    """About 10 s and 1.55 for each of 7: p50 and p99 are measured at once, and usual is asked no many."""
    lines: list[str] = []
    names = ("predict", "png-8", "many-binary", "p50", "p99", "start")
    result = run_serving_bench(
        rows=names, data="digits", repetitions=1, seconds=0.5, on_progress=lines.append
    )
    assert tuple(row.name for row in result.rows) == names
    assert all(row.is_reached is None and row.ratio > 0 for row in result.rows)
    assert all(len(row.usual.values) == len(row.inkwise.values) == 1 for row in result.rows)
    assert result.classifier == {"network": "cnn-standard", "num_parameters": 109_786, "is_trained": False}
    steady = next(row for row in result.rows if row.name == "p99")
    assert steady.inkwise.client_share[0] is not None
    assert [line for line in lines if line.startswith("repetition")] == ["repetition 1 of 1, about 21 s"]
    paths = write_serving(result, tmp_path / "out")
    assert [path.name for path in paths] == ["serving.json", "serving.md"]
    assert ServingBench.model_validate_json(paths[0].read_text()) == result
    with pytest.raises(OutputError, match="cannot write"):
        write_serving(result, paths[0])


@pytest.mark.slow
def test_rows_asked_for_are_measured_alone(bench_files: Files) -> None:
    result = run_serving_bench(bench_files[0], rows=["predict"], data="digits", repetitions=2, seconds=0.1)
    (row,) = result.rows
    assert (row.name, row.unit, len(row.usual.values)) == ("predict", "us", 2)
    assert result.classifier["is_trained"] is True
    assert result.seconds_a_row == 0.1


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("row", "name"), [("predict", "SIGTERM"), ("png-1", "SIGTERM"), ("png-1", "SIGHUP")])
def test_signal_leaves_no_server_and_no_file(row: str, name: str, tmp_path: Path) -> None:
    """The first child of the row predict measures, that of png-1 serves."""
    code = (
        "from inkwise.experiments.bench.serving.measure import run_serving_bench; "
        f"run_serving_bench(rows=['{row}'], data='digits', repetitions=1, seconds=60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL) as parent:
        child = first_child(psutil.Process(parent.pid))
        parent.send_signal(getattr(signal, name))  # to the parent alone
        assert parent.wait(timeout=30) != 0
    is_alive = child.is_running()
    if is_alive:
        child.kill()
    assert not is_alive
    assert not list(tmp_path.glob("inkwise-*"))


def test_unknown_row_is_named_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="unknown row 'png-9'; did you mean 'png-8'"):
        run_serving_bench(rows=["png-9"])


def test_numbers_that_make_no_sense_are_refused() -> None:
    with pytest.raises(RecipeError, match="repetitions is 0, expected at least 1"):
        run_serving_bench(repetitions=0)
    with pytest.raises(RecipeError, match="seconds is 0, expected more than 0"):
        run_serving_bench(seconds=0.0)


def test_missing_run_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such"):
        run_serving_bench(tmp_path / "nothing", data="digits")


@pytest.mark.parametrize("side", ["usual", "inkwise"])
def test_prediction_counts_labels_that_differ(bench_files: Files, tmp_path: Path, side: str) -> None:
    """Of 200 labels the first three are made wrong."""
    arrays = load_file(bench_files[1])
    labels = arrays["labels"].copy()
    labels[:3] = (labels[:3] + 1) % 10
    save_file({"images": arrays["images"], "labels": labels}, tmp_path / "wrong.safetensors")
    job = Job.model_validate(
        {"side": side, "run": str(bench_files[0]), "images_file": str(tmp_path / "wrong.safetensors"),
         "seconds": 0.01}
    )  # fmt: skip
    report = measure(job)
    assert report.num_wrong == 3
    assert report.num_calls >= 100


def test_untrained_classifier_knows_all_classes(bench_files: Files) -> None:
    """Otherwise an answer to another request could not be told from the right one."""
    assert len(np.unique(load_file(bench_files[1])["labels"])) == 10
    assert Classifier.load(bench_files[0]).header.network == "cnn-standard"


@pytest.mark.slow
@pytest.mark.parametrize(("side", "kind"), [("usual", "form"), ("inkwise", "png")])
def test_server_is_gone_when_the_block_ends(bench_files: Files, side: str, kind: str) -> None:
    images = load_file(bench_files[1])["images"]
    first = (KINDS[kind].content_type, KINDS[kind].to_body(images[:1]))
    with serving(side, str(bench_files[0]), first) as server:  # type: ignore[arg-type]
        assert server.start_seconds > 0
        os.kill(server.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


@pytest.mark.slow
def test_server_that_cannot_start_is_reported_with_what_it_said(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"server ended with 1, expected it to answer; it said: .*nothing"),
        serving("inkwise", str(tmp_path / "nothing"), (b"image/png", b"")),
    ):
        pass


@pytest.mark.slow
def test_server_that_refuses_the_first_request_is_reported(bench_files: Files) -> None:
    with (
        pytest.raises(RunError, match=r"the first answer is 4.*expected 200"),
        serving("inkwise", str(bench_files[0]), (b"image/png", b"no picture")),
    ):
        pass
