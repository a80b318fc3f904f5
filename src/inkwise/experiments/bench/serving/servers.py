"""The two servers of the bench, each a real process at a free port of this machine."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Literal

from inkwise.errors import RunError

Side = Literal["usual", "inkwise"]
_START_SECONDS = 60.0  # until it is given up
_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.005  # between two tries to connect


@dataclass(frozen=True)
class Server:
    """One that answers.

    Attributes:
        side: "usual" or "inkwise".
        port: at 127.0.0.1.
        pid: of its process.
        start_seconds: from the start of its process to the whole of its first answer.
    """

    side: Side
    port: int
    pid: int
    start_seconds: float


@contextmanager
def serving(side: Side, run: str, first: tuple[bytes, bytes]) -> Iterator[Server]:
    """Start a server, wait for its first answer, stop it when the block ends.

    Args:
        side: which.
        run: the classifier it serves.
        first: Content-Type and body of a POST /predict.
    Raises:
        RunError: it does not start, or refuses the first request.
    """
    port = _free_port()
    with tempfile.TemporaryFile("w+b") as said:
        began = time.perf_counter()
        process = subprocess.Popen(_command(side, run, port), stdout=said, stderr=said, env=os.environ)
        try:
            _wait_for_answer(process, port, first, said=said)
            yield Server(side, port, process.pid, time.perf_counter() - began)
        finally:
            _stop(process)


def _command(side: Side, run: str, port: int) -> list[str]:
    if side == "usual":
        return [sys.executable, "-m", "inkwise.experiments.bench.serving.usual", run, str(port)]
    return [sys.executable, "-m", "inkwise", "serve", run, "--port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for_answer(
    process: subprocess.Popen[bytes], port: int, first: tuple[bytes, bytes], *, said: IO[bytes]
) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RunError(
                f"bench serving: the server ended with {process.returncode}, expected it to answer; "
                f"it said: {_last_line(said)}"
            )
        try:
            status, body = _ask(port, first)
        except (ConnectionError, TimeoutError):
            time.sleep(_LOOK_SECONDS)
            continue
        if status != 200:
            raise RunError(f"bench serving: the first answer is {status} {body[:200]!r}, expected 200")
        return
    raise RunError(f"bench serving: no answer within {_START_SECONDS:g} s; it said: {_last_line(said)}")


def _ask(port: int, first: tuple[bytes, bytes]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_SECONDS)
    try:
        content_type, body = first
        connection.request("POST", "/predict", body, {"Content-Type": content_type.decode()})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _last_line(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
