"""The client against a small server in this process, whose delays and mistakes are known."""

import asyncio
import itertools
import json
import os
import time
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.experiments.bench.serving.conftest import Answer, answering, http

from inkwise.experiments.bench.serving.asking.client import Job, Report, measure, processor_seconds
from inkwise.experiments.bench.serving.asking.connection import Connection
from inkwise.experiments.bench.serving.asking.load import TimedLoad
from inkwise.experiments.bench.serving.asking.requests import KINDS, Request, build_requests

Files = tuple[Path, Path]


def labels_by_pixels(files: Files) -> dict[bytes, int]:
    arrays = load_file(files[1])
    return {
        image.tobytes(): int(label) for image, label in zip(arrays["images"], arrays["labels"], strict=True)
    }


def right(files: Files) -> Answer:
    known = labels_by_pixels(files)

    async def answer(body: bytes) -> bytes:
        images = [body[start : start + 784] for start in range(0, len(body), 784)]
        return http(json.dumps([{"label": known[image]} for image in images]).encode())

    return answer


def asked(
    port: int,
    files: Files,
    *,
    kind: Literal["raw", "many-json"] = "raw",
    connections: int = 3,
    rate: float | None = None,
    seconds: float = 0.3,
) -> Report:
    return measure(
        Job(
            kind=kind,
            port=port,
            server_pid=os.getpid(),
            images_file=str(files[1]),
            connections=connections,
            seconds=seconds,
            rate=rate,
        )
    )


def test_right_answers_are_counted(bench_files: Files) -> None:
    with answering(right(bench_files)) as port:
        report = asked(port, bench_files)
    assert report.num_requests > 3
    assert report.requests_per_second == report.images_per_second == report.num_requests / 0.3
    assert 0 < report.p50_seconds <= report.p99_seconds <= report.max_seconds
    assert report.client_share > 0


def test_many_images_count_by_the_image(bench_files: Files) -> None:
    with answering(right(bench_files)) as port:
        report = asked(port, bench_files, kind="many-json", connections=1)
    assert report.images_per_second == 1000 * report.requests_per_second


def test_wrong_label_is_found_among_right_ones(bench_files: Files) -> None:
    answer, numbers = right(bench_files), itertools.count()

    async def wrong_at_last(body: bytes) -> bytes:
        return http(b'{"label":99}') if next(numbers) == 20 else await answer(body)

    with (
        answering(wrong_at_last) as port,
        pytest.raises(ConnectionError, match=r"200 b'{\"label\":99}', expected 200"),
    ):
        asked(port, bench_files)


def test_refusal_is_found(bench_files: Files) -> None:
    """With the right labels in it, so that its status alone is what is wrong."""
    answer = right(bench_files)

    async def refuse(body: bytes) -> bytes:
        return (await answer(body)).replace(b"200", b"429", 1)

    with answering(refuse) as port, pytest.raises(ConnectionError, match=r"the answer is 429 .*expected 200"):
        asked(port, bench_files)


def test_server_that_hangs_up_is_found(bench_files: Files) -> None:
    async def hang_up(body: bytes) -> bytes:
        raise ConnectionError

    with answering(hang_up) as port, pytest.raises(ConnectionError, match="the server hung up"):
        asked(port, bench_files)


def test_answer_without_a_length_is_refused(bench_files: Files) -> None:
    async def endless(body: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    with answering(endless) as port, pytest.raises(ConnectionError, match="no Content-Length"):
        asked(port, bench_files)


def test_fixed_rate_sends_every_request_and_no_more(bench_files: Files) -> None:
    """40 a second for 1 s, after a warm-up of 0.1 s that does not count: 40, whatever the machine does."""
    with answering(right(bench_files)) as port:
        report = asked(port, bench_files, rate=40.0, seconds=1.0)
    assert report.num_requests == 40


def test_server_that_stops_is_charged_with_all_that_was_due(bench_files: Files) -> None:
    """It stops for 0.6 s once, in which 60 requests come due.

    A client that waits for an answer before it sends again would see one slow answer on each connection.
    """
    answer, numbers = right(bench_files), itertools.count()
    pause = asyncio.Lock()

    async def stop_once(body: bytes) -> bytes:
        async with pause:
            if next(numbers) == 30:
                await asyncio.sleep(0.6)
        return await answer(body)

    with answering(stop_once) as port:
        report = asked(port, bench_files, rate=100.0, seconds=1.0, connections=2)
    assert report.num_requests >= 99
    assert report.max_seconds >= 0.59
    assert np.isclose(report.requests_per_second, report.num_requests)
    assert (
        report.p50_seconds >= 0.1
    )  # 60 of 100 waited, on average 0.3 s; with two slow answers it would be 0.001


def test_client_that_stops_charges_itself_too(bench_files: Files) -> None:
    """Its own pause of 0.4 s lets 40 requests come due: each counts from its moment, not from its sending."""
    arrays = load_file(bench_files[1])
    requests = build_requests(KINDS["raw"], arrays["images"], arrays["labels"], port=0)
    numbers = itertools.count()

    def pause_once(request: Request, status: int, body: bytes) -> None:
        if next(numbers) == 50:
            time.sleep(0.4)

    async def run(port: int) -> list[float]:
        load = TimedLoad(requests, pause_once, 1.0, rate=100.0)
        loop = asyncio.get_running_loop()
        connected = [
            await loop.create_connection(lambda: Connection(load.answered, load.fail), "127.0.0.1", port)
            for _ in range(50)
        ]
        load.begin([connection for _, connection in connected])
        await load.ended
        for transport, _ in connected:
            transport.close()
        return load.latencies

    with answering(right(bench_files)) as port:
        latencies = asyncio.run(run(port))
    assert sum(seconds >= 0.2 for seconds in latencies) >= 18  # those of the pause's first half


def test_own_processor_time_grows_with_work() -> None:
    before = processor_seconds(os.getpid())
    if before is None:
        pytest.skip("this system does not say how much processor time a process has used")
    sum(number * number for number in range(2_000_000))
    after = processor_seconds(os.getpid())
    assert after is not None
    assert after > before


def test_processor_time_of_no_process_is_not_known() -> None:
    assert processor_seconds(2**22 + 1) is None
