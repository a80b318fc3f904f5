"""Where to compute, and in what precision: found out on the machine at hand, and reported."""

import contextlib
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from inkwise.classifier import memory_layout
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.originals.stored import cache_root
from inkwise.errors import OutputError, RecipeError, RunError
from inkwise.files import write_atomically
from inkwise.recipes.recipe import Recipe
from inkwise.runs.environment import describe_environment, device_name
from inkwise.runs.run import Run
from inkwise.training.losses import build_loss
from inkwise.training.optimizers import build_optimizer
from inkwise.training.parallel.group import Group
from inkwise.training.step import TextbookStep
from inkwise.training.unrolled import can_unroll

AUTOCAST = {"float32": None, "bfloat16": torch.bfloat16}
OF_PROVENANCE = ("inkwise", "commit", "torch", "processor", "precision")
_SETTLED = ("device", "precision", "step", "training_threads", *OF_PROVENANCE)


def choose_device(name: str) -> torch.device:
    """Return the device by name; "auto" takes CUDA, then Apple's MPS, then the processor.

    Raises:
        RecipeError: the name is not a device, or the machine has none of it.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if available[kind]))
    kind = name.split(":")[0]
    if kind not in available:
        raise RecipeError(f"unknown device {name!r}; expected auto, cpu, cuda or mps")
    if not available[kind]:
        raise RecipeError(
            f"device {name!r} was asked for, but PyTorch finds none on this machine; take --device cpu"
        )
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise RecipeError(f"unknown device {name!r}; expected auto, cpu, cuda or mps") from error
    if kind == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise RecipeError(
            f"device {name!r}: this machine has {torch.cuda.device_count()}; take --device cuda"
        )
    return device


def choose_precision(recipe: Recipe, network: nn.Module, device: torch.device) -> str:
    """Return "float32" or "bfloat16": the recipe's, or with "auto" the faster of the two on this machine.

    "auto" times a few steps of this network in each (about 0.2 s on a processor) and keeps the answer in the
    cache, so it is measured once a machine and network.
    """
    if recipe.training.precision != "auto":
        return recipe.training.precision
    path = cache_root() / "precision.json"
    training = recipe.training
    key = "|".join(
        (
            f"{recipe.network.architecture} {recipe.network.options}",
            f"{training.loss} {training.optimizer} {training.batch_size}",
            device_name(device),
            str(torch.get_num_threads()),
            torch.__version__,
        )
    )
    known = _read_cache(path)
    if key not in known:
        # fork_rng: dropout in the trial must not move the random state that training is about to use.
        with torch.random.fork_rng():
            seconds = {name: _seconds_of_steps(recipe, network, device, precision=name) for name in AUTOCAST}
        known[key] = min(seconds, key=lambda name: seconds[name])
        # A cache that cannot be written costs another 0.2 s next time, nothing else.
        with contextlib.suppress(OutputError):
            write_atomically(path, json.dumps(known, indent=2) + "\n")
    return known[key]


def _read_cache(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text())
        return {key: value for key, value in known.items() if value in AUTOCAST}
    except (OSError, ValueError, AttributeError):
        return {}


def _seconds_of_steps(recipe: Recipe, network: nn.Module, device: torch.device, *, precision: str) -> float:
    trial = copy.deepcopy(network).to(device).train()
    step = TextbookStep(
        trial,
        build_loss(recipe.training.loss),
        build_optimizer(trial, recipe.training),
        autocast=AUTOCAST[precision],
    )
    size = recipe.training.batch_size
    images = torch.zeros(size, 1, IMAGE_SIZE, IMAGE_SIZE, device=device).to(
        memory_format=memory_layout(trial)
    )
    labels = torch.zeros(size, dtype=torch.int64, device=device)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        loss, _ = step(images, labels)
        loss.item()  # Waits until an accelerator has finished.
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def settle_environment(
    run: Run, recipe: Recipe, network: nn.Module, *, device: torch.device, group: Group
) -> dict[str, Any]:
    """Return environment.json, written if it is not there: a resumed run keeps the arithmetic it began in.

    What hangs on the number of processes follows it, where a run goes on with another number.

    Args:
        recipe: with the batch size that is trained with.
    Raises:
        RunError: the file was altered, or the run began on another device.
    """
    if not run.environment_path.is_file():
        environment = {
            **describe_environment(device),
            "framework": "torch",
            "precision": choose_precision(recipe, network, device),
            "batch_size": recipe.training.batch_size,
        }
        _write_workers(run, environment, recipe, network=network, device=device, group=group)
    environment = run.environment
    for key in _SETTLED:
        if key not in environment:
            raise RunError(
                f"{run.environment_path}: {key!r} is missing; the file was altered, take it out to go on"
            )
    is_of_torch = environment.get("framework", "torch") == "torch"
    if is_of_torch and torch.device(environment["device"]).type != device.type:
        raise RunError(
            f"{run.path}: begun on {environment['device']}, which cannot go on to the same bits on {device}; "
            f"add --device {environment['device']}"
        )
    if environment.get("workers", 1) != group.size:
        _write_workers(run, environment, recipe, network=network, device=device, group=group)
    environment = run.environment
    if "batch_size" not in environment:  # begun by TensorFlow, or before this was written
        environment["batch_size"] = recipe.training.batch_size
        write_atomically(run.environment_path, json.dumps(environment, indent=2) + "\n")
    return environment


def _write_workers(
    run: Run, environment: dict[str, Any], recipe: Recipe, *,
    network: nn.Module, device: torch.device, group: Group,
) -> None:  # fmt: skip
    """Write environment.json with how many processes train, by which step, in how many threads each."""
    is_alone = group.size == 1
    is_unrolled = is_alone and can_unroll(network, recipe, device=device, precision=environment["precision"])
    # The matrices of an unrolled step are too small to gain from a second thread.
    threads = 1 if is_unrolled else torch.get_num_threads()
    document = {
        **environment,
        "step": "unrolled" if is_unrolled else "textbook",
        "training_threads": threads if is_alone else group.threads,
        "workers": group.size,
    }
    write_atomically(run.environment_path, json.dumps(document, indent=2) + "\n")


@contextlib.contextmanager
def thread_count(threads: int) -> Iterator[None]:
    """Let PyTorch use so many threads within the block; one alone takes numbers below 1e-38 for 0.

    The momentum of a unit that is dead shrinks to such denormal numbers and stays there, and a processor is
    many times slower with them. The mode belongs to a thread, so with several threads it is left as it is.
    """
    before, flushed = torch.get_num_threads(), _flushes_denormals()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(flushed or threads == 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        torch.set_flush_denormal(flushed)


def _flushes_denormals() -> bool:
    return bool(torch.tensor(1e-40) * 1 == 0)
