"""A training by the processes that torchrun started: the first is the command, the others follow it.

torchrun runs the same command in every process. The first reads the data, writes the run folder and
speaks; the others take from it what it has read, and learn their rows.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset
from inkwise.errors import InterruptedTrainingError, RecipeError, TrainingError
from inkwise.recipes.recipe import Recipe
from inkwise.runs.framework import Framework
from inkwise.runs.run import Run
from inkwise.training.parallel.group import Group
from inkwise.training.session import prepare_session

_SET_BY_TORCHRUN = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")

# What the first process tells the others: prepare_session's arguments, and those by name; None for no work.
_Task = tuple[tuple[Any, ...], dict[str, Any] | None]


def torchrun_size(environment: Mapping[str, str] = os.environ) -> int:
    """Return how many processes torchrun started; 1 without it.

    >>> torchrun_size({})
    1
    """
    if not all(name in environment for name in _SET_BY_TORCHRUN):
        return 1
    return int(environment["WORLD_SIZE"])


def is_follower(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether this process is one of torchrun's, and not the first: it prints and writes nothing."""
    return torchrun_size(environment) > 1 and environment["RANK"] != "0"


@dataclass(frozen=True)
class LeadingSession:
    """A training of the first process, which the others follow; trains as a Session does.

    Attributes:
        options: what prepare_session takes by name.
    """

    run: Run
    recipe: Recipe
    dataset: Dataset
    options: dict[str, Any]

    def train(self) -> Classifier:
        """Train to the end with those that follow, and return the classifier.

        Raises:
            InkwiseError: as Session.train.
            TrainingError: another process was lost.
        """
        # What the others need to know; whom to tell of progress is not among it.
        shared = {name: value for name, value in self.options.items() if name != "on_progress"}
        arguments = (self.run, self.recipe, training_part(self.dataset))
        with _joined(self.options["device"]) as group:
            group.from_first(lambda: (arguments, shared))
            return prepare_session(*arguments, **self.options, group=group).train()


def prepare_leading(run: Run, recipe: Recipe, dataset: Dataset, **options: Any) -> LeadingSession:
    """Return the session of torchrun's first process; arguments as of prepare_session."""
    return LeadingSession(run, recipe, dataset, options)


def follow(device: str) -> Run:
    """Train as one of torchrun's processes that are not the first, and return the run, which that one writes.

    Raises:
        TrainingError: another process was lost, or there is no accelerator for this one.
    """
    with _joined(device) as group:
        task: _Task = group.from_first(lambda: ((), None))
        arguments, options = task
        run: Run = arguments[0]
        # Where the training of all is stopped, the first says it.
        with contextlib.suppress(InterruptedTrainingError):
            if options is not None:
                prepare_session(*arguments, **options, group=group).train()
    return run


def dismiss(run: Run, device: str) -> None:
    """Tell those that follow, if any, that there is nothing to train in run."""
    if torchrun_size() > 1:
        with _joined(device) as group:
            group.from_first(lambda: ((run,), None))


def check_workers(workers: int | None, recipe: Recipe, *, on_ray: bool, framework: Framework) -> int:
    """Return by how many workers to train.

    Args:
        workers: what was asked for, if anything was.
    Raises:
        RecipeError: they cannot train this recipe, or others are there already.
    """
    started, wanted = torchrun_size(), 1 if workers is None else workers
    if started > 1 and (workers is not None or on_ray):
        raise RecipeError(
            f"torchrun has started {started} processes, which train together; leave out --workers and --ray, "
            "or start without torchrun"
        )
    total = max(started, wanted)
    if wanted < 1:
        raise RecipeError(f"workers must be 1 or more, got {wanted}")
    if framework != "torch" and (total > 1 or on_ray):
        raise RecipeError(
            f"{total} workers train in torch, got the framework {framework!r}; leave out --framework, "
            "or train it in this process alone"
        )
    if recipe.training.batch_size < total:
        raise RecipeError(
            f"a batch of {recipe.training.batch_size} cannot be shared by {total} workers; "
            "take fewer workers, or set batch_size higher"
        )
    return total


def training_part(dataset: Dataset) -> Dataset:
    """Return dataset with one test image, which a Dataset must have: who only trains is sent no more."""
    return Dataset(dataset.name, dataset.classes, dataset.train, dataset.test.take(torch.arange(1).numpy()))


@contextlib.contextmanager
def _joined(device: str) -> Iterator[Group]:
    place, size = int(os.environ["LOCAL_RANK"]), int(os.environ["LOCAL_WORLD_SIZE"])
    has_cuda = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
    if has_cuda:
        if size > torch.cuda.device_count():
            raise TrainingError(
                f"torchrun started {size} processes on this machine, which has {torch.cuda.device_count()} "
                "CUDA devices; give it --nproc-per-node of those, or take --device cpu"
            )
        torch.cuda.set_device(place)
    # Small answers go between the processors; gradients between the accelerators, where there are some.
    dist.init_process_group("cpu:gloo,cuda:nccl" if has_cuda else "gloo")
    try:
        yield Group(dist.get_rank(), dist.get_world_size(), size)
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise  # out of memory, say: gloo has no class of its own
        raise TrainingError(
            f"another process of this training was lost ({str(error).splitlines()[0]}); "
            "go on from what was saved last with --resume"
        ) from error
    finally:
        dist.destroy_process_group()
