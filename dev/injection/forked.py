"""Lives that come from a process which has imported everything: the same, without the seconds of imports."""

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from typing import Any

from dev.injection.life import THREADS, Life

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["dev.injection.imported"])
_POLL_SECONDS = 0.005


class ForkedLife(Life):
    """A life as of Life, forked; signals reach it alone."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.stage, self.done, self.begun = "start", 0.0, time.monotonic()
        self.ages: dict[str, float] = {}
        self.told = tempfile.NamedTemporaryFile("r")  # noqa: SIM115  closed in _listen()
        self.said = tempfile.NamedTemporaryFile("r")  # noqa: SIM115  closed in end()
        forked = _SERVER.Process(target=_lead, args=(asked, self.told.name, self.said.name))
        os.environ |= THREADS
        forked.start()
        self.process = _AsPopen(forked)
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()

    def _listen(self) -> None:
        with self.told as told:
            is_over = False
            while not is_over:
                is_over = self.process.poll() is not None
                self._take(iter(told.readline, ""))
                time.sleep(_POLL_SECONDS)


class _AsPopen:
    """A forked process with the face of subprocess.Popen that Life needs."""

    def __init__(self, forked: Any) -> None:
        self.forked, self.pid = forked, forked.pid
        self.asking = threading.Lock()  # of two threads that ask at once one would read the answer away

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        with self.asking:
            return self.forked.exitcode

    def wait(self, timeout: float | None = None) -> None:
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("a forked life", timeout or 0.0)
            time.sleep(_POLL_SECONDS)

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _lead(asked: dict[str, Any], told: str, said: str) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for path, descriptor in ((told, 1), (said, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), descriptor)
    from dev.injection.victim import main

    try:
        status = main(asked)
    except KeyboardInterrupt:
        # As the interpreter ends a program that Ctrl-C interrupts.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    sys.stdout.flush()
    os._exit(status)


@functools.cache
def import_seconds() -> float:
    """Return how long a new process takes for the victim's imports."""
    life = Life({}, module="dev.injection.imported")
    life.end()
    return life.age
