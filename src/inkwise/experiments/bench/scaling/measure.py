"""Runs every size, task and number of threads in turn, each in a fresh process, on files written for it."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from inkwise.data.load import load_dataset
from inkwise.errors import RecipeError
from inkwise.experiments.bench.measure import load_average, load_before, run_worker
from inkwise.experiments.bench.page import write_bench
from inkwise.experiments.bench.scaling.copies import write_copies
from inkwise.experiments.bench.scaling.memory import private_bytes
from inkwise.experiments.bench.scaling.result import TITLES, RowResult, ScalingBench
from inkwise.experiments.bench.scaling.worker import Job, Report, Task
from inkwise.training.interrupt import clean_up_on_signal

MOST_IMAGES = 6_000_000
STEPS = (100, 10, 1)  # the sizes: the largest over each of these
THREADS = (1, 2)
_WORKER = "inkwise.experiments.bench.scaling.worker"
# Very rough, only for the first line about how long it takes: seconds for one image on one thread.
_ROUGH_SECONDS: dict[Task, float] = {"train": 6e-5, "predict": 3e-5, "in order": 1e-6, "shuffled": 2e-6}


def run_scaling_bench(
    *,
    num_images: int = MOST_IMAGES,
    threads: Sequence[int] = THREADS,
    repetitions: int = 1,
    data: str = "mnist",
    on_progress: Callable[[str], object] = lambda line: None,
) -> ScalingBench:
    """Return time and memory of training, predicting and reading for three sizes of a set, measured now.

    The images are written below the temporary folder (4.7 GB for 6 million) and removed at the end, and on
    Ctrl-C, SIGTERM or any failure.

    Args:
        num_images: of the largest set; the others are a tenth and a hundredth of it.
        threads: numbers of threads of PyTorch.
        repetitions: how often each row runs, in turn.
        data: whose train part is copied, a name in the catalogue.
        on_progress: called with a line on what runs now.
    Raises:
        RecipeError: a number is too small.
        DataError: the data are not on this machine.
        RunError: a process failed, the disk has no room, or this is no Linux.
    """
    _check(num_images, threads, repetitions)
    private_bytes()
    start = time.perf_counter()
    load_before(on_progress, what="seconds")
    train = load_dataset(data, fetch=False).train
    on_progress(f"about {_rough_minutes(num_images, threads, repetitions):.0f} minutes in all")
    rows: list[tuple[RowResult, Report]] = []
    with clean_up_on_signal(), tempfile.TemporaryDirectory(prefix="inkwise-scaling-") as folder:
        for size in sorted({max(num_images // step, 1) for step in STEPS}):
            path = Path(folder) / "images.npy"
            on_progress(f"writing {size:,} images")
            write_copies(train, path, num_images=size)
            for number in threads:
                for task in TITLES:
                    on_progress(f"{size:,} images, {number} threads: {TITLES[task]}")
                    job = Job(task=task, images=path, data=data, num_images=size)
                    rows.append(_measure(job, num_threads=number, repetitions=repetitions))
            path.unlink()
    return ScalingBench(
        rows=[row for row, _ in rows],
        precision=next((report.precision for _, report in rows if report.precision), None),
        repetitions=repetitions,
        seconds=time.perf_counter() - start,
        environment=rows[0][1].environment,
    )


def write_scaling(result: ScalingBench, folder: str | os.PathLike[str]) -> list[Path]:
    """Write scaling.json, scaling.md and scaling.png into folder and return their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    from inkwise.figures.encode import to_png
    from inkwise.figures.experiments.scaling import GrowthPoint, render_growth

    points = [
        GrowthPoint(TITLES[row.task], row.num_threads, row.num_images, row.seconds, row.private_bytes)
        for row in result.rows
        if row.task in ("train", "predict")
    ]
    pictures = {"scaling.png": to_png(render_growth(points))}
    return write_bench(result, folder, name="scaling", page=result.to_markdown(), pictures=pictures)


def _measure(job: Job, *, num_threads: int, repetitions: int) -> tuple[RowResult, Report]:
    load = load_average()
    reports = [
        Report.model_validate_json(
            run_worker(
                _WORKER, job.model_dump_json(), named=f"bench scaling: {job.task}", num_threads=num_threads
            )
        )
        for _ in range(repetitions)
    ]
    row = RowResult(
        task=job.task,
        num_images=job.num_images,
        num_threads=num_threads,
        seconds=median(report.seconds for report in reports),
        cpu_seconds=median(report.cpu_seconds for report in reports),
        private_bytes=max(report.private_bytes for report in reports),
        grown_bytes=max(report.private_bytes - report.private_bytes_before for report in reports),
        resident_bytes=max(report.resident_bytes for report in reports),
        load_average=load,
    )
    return row, reports[0]


def _check(num_images: int, threads: Sequence[int], repetitions: int) -> None:
    smallest = 100 * STEPS[0]
    if num_images < smallest:
        raise RecipeError(
            f"images is {num_images:,}, expected at least {smallest:,}: the smallest of three sizes has a "
            "hundredth of it"
        )
    for what, value in (("threads", min(threads, default=0)), ("repetitions", repetitions)):
        if value < 1:
            raise RecipeError(f"{what} is {value}, expected at least 1; leave it out for the whole bench")


def _rough_minutes(num_images: int, threads: Sequence[int], repetitions: int) -> float:
    images = sum(num_images // step for step in STEPS) * len(threads) * repetitions
    return (images * sum(_ROUGH_SECONDS.values()) + 4 * 12 * len(threads) * repetitions) / 60
