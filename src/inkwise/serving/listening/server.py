"""One process or several that listen at an address until they are told to stop."""

import contextlib
import errno
import logging
import os
import signal
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import cv2
import uvicorn
from PIL import Image
from uvicorn.supervisors.multiprocess import Multiprocess

from inkwise.errors import ServingError
from inkwise.serving.application import create_app
from inkwise.serving.classifiers import open_all
from inkwise.serving.front import Front
from inkwise.serving.listening.memory import give_memory_back
from inkwise.serving.listening.protocol import BoundedProtocol
from inkwise.serving.metrics import SHARED_FOLDER, forget_worker
from inkwise.serving.settings import Settings

_STOP_SECONDS = 15  # in which running requests may end
_READY_SECONDS = 60.0

OnReady = Callable[[str], None]


def serve(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    on_ready: OnReady = lambda address: None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; requests at work then end, new ones are refused.

    Args:
        settings: what is served.
        host: name or address to listen at.
        port: 0 takes a free one.
        workers: processes; each has its own copy of the classifiers and its own limits.
        on_ready: told the address, once requests are answered.
    Raises:
        CheckpointError: a classifier cannot be read.
        ServingError: the address cannot be listened at.
    """
    listening = open_socket(host, port)
    with listening:
        address = _address(listening)
        if workers == 1:
            _run_here(settings, listening, partial(on_ready, address))
        else:
            open_all(settings.runs)  # what is wrong with one is said here, once
            _run_workers(settings, listening, workers=workers, on_ready=partial(on_ready, address))


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address.

    Raises:
        ServingError: there is no such address here, the port is taken or not allowed.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise ServingError(
            f"--host {host}: no such name or address; expected 127.0.0.1, 0.0.0.0 or a name of this machine"
        ) from None
    listening = socket.socket(family, kind)
    if os.name == "posix":  # elsewhere it would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise ServingError(_why_not(error, host, port)) from None
    listening.set_inheritable(True)
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop the other program or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} on {host} is not allowed; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host}: not an address of this machine; expected 127.0.0.1, 0.0.0.0 or one it has"
    return f"cannot listen at {host}, port {port}: {error.strerror}; choose others with --host and --port"


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _config(app: Any, *, workers: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=True,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        workers=workers,
        timeout_graceful_shutdown=_STOP_SECONDS,
        timeout_worker_healthcheck=30,  # a busy machine is no dead worker
    )


def _open_app(settings: Settings) -> Front:
    """Return the application in a process made ready for it.

    Pillow refuses what is over the limit inside its formats too: it warns above its own, and refuses above
    twice of it. OpenCV keeps to one thread: those that read pictures would wait for one another's.
    """
    give_memory_back()
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it would log each damaged form
    cv2.setNumThreads(1)
    Image.MAX_IMAGE_PIXELS = settings.limits.pixels // 2
    warnings.filterwarnings("ignore", module="PIL")
    return create_app(settings)


def _run_here(settings: Settings, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    app = _open_app(settings)
    server = _Server(_config(lambda: app, workers=1))
    server.on_ready = on_ready
    server.run([listening])


def _run_workers(
    settings: Settings, listening: socket.socket, *, workers: int, on_ready: Callable[[], None]
) -> None:
    with tempfile.TemporaryDirectory(prefix="inkwise-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder  # the workers are started with it
        try:
            supervisor = _Supervisor(_config(partial(_open_app, settings), workers=workers), [listening])
            supervisor.on_ready = on_ready
            supervisor.run()
        finally:
            del os.environ[SHARED_FOLDER]


class _Supervisor(Multiprocess):
    """uvicorn's, which says when its workers are ready. One that dies is replaced."""

    on_ready: Callable[[], None]
    _alive: frozenset[int | None] = frozenset()

    def init_processes(self) -> None:
        super().init_processes()
        self._alive = frozenset(process.pid for process in self.processes)
        if all(process.wait_until_ready(_READY_SECONDS, self.should_exit) for process in self.processes):
            self.on_ready()

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        before, self._alive = self._alive, frozenset(process.pid for process in self.processes)
        for gone in before - self._alive:  # also by a signal that starts all of them anew
            if gone is not None:
                forget_worker(gone)


class _Server(uvicorn.Server):
    """uvicorn's, which says when it is ready and counts a signal to stop as success."""

    on_ready: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        stops = (signal.SIGINT, signal.SIGTERM)
        before = {stop: signal.signal(stop, self.handle_exit) for stop in stops}
        try:
            yield
        finally:
            for stop, usual in before.items():
                signal.signal(stop, usual)
