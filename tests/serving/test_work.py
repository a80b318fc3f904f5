"""A bounded number of jobs wait, none for ever."""

import asyncio
import threading
import time

import pytest

from inkwise.serving.problems import ProblemError
from inkwise.serving.work import Deadline, WorkQueue


def test_job_is_done_in_a_thread() -> None:
    told: list[int] = []
    queue = WorkQueue(threads=1, waiting=0, seconds=5, tell=told.append)
    assert asyncio.run(queue.run(lambda deadline: threading.current_thread().name)).startswith("inkwise-work")
    assert told == [1, 0]


def test_jobs_beyond_the_queue_are_refused() -> None:
    """One at work, one waiting, the third is told when to come again; then there is room again."""
    told, release = list[int](), threading.Event()
    queue = WorkQueue(threads=1, waiting=1, seconds=20, tell=told.append)

    async def crowd() -> list:
        jobs = [asyncio.ensure_future(queue.run(lambda deadline: release.wait(10))) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert told == [1, 2]
        release.set()
        return await asyncio.gather(*jobs, return_exceptions=True)

    first, second, third = asyncio.run(crowd())
    assert (first, second) == (True, True)
    assert (third.status, third.headers) == (429, {"Retry-After": "1"})
    assert third.detail == "2 requests are being worked on, expected fewer; send it again in a second"
    assert asyncio.run(queue.run(lambda deadline: "room")) == "room"


def test_job_that_takes_too_long_is_given_up_and_still_counted() -> None:
    told, release = list[int](), threading.Event()
    queue = WorkQueue(threads=1, waiting=1, seconds=0.1, tell=told.append)
    with pytest.raises(ProblemError, match=r"takes longer than 0.1 seconds; send fewer or smaller") as caught:
        asyncio.run(queue.run(lambda deadline: release.wait(10)))
    assert caught.value.status == 422
    assert told == [1]  # its thread is still taken
    release.set()
    end = time.monotonic() + 5
    while told[-1] and time.monotonic() < end:
        time.sleep(0.01)
    assert told == [1, 0]


def test_job_whose_turn_does_not_come_is_to_come_again() -> None:
    queue, release = WorkQueue(threads=1, waiting=1, seconds=0.1), threading.Event()

    async def both() -> list:
        jobs = [asyncio.ensure_future(queue.run(lambda deadline: release.wait(10))) for _ in range(2)]
        return await asyncio.gather(*jobs, return_exceptions=True)

    _, second = asyncio.run(both())
    release.set()
    assert (second.status, second.headers) == (429, {"Retry-After": "5"})
    assert second.detail == "its turn did not come within 0.1 seconds; send it again later"


def test_job_whose_request_is_gone_gives_up_its_turn() -> None:
    told, release, done = list[int](), threading.Event(), list[str]()
    queue = WorkQueue(threads=1, waiting=1, seconds=20, tell=told.append)

    async def leave() -> None:
        at_work = asyncio.ensure_future(queue.run(lambda deadline: release.wait(10)))
        waiting = asyncio.ensure_future(queue.run(lambda deadline: done.append("waiting")))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert told == [1, 2, 1]
        release.set()
        await at_work
        await queue.run(lambda deadline: done.append("next"))

    asyncio.run(leave())
    assert done == ["next"]


def test_every_change_of_the_depth_is_told() -> None:
    told: list[int] = []
    queue = WorkQueue(threads=1, waiting=0, seconds=5, tell=told.append)
    asyncio.run(queue.run(lambda deadline: told.append(7)))
    assert told == [1, 7, 0]


def test_error_of_a_job_reaches_who_asked() -> None:
    def fail(deadline: Deadline) -> None:
        raise ProblemError(413, "too much")

    queue = WorkQueue(threads=1, waiting=0, seconds=5)
    with pytest.raises(ProblemError, match="too much"):
        asyncio.run(queue.run(fail))


def test_deadline_is_said_once_it_is_over() -> None:
    Deadline(10).check()
    with pytest.raises(ProblemError, match="takes longer than 0 seconds"):
        Deadline(0).check()
