"""One measured job in a process of its own: `python -m inkwise.experiments.bench.worker JOB`.

JOB is a Job as JSON; the Report comes back as JSON on standard output, everything that training prints goes
to standard error. A fresh process for each job makes imports, caches and peak memory comparable. Importing
this module imports no torch: the measuring process stays small.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from inkwise.data.catalogue import get_entry
from inkwise.data.originals.stored import find_file
from inkwise.errors import DataError

if TYPE_CHECKING:
    from inkwise.data.dataset import Dataset

Side = Literal["baseline", "inkwise"]
RECIPES = {"s3": "mlp-logsoftmax", "s2-pt": "cnn-lenet"}  # the recipe that does a tutorial's work
# The tutorials hold nothing back for validation, and a reduced size is to stay as small as it was asked for.
EQUAL_WORK_SETTINGS = {"validation_fraction": 0.0, "minimum_steps": 0}
TRAIN_PER_TEST = 6  # MNIST has six training images for each test image; smaller sizes keep this


class Job(BaseModel):
    """What one process has to do.

    Attributes:
        task: "s3" or "s2-pt" (the whole recipe), or "load" (image files to ready-to-train).
        side: who does it: the tutorials' program or inkwise.
        seed: of weights and batch order.
        num_images: only the first so many training images (and a sixth as many test images); None: all.
        epochs: passes over the training images; None: as many as the tutorial.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    task: Literal["s3", "s2-pt", "load"]
    side: Side
    seed: int = 0
    num_images: int | None = None
    epochs: int | None = None


