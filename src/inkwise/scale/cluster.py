"""Joining a Ray cluster, or starting a Ray of this machine's own."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterator

import ray

from inkwise.errors import ClusterError

LOCAL = "local"
_PATIENCE = 5.0  # seconds; Ray itself would wait for minutes


@contextlib.contextmanager
def cluster(address: str = LOCAL) -> Iterator[None]:
    """Be connected to Ray within the block; what was started for it ends with it.

    A process that is connected already, or is itself a task of a cluster, stays in that one.

    Args:
        address: "local" starts a Ray on this machine; "auto" joins the one that this machine belongs to;
            "HOST:PORT" one that runs elsewhere.
    Raises:
        ClusterError: no cluster answers there.
    """
    if ray.is_initialized():
        yield
        return
    try:
        _knock(address)
        ray.init(
            address=address, include_dashboard=False if address == LOCAL else None, log_to_driver=False,
            logging_level=logging.ERROR,
            num_cpus=os.cpu_count() if address == LOCAL else None,
        )  # fmt: skip
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ClusterError(
            f"no Ray cluster answers at {address} ({reason}); "
            "expected local, auto or the HOST:PORT that `ray start --head` shows"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raise OSError where nothing listens at HOST:PORT."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
