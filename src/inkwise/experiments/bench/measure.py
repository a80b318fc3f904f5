"""Runs both sides in turn, each in a fresh process, and puts their reports beside each other."""

import contextlib
import datetime
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Literal

from inkwise import __version__
from inkwise.cores import num_cores
from inkwise.data.catalogue import get_entry
from inkwise.errors import RecipeError, RunError, unknown_name
from inkwise.experiments.bench.page import write_bench
from inkwise.experiments.bench.result import BenchResult, Conditions, LimitResult, RatioResult, compare_sides
from inkwise.experiments.bench.worker import Job, Report, mnist_files
from inkwise.runs.machine import processor_name, source_commit
from inkwise.training.interrupt import clean_up_on_signal

BENCHES = ("s3", "s2-pt", "load", "memory")
# Another kind of bench each, with modules of its own.
BY_THEMSELVES = ("reading", "recipes", "scaling", "serving")
TARGET_RATIOS: dict[Literal["s3", "s2-pt"], float] = {"s3": 8.0, "s2-pt": 2.5}
LOAD_LIMIT_SECONDS = 1.5
MEMORY_LIMIT_BYTES = 900e6
BUSY_LOAD = 0.5  # load average above which two busy threads no longer have two cores to themselves
NUM_TRAIN = get_entry("mnist").num_train

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
_START_SECONDS = 4.0  # a process that imports torch
# Very rough, only for the first line about how long it takes: seconds for one training image in one epoch.
_ROUGH_SECONDS = {
    ("s3", "baseline"): 85e-6,
    ("s3", "inkwise"): 30e-6,
    ("s2-pt", "baseline"): 350e-6,
    ("s2-pt", "inkwise"): 200e-6,
}
_TUTORIAL_EPOCHS = {"s3": 5, "s2-pt": 3}

Reports = dict[Job, Report]


def run_benches(
    names: Sequence[str] = (),
    *,
    repetitions: int = 3,
    num_images: int | None = None,
    epochs: int | None = None,
    num_threads: int | None = None,
    on_progress: Callable[[str], object] = lambda line: None,
) -> BenchResult:
    """Return inkwise's speed beside the tutorials' programs, measured now on this machine's CPU.

    Args:
        names: of "s3", "s2-pt", "load", "memory"; none: all.
        repetitions: how often each side runs, in turn; repetition r uses seed r.
        num_images: only the first so many training images, for a quick look; targets are not judged then.
        epochs: other than the tutorials' 5 (s3) and 3 (s2-pt); targets are not judged then.
        num_threads: of both sides; None: what torch takes.
        on_progress: called with a line on what runs now and how long it may take.
    Raises:
        RecipeError: an unknown name, or a number below 1.
        DataError: MNIST is not on this machine.
        RunError: a run failed, or the two sides did not do the same work.
    """
    chosen = _check(names, repetitions=repetitions, num_images=num_images, epochs=epochs)
    mnist_files()
    jobs = plan_jobs(chosen, repetitions=repetitions, num_images=num_images, epochs=epochs)
    reports: Reports = {}
    load = load_before(on_progress, what="the ratios")
    for number, job in enumerate(jobs, start=1):
        on_progress(_progress_line(number, jobs, reports))
        reports[job] = run_job(job, num_threads=num_threads)
    is_reduced = num_images is not None or epochs is not None
    return BenchResult(
        ratios=[_ratio(name, reports, is_reduced) for name in TARGET_RATIOS if name in chosen],
        limits=[_limit(name, reports, is_reduced) for name in ("load", "memory") if name in chosen],
        conditions=_conditions(reports, load, repetitions=repetitions, is_reduced=is_reduced),
    )


def plan_jobs(
    names: Sequence[str], *, repetitions: int, num_images: int | None = None, epochs: int | None = None
) -> list[Job]:
    """Return what to run, in order: baseline and inkwise in turn, so that a slow spell meets both.

    "memory" is read off the runs of "s3"; alone, it takes one such run of inkwise.
    """
    jobs = []
    for name in TARGET_RATIOS:
        for seed in range(repetitions if name in names else 0):
            for side in ("baseline", "inkwise"):
                jobs.append(Job(task=name, side=side, seed=seed, num_images=num_images, epochs=epochs))
    if "load" in names:
        jobs += [Job(task="load", side="inkwise", seed=seed) for seed in range(repetitions)]
    if "memory" in names and "s3" not in names:
        jobs.append(Job(task="s3", side="inkwise", num_images=num_images, epochs=epochs))
    return jobs


def run_job(job: Job, *, num_threads: int | None = None) -> Report:
    """Do one job in a fresh process.

    Raises:
        RunError: the process failed; the message ends with its last line.
    """
    output = run_worker(
        "inkwise.experiments.bench.worker", job.model_dump_json(),
        named=f"bench {job.task}: the {job.side} run", num_threads=num_threads,
    )  # fmt: skip
    return Report.model_validate_json(output)


