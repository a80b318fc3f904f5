"""Two processes that train together, kept for all tests of a module: starting them takes seconds."""

import multiprocessing
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.distributed as dist

from inkwise.training.parallel.group import Group

Run = Callable[..., list[Any]]


@contextmanager
def processes(size: int = 2) -> Iterator[Run]:
    """Give run(function, *arguments): it calls function(group, *arguments) in all, and returns the results.

    Args:
        size: how many; function can be imported by its name.
    """
    port = free_port()
    with ExitStack() as stack:
        pools = [
            stack.enter_context(
                ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), initializer=_join, initargs=(rank, size, port)
                )
            )
            for rank in range(size)
        ]

        def run(function: Callable[..., Any], *arguments: Any) -> list[Any]:
            futures = [
                pool.submit(function, Group(rank, size, size), *arguments) for rank, pool in enumerate(pools)
            ]
            return [future.result(timeout=120) for future in futures]

        yield run


def free_port() -> int:
    """Return a port of this machine at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _join(rank: int, size: int, port: int) -> None:
    torch.set_num_threads(1)
    address = f"tcp://127.0.0.1:{port}"
    dist.init_process_group("gloo", init_method=address, rank=rank, world_size=size)
