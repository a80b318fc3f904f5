"""One measured training in a process of its own: `python -m inkwise.experiments.bench.recipes.worker JOB`.

JOB is a Job as JSON; the Report comes back as JSON on standard output, everything that training prints goes
to standard error. Importing this module imports no torch: the measuring process stays small.

The clock runs from opening the image files to the evaluated classifier. Python imports are behind it when it
starts, and so is what an accelerator takes to be there at all (its context); that is reported by itself. The
first use of its libraries and kernels is on the clock, unless the job asks for a warm-up: a training on some
images before the one that is measured.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkwise.experiments.bench.recipes.report import PROGRAM_NAMES, Job, Report
from inkwise.experiments.bench.worker import (
    finish_imports,
    first_images,
    mnist_files,
    num_test_images,
    peak_memory_bytes,
)

if TYPE_CHECKING:
    import torch

    from inkwise.experiments.bench.recipes.stages import StageClock

WARM_UP_IMAGES = 2048


def perform(job: Job) -> Report:
    """Return what doing the job in this process measured.

    Raises:
        RecipeError: there is no such recipe or device.
        DataError: MNIST is not on this machine.
    """
    mnist_files()  # before anything takes time
    from inkwise.runs.environment import describe_environment
    from inkwise.training.device import choose_device

    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    if job.name in PROGRAM_NAMES:
        finish_imports()
    device = choose_device(job.device)
    context_seconds = open_context(device)
    if job.warm_up:
        few = min(WARM_UP_IMAGES, job.num_images or WARM_UP_IMAGES)
        _performer(job)(job.model_copy(update={"num_images": few, "epochs": 1}), _clock(job, device, {}))
    peaks: dict[str, Any] = {}
    clock = _clock(job, device, peaks)
    measured = _performer(job)(job, clock)
    return Report(
        **measured,
        **peaks,
        stage_seconds=clock.seconds,
        stage_cpu_seconds=clock.cpu_seconds,
        prepares_ahead=clock.is_ahead,
        context_seconds=context_seconds,
        load_average=load_average,
        environment=describe_environment(device),
    )


def open_context(device: "torch.device") -> float | None:
    """Make an accelerator ready and return the seconds that took; None for a processor."""
    import torch

    if device.type == "cpu":
        return None
    start = time.perf_counter()
    torch.zeros(1, device=device).item()
    return time.perf_counter() - start


def _clock(job: Job, device: "torch.device", peaks: dict[str, Any]) -> "StageClock":
    """Return a clock that fills peaks when it stops."""
    import torch

    from inkwise.experiments.bench.recipes.stages import StageClock

    def note_peaks() -> None:
        peaks["peak_memory_bytes"] = peak_memory_bytes()
        is_cuda = device.type == "cuda"
        peaks["peak_device_bytes"] = torch.cuda.max_memory_allocated(device) if is_cuda else None

    if device.type == "cpu":
        return StageClock(at_end=note_peaks)
    synchronise = torch.get_device_module(device).synchronize
    return StageClock(at_end=note_peaks, synchronise=synchronise, waits=job.waits)


def _performer(job: Job) -> "Callable[[Job, StageClock], dict[str, Any]]":
    return _run_program if job.name in PROGRAM_NAMES else _train_recipe


def _run_program(job: Job, clock: "StageClock") -> dict[str, Any]:
    import torch

    from inkwise.experiments.bench.baseline import Size
    from inkwise.experiments.bench.recipes.cost import measure_cost
    from inkwise.experiments.bench.recipes.programs import PROGRAMS

    run, epochs = PROGRAMS[job.name]
    torch.manual_seed(job.seed)
    num_test = None if job.num_images is None else num_test_images(job.num_images)
    size = Size(job.epochs or epochs, job.num_images, num_test)
    trained = run(mnist_files(), size, device=torch.device(job.device), clock=clock)
    clock.begin("report")
    return {
        "accuracy": trained.accuracy,
        "curve": trained.curve,
        "num_steps": trained.num_steps,
        "batch_size": trained.batch_size,
        "precision": "float32",
        "num_train": trained.num_train,
        "num_test": trained.num_test,
        "cost": measure_cost(trained.classifier()),
    }


def _train_recipe(job: Job, clock: "StageClock") -> dict[str, Any]:
    from inkwise.experiments.bench.recipes.cost import measure_cost
    from inkwise.experiments.train import train

    with _run_folder() as folder:
        clock.begin("load")
        data = "mnist" if job.num_images is None else first_images(job.num_images)
        # A reduced size is to stay as small as it was asked for.
        settings = None if job.num_images is None else {"minimum_steps": 0}
        run = train(
            job.name, data=data, epochs=job.epochs, seed=job.seed, settings=settings, device=job.device,
            out=folder, report=False, stages=clock,
        )  # fmt: skip
        provenance = run.classifier.provenance
        return {
            "accuracy": run.evaluation["accuracy"],
            "num_steps": run.history[-1].step,
            "batch_size": run.recipe.training.batch_size,
            "precision": run.environment["precision"],
            "num_train": provenance["num_train"] + provenance["num_validation"],
            "num_test": run.evaluation["num_images"],
            "cost": measure_cost(run.classifier),
        }


@contextlib.contextmanager
def _run_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="inkwise-bench-") as folder:
        yield Path(folder) / "run"


def main(argument: str) -> None:
    """Do the job given as JSON and print its report as JSON on standard output."""
    job = Job.model_validate_json(argument)
    with contextlib.redirect_stdout(sys.stderr):
        report = perform(job)
    sys.stdout.write(report.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