def run_worker(module: str, job: str, *, named: str, num_threads: int | None) -> str:
    """Run a module with a job, in JSON, in a fresh process, and return what it prints.

    On Ctrl-C, SIGTERM or any failure the process is gone before this returns.

    Raises:
        RunError: the process failed; the message begins with named and ends with its last line.
    """
    threads = {} if num_threads is None else dict.fromkeys(_THREAD_VARIABLES, str(num_threads))
    child: subprocess.Popen[str] | None = None
    with clean_up_on_signal():
        try:
            with _signals_held():
                child = subprocess.Popen(
                    [sys.executable, "-m", module, job],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | threads,
                )  # fmt: skip
            output, errors = child.communicate()
        except BaseException:
            if child is not None:
                child.kill()
                child.communicate()
            raise
    if child.returncode:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        raise RunError(f"{named} ended with {child.returncode}, expected 0; it said: {last}")
    return output


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Let signals wait until the block is done: one that interrupts Popen would leave a process behind."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def write_result(result: BenchResult, folder: str | os.PathLike[str]) -> list[Path]:
    """Write bench.json and bench.md into folder and return their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    return write_bench(result, folder, name="bench", page=result.to_markdown())


def _check(
    names: Sequence[str], *, repetitions: int, num_images: int | None, epochs: int | None
) -> tuple[str, ...]:
    for name in names:
        if name in BY_THEMSELVES:
            raise RecipeError(f"{name} is measured by itself, not beside others; run: inkwise bench {name}")
        if name not in BENCHES:
            raise RecipeError(unknown_name("bench", name, (*BENCHES, *BY_THEMSELVES)))
    check_numbers(repetitions=repetitions, num_images=num_images, epochs=epochs)
    return tuple(name for name in BENCHES if not names or name in names)


def check_numbers(*, repetitions: int, num_images: int | None, epochs: int | None) -> None:
    """Refuse numbers below 1, and more images than MNIST has.

    Raises:
        RecipeError: one does not fit.
    """
    for what, value in (("repetitions", repetitions), ("images", num_images), ("epochs", epochs)):
        if value is not None and value < 1:
            raise RecipeError(f"{what} is {value}, expected at least 1; leave it out for the whole bench")
    if num_images is not None and num_images > NUM_TRAIN:
        raise RecipeError(
            f"images is {num_images}, expected at most {NUM_TRAIN}, as many as MNIST has; give fewer"
        )


def _of(reports: Reports, task: str, side: str) -> list[Report]:
    return [report for job, report in reports.items() if (job.task, job.side) == (task, side)]


def _ratio(name: Literal["s3", "s2-pt"], reports: Reports, is_reduced: bool) -> RatioResult:
    baseline, ours = _of(reports, name, "baseline"), _of(reports, name, "inkwise")
    return compare_sides(name, baseline, ours, target=TARGET_RATIOS[name], is_reduced=is_reduced)


def _limit(name: Literal["load", "memory"], reports: Reports, is_reduced: bool) -> LimitResult:
    """Return a quantity of inkwise alone; loading always takes the whole of MNIST, so it is always judged."""
    if name == "load":
        seconds = [report.seconds for report in _of(reports, "load", "inkwise")]
        value = median(seconds)
        return LimitResult(
            name="load",
            unit="seconds",
            value=value,
            values=seconds,
            limit=LOAD_LIMIT_SECONDS,
            is_reached=value < LOAD_LIMIT_SECONDS,
        )
    sizes = [
        float(r.peak_memory_bytes) for job, r in reports.items() if (job.task, job.side) == ("s3", "inkwise")
    ]
    return LimitResult(
        name="memory",
        unit="bytes",
        value=max(sizes),
        values=sizes,
        limit=MEMORY_LIMIT_BYTES,
        is_reached=None if is_reduced else max(sizes) < MEMORY_LIMIT_BYTES,
    )


def load_average() -> float | None:
    """Return how many processes wanted to run over the last minute; None where that is not known."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def load_before(tell: Callable[[str], object], *, what: str) -> float | None:
    """Return load_average(), and tell where it is so high that what is measured will stray."""
    load = load_average()
    if load is not None and load > BUSY_LOAD:
        tell(f"this machine is busy (load average {load:.1f}): {what} will stray, try again when idle")
    return load


def describe_machine() -> dict[str, Any]:
    """Return what a bench on the processor depends on; measuring itself may do without PyTorch."""
    import torch

    from inkwise.runs.environment import describe_environment

    return describe_environment(torch.device("cpu"))


def _conditions(reports: Reports, load: float | None, *, repetitions: int, is_reduced: bool) -> Conditions:
    last = list(reports.values())[-1]
    return Conditions(
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        commit=source_commit(),
        inkwise=__version__,
        python=platform.python_version(),
        torch=last.torch_version,
        platform=platform.platform(),
        cpu=processor_name(),
        num_cores=num_cores(),
        num_threads=last.num_threads,
        load_average=load,
        repetitions=repetitions,
        is_reduced=is_reduced,
    )


def _progress_line(number: int, jobs: Sequence[Job], reports: Reports) -> str:
    """Return what runs now, about how long it takes, and about how long all that is left takes."""
    job, left = jobs[number - 1], jobs[number - 1 :]
    who = "the tutorial's program" if job.side == "baseline" else "inkwise"
    now, rest = (_duration(sum(expected_seconds(each, reports) for each in few)) for few in ([job], left))
    what = f"[{number}/{len(jobs)}] {job.task}: {who}, repetition {job.seed + 1}"
    return f"{what}, about {now}; all that is left, about {rest}"


def expected_seconds(job: Job, reports: Reports) -> float:
    """Return about how long a job takes: as long as its like took, or a rough guess before there is one."""
    for done, report in reports.items():
        if (done.task, done.side) == (job.task, job.side):
            return _START_SECONDS + report.call_seconds
    if job.task == "load":
        return _START_SECONDS
    images = (job.num_images or NUM_TRAIN) * (job.epochs or _TUTORIAL_EPOCHS[job.task])
    return _START_SECONDS + images * _ROUGH_SECONDS[job.task, job.side]


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
