"""The client of the bench, a process of its own, which is given a Job as JSON and prints a Report as JSON.

The client of a library would be slower than the server it measures: this one writes requests that are made
beforehand to plain sockets, and reads of an answer its status, its length and its labels, which it checks.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict
from safetensors.numpy import load_file

from inkwise.experiments.bench.serving.asking.connection import Connection
from inkwise.experiments.bench.serving.asking.load import Load, TimedLoad
from inkwise.experiments.bench.serving.asking.requests import (
    KINDS,
    Request,
    build_requests,
    read_labels,
)

_PATIENCE_SECONDS = 60.0  # for answers that are late


class Job(BaseModel):
    """What to ask of which server.

    Attributes:
        kind: of KINDS.
        port: at 127.0.0.1.
        server_pid: the server's process, whose processor time is read.
        images_file: safetensors with `images` (N, 28, 28) uint8 and `labels` (N,) int64, the right answers.
        connections: kept open; each sends its next request when its last is answered, unless rate is given.
        seconds: that count, after a warm-up of a tenth of them.
        rate: requests a second, sent when their time has come.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["png", "form", "raw", "many-json", "many-binary"]
    port: int
    server_pid: int
    images_file: str
    connections: int
    seconds: float
    rate: float | None = None


class Report(BaseModel):
    """What came back, every answer with status 200 and the right labels.

    Attributes:
        num_requests: that count.
        requests_per_second, images_per_second: of these.
        p50_seconds, p99_seconds, max_seconds: from sending, or at a fixed rate from the moment when it was
            due, to the whole answer.
        client_share, server_share: processor time of either process as a share of one processor; None where
            the system does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    num_requests: int
    requests_per_second: float
    images_per_second: float
    p50_seconds: float
    p99_seconds: float
    max_seconds: float
    client_share: float
    server_share: float | None


def measure(job: Job) -> Report:
    """Return what the server answers, measured from this process.

    Raises:
        ConnectionError: an answer is wrong, or none comes in time.
    """
    arrays = load_file(job.images_file)
    requests = build_requests(KINDS[job.kind], arrays["images"], arrays["labels"], port=job.port)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_ask(job, requests))


async def _ask(job: Job, requests: list[Request]) -> Report:
    load = _load(job, requests)
    connections = [await _connect(load, job.port) for _ in range(job.connections)]
    try:
        load.begin(connections)
        return await _watch(job, load)
    finally:
        for connection in connections:
            connection.close()


async def _watch(job: Job, load: Load) -> Report:
    """Return the report of a load, once it has ended."""
    await asyncio.sleep(load.count_from - time.perf_counter())
    before, own, server = time.perf_counter(), time.process_time(), processor_seconds(job.server_pid)
    try:
        async with asyncio.timeout(job.seconds + _PATIENCE_SECONDS):
            await load.ended
    except TimeoutError:
        raise ConnectionError(f"answers are missing {_PATIENCE_SECONDS:g} s after the end") from None
    wall, after = time.perf_counter() - before, processor_seconds(job.server_pid)
    return _report(
        job,
        load.latencies,
        client_share=(time.process_time() - own) / wall,
        server_share=None if server is None or after is None else (after - server) / wall,
    )


def _load(job: Job, requests: list[Request]) -> Load:
    kind = KINDS[job.kind]

    def check(request: Request, status: int, body: bytes) -> str | None:
        if status == 200 and read_labels(kind, body) == request.labels:
            return None
        return f"the answer is {status} {body[:200]!r}, expected 200 and the labels {request.labels[:10]}"

    if job.rate is None:
        return Load(requests, check, job.seconds)
    return TimedLoad(requests, check, job.seconds, rate=job.rate)


async def _connect(load: Load, port: int) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(load.answered, load.fail), "127.0.0.1", port
    )
    return connection


def _report(job: Job, latencies: list[float], *, client_share: float, server_share: float | None) -> Report:
    if not latencies:
        raise ConnectionError(f"no answer within {job.seconds:g} s; give more seconds")
    p50, p99 = np.quantile(latencies, (0.5, 0.99)).tolist()
    rate = len(latencies) / job.seconds
    return Report(
        num_requests=len(latencies),
        requests_per_second=rate,
        images_per_second=rate * KINDS[job.kind].num_images,
        p50_seconds=p50,
        p99_seconds=p99,
        max_seconds=max(latencies),
        client_share=client_share,
        server_share=server_share,
    )


def processor_seconds(pid: int) -> float | None:
    """Return the processor time that a process has used, all its threads; None where the system does not say.

    Source: proc_pid_stat(5), fields 14 and 15.
    """
    path = Path(f"/proc/{pid}/stat")
    if not path.exists():
        return None
    fields = path.read_text().rpartition(")")[2].split()  # the name in brackets may hold spaces
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _loop_factory() -> Callable[[], Any] | None:
    """Return uvloop's, which comes with uvicorn where it runs at all; None is asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], Any] = uvloop.new_event_loop
    return factory


def main(argument: str) -> None:
    """Do the job given as JSON and print its report as JSON on standard output."""
    report = measure(Job.model_validate_json(argument))
    sys.stdout.write(report.model_dump_json() + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
