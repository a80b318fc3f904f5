"""Real digits with the labels of a real classifier, and a small HTTP server whose answers a test decides."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from inkwise.data.load import load_dataset
from inkwise.experiments.bench.serving.untrained import save_untrained
from inkwise.exporting.runtime import OnnxClassifier

Answer = Callable[[bytes], Awaitable[bytes]]
Answering = Callable[[Answer], "Iterator[int]"]


@pytest.fixture(scope="session")
def bench_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the paths of an untrained classifier and of 200 images with its labels."""
    folder = tmp_path_factory.mktemp("bench")
    images = np.ascontiguousarray(load_dataset("digits").test.images[:200])
    run = save_untrained(folder / "standard.safetensors", images)
    labels = OnnxClassifier.open(run).probabilities(images).argmax(axis=1).astype(np.int64)
    save_file({"images": images, "labels": labels}, folder / "images.safetensors")
    return run, folder / "images.safetensors"


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    """Listen at a free port, which is given: each request's body goes to answer, whose bytes go back."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_speaker(answer), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _speaker(answer: Answer) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                writer.write(await answer(await reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return speak


def http(body: bytes, *, status: int = 200) -> bytes:
    """Return body as a whole HTTP answer."""
    return b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
