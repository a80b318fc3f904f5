"""Joining the processes of a training that somebody else has started: torchrun, or Ray for inkwise.scale."""

import contextlib
import os
from collections.abc import Iterator, Mapping

import torch
import torch.distributed as dist

from inkwise.errors import TrainingError
from inkwise.training.parallel.group import ALONE, Group

_NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


def started_by_torchrun(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether torchrun, or what sets the same variables, started this process as one of several."""
    return all(name in environment for name in _NEEDED) and environment["WORLD_SIZE"] != "1"


@contextlib.contextmanager
def joined(device: str) -> Iterator[Group]:
    """Be one of torchrun's processes within the block; without torchrun, alone.

    Args:
        device: as of train: on CUDA each process takes the accelerator of its own number.
    Raises:
        TrainingError: there are more processes than accelerators, or one of them was lost.
    """
    if not started_by_torchrun():
        yield ALONE
        return
    has_cuda = device.startswith("cuda") or (device == "auto" and torch.cuda.is_available())
    if has_cuda:
        _take_accelerator(int(os.environ["LOCAL_RANK"]))
    # Small answers go between the processors; gradients between the accelerators, where there are some.
    dist.init_process_group("cpu:gloo,cuda:nccl" if has_cuda else "gloo")
    try:
        yield group_of_processes()
    except RuntimeError as error:
        raise TrainingError(
            f"another process of this training was lost ({str(error).splitlines()[0]}); "
            "what was saved last is in the run folder, go on with --resume"
        ) from error
    finally:
        dist.destroy_process_group()


def group_of_processes() -> Group:
    """Return the group that this process has joined."""
    local_size = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return Group(dist.get_rank(), dist.get_world_size(), local_size)


def _take_accelerator(number: int) -> None:
    if number >= torch.cuda.device_count():
        raise TrainingError(
            f"process {number + 1} of this machine finds {torch.cuda.device_count()} CUDA devices, "
            "expected one each; start fewer processes, or take --device cpu"
        )
    torch.cuda.set_device(number)
