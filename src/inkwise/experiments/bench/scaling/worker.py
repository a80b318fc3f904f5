"""One size of `inkwise bench scaling` in a process of its own: `python -m ...scaling.worker JOB`.

JOB is a Job as JSON; the Report comes back as JSON on standard output, all else goes to standard error.
"""

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from inkwise.experiments.bench.scaling.copies import open_copies
from inkwise.experiments.bench.scaling.memory import private_bytes, watch_memory
from inkwise.experiments.bench.worker import peak_memory_bytes

Task = Literal["train", "predict", "in order", "shuffled"]
RECIPE = "quick"
PART = 10_000  # images asked about at a time, of whose answers only the labels are kept
STRETCH = 2048  # images read at a time, as a training does


class Job(BaseModel):
    """What one process has to do.

    Attributes:
        task: "train": an epoch of quick, evaluated on MNIST's test part; "predict": a label for every image
            by its network, untrained; "in order", "shuffled": every image is read once and nothing else.
        images: the .npy file.
        data: the set whose classes, labels and test part go with it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    task: Task
    images: Path
    data: str
    num_images: int


class Report(BaseModel):
    """What one process measured.

    Attributes:
        seconds: wall time, Python imports and the opening of the file left out.
        cpu_seconds: of all threads.
        private_bytes_before: anonymous memory when the clock started.
        private_bytes: the most of it meanwhile.
        resident_bytes: the most physical memory, the pages of the mapped file included.
        precision: of a training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    seconds: float
    cpu_seconds: float
    private_bytes_before: int
    private_bytes: int
    resident_bytes: int
    num_threads: int
    precision: str | None = None
    environment: dict[str, Any]


def perform(job: Job) -> Report:
    """Return what doing the job in this process measured."""
    import torch

    from inkwise.data.load import load_dataset
    from inkwise.runs.environment import describe_environment

    dataset = open_copies(job.images, of=load_dataset(job.data, fetch=False))
    before = private_bytes()
    start, cpu_start = time.perf_counter(), time.process_time()
    with watch_memory() as peak:
        precision = _PERFORMERS[job.task](dataset, job.images.parent)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    return Report(
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        private_bytes_before=before,
        private_bytes=peak.private_bytes,
        resident_bytes=peak_memory_bytes(),
        num_threads=torch.get_num_threads(),
        precision=precision,
        environment=describe_environment(torch.device("cpu")),
    )


def _train(dataset: Any, folder: Path) -> str:
    from inkwise.experiments.train import train

    # Beside the images, so that a killed worker's run is removed with them.
    with tempfile.TemporaryDirectory(dir=folder) as out:
        run = train(RECIPE, data=dataset, epochs=1, device="cpu", out=Path(out) / "run", report=False)
        return str(run.environment["precision"])


def _predict(dataset: Any, folder: Path) -> None:
    import torch

    from inkwise.classifier import Classifier
    from inkwise.classifier_file import FORMAT, Header
    from inkwise.networks.build import build_first_network
    from inkwise.preprocessing import Preprocessing
    from inkwise.recipes.load import load_recipe

    network = load_recipe(RECIPE).network
    header = Header(
        format=FORMAT, network=network.architecture, network_options={}, output=network.output,
        preprocessing=Preprocessing(), classes=list(dataset.classes), recipe={}, metrics={}, provenance={},
    )  # fmt: skip
    classifier = Classifier(build_first_network(network.architecture, seed=0), header)
    images = dataset.train.images
    labels = np.empty(len(images), np.uint8)
    for start in range(0, len(images), PART):
        probabilities = classifier.log_probabilities(images[start : start + PART])
        labels[start : start + PART] = probabilities.argmax(dim=1).to(torch.uint8).numpy()


def _read(dataset: Any, folder: Path, *, is_shuffled: bool) -> None:
    import torch

    from inkwise.preprocessing import as_image_tensor

    images = as_image_tensor(dataset.train.images)
    order = torch.randperm(len(images)) if is_shuffled else torch.arange(len(images))
    for part in order.split(STRETCH):
        images[part]


_PERFORMERS: dict[Task, Callable[[Any, Path], str | None]] = {
    "train": _train,
    "predict": _predict,
    "in order": partial(_read, is_shuffled=False),
    "shuffled": partial(_read, is_shuffled=True),
}


def main(argument: str) -> None:
    """Do the job given as JSON and print its report as JSON on standard output."""
    job = Job.model_validate_json(argument)
    with contextlib.redirect_stdout(sys.stderr):
        report = perform(job)
    sys.stdout.write(report.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
