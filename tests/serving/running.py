"""A server in a process of its own, as a person starts it."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

_START_SECONDS = 90.0
_TOLD = re.compile(r"listening at (http://\S+):(\d+)/")


@dataclass
class Running:
    """A process that listens.

    Attributes:
        process: of `inkwise serve`.
        port: at which it listens, on 127.0.0.1.
        said: its lines on standard error until it listened.
    """

    process: subprocess.Popen[str]
    port: int
    said: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """Return a plain connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Return its exit code and what it still said on standard error."""
        self.process.send_signal(with_signal)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextlib.contextmanager
def running(*arguments: str, **environment: str) -> Iterator[Running]:
    """Start `inkwise serve ARGUMENTS` at a free port and give it to the block once it listens."""
    command = [sys.executable, "-m", "inkwise", "serve", *arguments, "--port", "0"]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        said, port = _wait(process)
        yield Running(process, port, said)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def _wait(process: subprocess.Popen[str]) -> tuple[str, int]:
    said, end = "", time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if select.select([process.stderr], [], [], 0.1)[0]:
            line = process.stderr.readline()
            said += line
            if found := _TOLD.search(line):
                return said, int(found[2])
            if not line:
                break
    raise AssertionError(f"did not listen: {said}")


def request(method: str, path: str, *, body: bytes = b"", headers: str = "") -> bytes:
    """Return a request as it goes over a connection."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def receive_all(connection: socket.socket) -> bytes:
    """Return all that arrives until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)
