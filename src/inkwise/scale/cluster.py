"""Joining a Ray cluster, or starting a Ray of this machine's own."""

import contextlib
import importlib.metadata
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from inkwise.errors import ClusterError
from inkwise.scale.start import EXTRA

LOCAL = "local"
_PATIENCE = 5.0  # seconds; Ray itself would wait for minutes
_EXPECTED = "expected local, auto or the HOST:PORT that `ray start --head` shows"
_LONGEST = 24  # characters of a folder in which Ray can still make its sockets


@contextlib.contextmanager
def cluster(address: str = LOCAL) -> Iterator[None]:
    """Be connected to Ray within the block; what was started for it ends with it, and no file of it is left.

    A process that is connected already, or is itself a task of a cluster, stays in that one.

    Args:
        address: "local" starts a Ray on this machine; "auto" joins the one that this machine belongs to, or
            that $RAY_ADDRESS names; "HOST:PORT" one whose head runs elsewhere. To join a cluster this
            machine must be one of its nodes.
    Raises:
        ClusterError: no cluster answers there, this machine is none of its nodes, or a node has another
            Python, Ray or inkwise.
    """
    if ray.is_initialized():
        yield
        return
    with _started() if address == LOCAL else _joined(address):
        yield


def num_places(kind: str) -> int:
    """Return how many workers the cluster that this process is connected to can hold, by "CPU" or "GPU"."""
    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return int(resources.get(kind, 0))


@contextlib.contextmanager
def _started() -> Iterator[None]:
    # Ray Train would start a process that looks whether a cloud takes the machine away.
    os.environ.setdefault("RAY_TRAIN_ENABLE_PREEMPTION_WATCHER", "0")
    folder = tempfile.mkdtemp(prefix="inkwise-ray-", dir=_short_folder())
    try:
        _connect(LOCAL, include_dashboard=False, _temp_dir=folder)
        try:
            yield
        finally:
            ray.shutdown()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _joined(address: str) -> Iterator[None]:
    if address.startswith("ray://"):
        raise ClusterError(
            f"{address}: the command itself must run on a node of the cluster; {_EXPECTED}, "
            "or hand the command over with: ray job submit"
        )
    address = os.environ.get("RAY_ADDRESS", address) if address == "auto" else address
    if address != "auto":  # else Ray itself finds out which
        _ask_health(address)
    _connect(address)
    try:
        _compare_nodes()
        yield
    finally:
        ray.shutdown()


def _short_folder() -> str | None:
    """Return where to put the folder of a Ray: the path of a socket may have 107 characters at most."""
    return "/tmp" if len(tempfile.gettempdir()) > _LONGEST and Path("/tmp").is_dir() else None


def _connect(address: str, **choices: Any) -> None:
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **choices)
    except Exception as error:  # Ray raises bare ones too
        raise _no_cluster(address, str(error)) from error


def _ask_health(address: str) -> None:
    """Raise ClusterError where no head of a cluster answers, after seconds where Ray takes minutes."""
    try:
        host, colon, port = address.rpartition(":")
        if colon:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, ValueError) as error:
        raise _no_cluster(address, str(error)) from error
    command = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
    waits = {"RAY_py_gcs_connect_timeout_s": f"{_PATIENCE:.0f}", "RAY_gcs_rpc_server_connect_timeout_s": "1"}
    done = subprocess.run(command, env=os.environ | waits, capture_output=True, text=True)
    if done.returncode:
        # The last line of a traceback, or what follows a line that says what differs.
        raise _no_cluster(address, done.stderr.rpartition("\nTraceback")[2].rpartition("Error: ")[2])


def _no_cluster(address: str, reason: str) -> ClusterError:
    if "RAY_AUTH_TOKEN" in reason:
        return ClusterError(
            f"the Ray cluster at {address} wants its token; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN_PATH "
            "to a file with what `ray get-auth-token` shows on its head"
        )
    return ClusterError(
        f"no Ray cluster can be joined at {address} ({' '.join(reason.split())}); {_EXPECTED}"
    )


def _compare_nodes() -> None:
    """Raise ClusterError where a node lacks inkwise or has another; Ray itself compares Python and Ray."""
    expected = importlib.metadata.version("inkwise")
    # A function of Python's own: one of inkwise could not even be named on a node without it.
    ask = ray.remote(num_cpus=0)(importlib.metadata.version)
    asked = {
        node["NodeManagerAddress"]: ask.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote("inkwise")
        for node in ray.nodes()  # type: ignore[no-untyped-call]
        if node["Alive"]
    }
    for place, answer in sorted(asked.items()):
        try:
            found = f"inkwise {ray.get(answer)}"
        except importlib.metadata.PackageNotFoundError:
            found = "no inkwise"
        except RayError:  # the node died meanwhile, and the work goes on without it
            continue
        if found != f"inkwise {expected}":
            raise ClusterError(
                f"{place}, a node of the cluster, has {found}, expected {expected} as here; "
                f"run there, in the Python that runs its `ray start`: {EXTRA.replace(']', f']=={expected}')}"
            )
