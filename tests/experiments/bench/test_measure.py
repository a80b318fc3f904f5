import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.experiments.bench.children import first_child

from inkwise.errors import DataError, OutputError, RecipeError, RunError
from inkwise.experiments.bench.measure import (
    BENCHES,
    expected_seconds,
    plan_jobs,
    run_benches,
    run_job,
    write_result,
)
from inkwise.experiments.bench.result import BenchResult
from inkwise.experiments.bench.worker import Job, Report
from inkwise.runs.machine import source_commit


def test_plan_alternates_the_two_sides_and_gives_each_pair_one_seed() -> None:
    jobs = plan_jobs(["s3"], repetitions=2)
    assert [(job.side, job.seed) for job in jobs] == [
        ("baseline", 0),
        ("inkwise", 0),
        ("baseline", 1),
        ("inkwise", 1),
    ]


def test_plan_of_everything_measures_memory_on_the_s3_runs() -> None:
    jobs = plan_jobs(BENCHES, repetitions=1)
    assert [(job.task, job.side) for job in jobs] == [
        ("s3", "baseline"),
        ("s3", "inkwise"),
        ("s2-pt", "baseline"),
        ("s2-pt", "inkwise"),
        ("load", "inkwise"),
    ]


def test_plan_of_memory_alone_takes_one_run_of_inkwise() -> None:
    assert plan_jobs(["memory"], repetitions=5) == [Job(task="s3", side="inkwise")]


def test_expected_seconds_follow_what_the_like_took() -> None:
    """The first time a guess that grows with the work, then 4 s to start and what the call took."""
    few, many = (Job(task="s3", side="baseline", num_images=count) for count in (1000, 2000))
    report = Report(
        seconds=7,
        call_seconds=8,
        num_train=1,
        num_test=1,
        peak_memory_bytes=1,
        num_threads=1,
        torch_version="2",
    )
    assert expected_seconds(few, {}) < expected_seconds(many, {})
    assert expected_seconds(many, {few: report}) == 12


def test_unknown_bench_is_named_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="unknown bench 'memry'; did you mean 'memory'"):
        run_benches(["memry"])


def test_nothing_to_do_is_refused() -> None:
    with pytest.raises(RecipeError, match="repetitions is 0, expected at least 1"):
        run_benches(["s3"], repetitions=0)


def test_more_images_than_mnist_has_are_refused() -> None:
    with pytest.raises(RecipeError, match="images is 60001, expected at most 60000"):
        run_benches(["s3"], num_images=60_001)


def test_bench_without_mnist_fails_before_anything_runs() -> None:
    lines: list[str] = []
    with pytest.raises(DataError, match="bench needs the data set 'mnist'"):
        run_benches(["s3"], on_progress=lines.append)
    assert lines == []


def test_failed_run_is_reported_with_its_last_line() -> None:
    """No MNIST is to be found in a test's environment, so the child fails."""
    with pytest.raises(
        RunError, match=r"bench s3: the baseline run ended with 1, expected 0; it said: .*DataError"
    ):
        run_job(Job(task="s3", side="baseline", num_images=10, epochs=1))


def test_threads_asked_for_are_the_childs(mnist_folder: Path) -> None:
    job = Job(task="s3", side="baseline", num_images=32, epochs=1)
    assert run_job(job, num_threads=1).num_threads == 1


def test_ctrl_c_stops_the_child_too(mnist_folder: Path) -> None:
    code = (
        # A job in the background of a shell begins with SIGINT ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from inkwise.experiments.bench.measure import run_job; "
        "from inkwise.experiments.bench.worker import Job; "
        "run_job(Job(task='s3', side='baseline'))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as parent:
        child = first_child(psutil.Process(parent.pid))
        parent.send_signal(signal.SIGINT)  # to the parent alone: a terminal would send it to both
        assert parent.wait(timeout=30) != 0
    is_alive = child.is_running()
    if is_alive:
        child.kill()
    assert not is_alive


@pytest.mark.slow
def test_both_sides_take_the_same_steps(mnist_folder: Path, tmp_path: Path) -> None:
    """S3, S2-PT, R1, R3: 600 images make ceil(600 / 32) = 19 and ceil(600 / 64) = 10 steps on either side."""
    lines: list[str] = []
    result = run_benches(
        ["s3", "s2-pt", "memory"],
        repetitions=1,
        num_images=600,
        epochs=1,
        num_threads=1,
        on_progress=lines.append,
    )
    assert [(ratio.name, ratio.num_steps) for ratio in result.ratios] == [("s3", 19), ("s2-pt", 10)]
    assert all(ratio.ratio > 0 and ratio.is_reached is None for ratio in result.ratios)
    assert result.limits[0].value == result.ratios[0].inkwise.peak_memory_bytes
    assert result.conditions.commit == source_commit(), "as in every other result"
    lines = [line for line in lines if "this machine is busy" not in line]
    assert lines[0].startswith("[1/4] s3: the tutorial's program, repetition 1, about ")
    paths = write_result(result, tmp_path / "out")
    assert [path.name for path in paths] == ["bench.json", "bench.md"]
    assert BenchResult.model_validate_json(paths[0].read_text()) == result
    with pytest.raises(OutputError, match="cannot write"):
        write_result(result, paths[0])


@pytest.mark.slow
def test_load_takes_the_whole_of_mnist(mnist_folder: Path) -> None:
    report = run_job(Job(task="load", side="inkwise"))
    assert (report.num_train, report.num_test) == (60_000, 10_000)
    assert report.accuracy is None
