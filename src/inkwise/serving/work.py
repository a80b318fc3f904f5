"""Work that takes a processor: done by a few threads, a bounded number of jobs waiting, none for ever.

ONNX Runtime, Pillow and OpenCV let other threads run while they compute, so the event loop goes on.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from inkwise.serving.problems import ProblemError, busy

_Result = TypeVar("_Result")


class Deadline:
    """When a job has to be done. A thread cannot be stopped: long jobs ask between two steps."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise the problem of a job that takes too long, once it does.

        Raises:
            ProblemError: 422, the time is over.
        """
        if time.monotonic() > self._end:
            raise too_long(self.seconds)


class WorkQueue:
    """A few threads and the jobs that wait for them.

    tell is told how many are at work or wait whenever that changes; one that outlived its request counts
    until it ends.
    """

    def __init__(
        self, *, threads: int, waiting: int, seconds: float, tell: Callable[[int], None] = lambda now: None
    ) -> None:
        self._pool = _pool(threads)
        self._threads, self._waiting, self._seconds = threads, waiting, seconds
        self._lock = threading.Lock()
        self._num_jobs = 0
        self._tell = tell

    async def run(self, job: Callable[[Deadline], _Result]) -> _Result:
        """Return what job returns, run in a thread.

        Raises:
            ProblemError: 429, too many jobs wait, or its turn did not come in time; 422, it took too long.
        """
        if self._num_jobs >= self._threads + self._waiting:
            raise busy(
                f"{self._num_jobs} requests are being worked on, expected fewer; send it again in a second"
            )
        deadline = Deadline(self._seconds)
        self._count(1)
        future = self._pool.submit(job, deadline)
        future.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(asyncio.wrap_future(future))
        except TimeoutError:
            if future.cancel():
                raise busy(
                    f"its turn did not come within {self._seconds:g} seconds; send it again later", seconds=5
                ) from None
            raise too_long(self._seconds) from None
        except asyncio.CancelledError:
            future.cancel()
            raise

    def _ended(self, _: object) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        with self._lock:
            self._num_jobs += more
            self._tell(self._num_jobs)

    def close(self) -> None:
        """Let go of the threads; what waits is dropped, what is at work ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = _pool(self._threads)  # an application may be started again; threads start when needed


def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="inkwise-work")


def too_long(seconds: float) -> ProblemError:
    """Return the problem of a request that took longer than seconds."""
    return ProblemError(
        422, f"takes longer than {seconds:g} seconds; send fewer or smaller pictures a request"
    )