class Report(BaseModel):
    """What one process measured.

    Attributes:
        seconds: wall time from opening the image files to the evaluated classifier (or, for "load", to
            tensors ready to train with); Python imports and inkwise's report page are excluded.
        call_seconds: wall time of the whole call, the report page included.
        stage_seconds: by stage (load, train, evaluate), where the program tells them apart.
        accuracy: fraction of the test images named rightly; None for "load".
        num_steps: optimizer updates; None for "load".
        batch_size: training images a step; None for "load".
        precision: number format of weights and arithmetic; None for "load".
        peak_memory_bytes: the most physical memory the whole process ever held, Python and torch included.
        num_threads: threads of torch when the work ended.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    seconds: float
    call_seconds: float
    stage_seconds: dict[str, float] = {}
    accuracy: float | None = None
    num_steps: int | None = None
    batch_size: int | None = None
    precision: str | None = None
    num_train: int
    num_test: int
    peak_memory_bytes: int
    num_threads: int
    torch_version: str


def perform(job: Job) -> Report:
    """Return what doing the job in this process measured."""
    import torch

    if job.side == "baseline":
        finish_imports()
    start = time.perf_counter()
    measured = _performer(job)(job)
    return Report(
        **{"call_seconds": time.perf_counter() - start} | measured,
        peak_memory_bytes=peak_memory_bytes(),
        num_threads=torch.get_num_threads(),
        torch_version=torch.__version__,
    )


def finish_imports() -> None:
    """Import what torch imports when the first of its optimizers is made: 800 modules, over a second.

    Seconds leave Python imports out, so a program written the tutorials' way has them behind it before the
    clock starts. Our own optimizers need none of them.
    """
    import torch

    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)


def _performer(job: Job) -> Callable[[Job], dict[str, Any]]:
    if job.task == "load":
        return _load
    return _train_baseline if job.side == "baseline" else _train_inkwise


def _train_baseline(job: Job) -> dict[str, Any]:
    import torch

    from inkwise.experiments.bench import baseline

    run, batch_size, epochs = {
        "s3": (baseline.run_s3, baseline.S3_BATCH_SIZE, baseline.S3_EPOCHS),
        "s2-pt": (baseline.run_s2_pt, baseline.S2_PT_BATCH_SIZE, baseline.S2_PT_EPOCHS),
    }[job.task]
    torch.manual_seed(job.seed)
    num_test = None if job.num_images is None else num_test_images(job.num_images)
    size = baseline.Size(job.epochs or epochs, job.num_images, num_test)
    outcome = run(mnist_files(), size)
    return {
        "seconds": sum(outcome.stage_seconds.values()),
        "stage_seconds": outcome.stage_seconds,
        "accuracy": outcome.accuracy,
        "num_steps": outcome.num_steps,
        "batch_size": batch_size,
        "precision": "float32",
        "num_train": outcome.num_train,
        "num_test": outcome.num_test,
    }


def _train_inkwise(job: Job) -> dict[str, Any]:
    from inkwise.experiments.train import train

    with tempfile.TemporaryDirectory(prefix="inkwise-bench-") as folder:
        start = time.perf_counter()
        data = "mnist" if job.num_images is None else first_images(job.num_images)
        cut_seconds = time.perf_counter() - start  # 0 when train reads the files itself
        run = train(
            RECIPES[job.task],
            data=data,
            epochs=job.epochs,
            seed=job.seed,
            settings=EQUAL_WORK_SETTINGS,
            device="cpu",
            out=Path(folder) / "run",
        )
        call_seconds = time.perf_counter() - start
        return {
            "seconds": cut_seconds + run.evaluation["train_seconds"],
            "call_seconds": call_seconds,
            "accuracy": run.evaluation["accuracy"],
            "num_steps": run.history[-1].step,
            "batch_size": run.recipe.training.batch_size,
            "precision": run.recipe.training.precision,
            "num_train": job.num_images or get_entry("mnist").num_train,
            "num_test": run.evaluation["num_images"],
        }


def _load(job: Job) -> dict[str, Any]:
    import torch

    from inkwise.data.load import load_dataset

    start = time.perf_counter()
    dataset = load_dataset("mnist", fetch=False)
    for split in (dataset.train, dataset.test):
        torch.tensor(split.images), torch.tensor(split.labels)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "num_train": len(dataset.train), "num_test": len(dataset.test)}


def first_images(num_images: int) -> "Dataset":
    """Return MNIST cut to its first num_images training images and the test images that go with them."""
    import numpy as np

    from inkwise.data.dataset import Dataset
    from inkwise.data.load import load_dataset

    whole = load_dataset("mnist", fetch=False)
    train = whole.train.take(np.arange(num_images))
    test = whole.test.take(np.arange(num_test_images(num_images)))
    return Dataset(whole.name, whole.classes, train, test)


def mnist_files() -> dict[str, Path]:
    """Return the paths of MNIST's four files on this machine by their roles in the catalogue.

    Raises:
        DataError: one is neither in $INKWISE_DATA/mnist nor in the cache; nothing is fetched here, for the
            speed of the network is none of the bench's business.
    """
    entry = get_entry("mnist")
    stored = {file.role: find_file(entry, file) for file in entry.files}
    found = {role: file.path for role, file in stored.items() if file is not None}
    if len(found) < len(stored):
        raise DataError(
            "bench needs the data set 'mnist', which is neither under $INKWISE_DATA nor in the cache; "
            "no other set (such as 'digits') takes its place, run: inkwise data fetch mnist"
        )
    return found


def num_test_images(num_images: int) -> int:
    """Return how many test images go with num_images training images."""
    return max(1, num_images // TRAIN_PER_TEST)


def peak_memory_bytes() -> int:
    """Return the most physical memory this process has held so far.

    Linux's VmHWM rather than getrusage's ru_maxrss where it can be read: the latter survives exec, so that
    the child of a large process would be charged with its parent's memory.
    Source: proc_pid_status(5); Linux fs/exec.c, exec_mmap.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource  # not there on Windows, where this function is of no use

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, others kilobytes


def main(argument: str) -> None:
    """Do the job given as JSON and print its report as JSON on standard output."""
    job = Job.model_validate_json(argument)
    with contextlib.redirect_stdout(sys.stderr):
        report = perform(job)
    sys.stdout.write(report.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
