"""What a client can draw out is cut off: headers, bodies, idle connections, too many of them."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from tests.serving.asking import asker
from tests.serving.running import receive_all, request

from inkwise.serving.listening.protocol import BoundedProtocol
from inkwise.serving.settings import Limits

IMPATIENT = Limits(
    head_seconds=0.4, body_seconds=1.2, idle_seconds=0.4, head_bytes=4096, headers=20, connections=5
)
RAW_LINE = "Content-Type: application/octet-stream\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Return the port of an impatient server in a thread of this process."""
    config = uvicorn.Config(
        asker(limits=IMPATIENT).app,
        http=BoundedProtocol,
        ws="none",
        log_level="critical",
        proxy_headers=False,
        lifespan="off",
        server_header=False,
    )
    server = uvicorn.Server(config)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(20)


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def ask(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Return all that the server says to parts, sent with pauses between them, until it hangs up."""
    with connected(port) as connection:
        for part in parts:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(part)
            time.sleep(pause)
        return receive_all(connection)


def status(answer: bytes) -> bytes:
    return answer[9:12]


def test_good_request_is_answered(port: int) -> None:
    answer = ask(
        port, request("POST", "/predict", body=bytes(784), headers=RAW_LINE + "Connection: close\r\n")
    )
    assert status(answer) == b"200"


def test_silent_connection_is_closed(port: int) -> None:
    assert ask(port) == b""


def test_headers_that_never_end_are_cut(port: int) -> None:
    slow = [b"GET / HTTP/1.1\r\n", *(b"X-Slow: 1\r\n" for _ in range(8))]
    answer = ask(port, *slow, pause=0.1)
    assert status(answer) == b"408"
    assert b"application/problem+json" in answer
    assert b"the headers of the request did not arrive in time; send it again, faster" in answer


@pytest.mark.parametrize("pause", [0.6, 0.2])
def test_body_that_drips_is_cut(port: int, pause: float) -> None:
    """Too long between two bytes; or each in time and yet too long altogether."""
    whole = request("POST", "/predict", body=bytes(784), headers=RAW_LINE)
    head, body = whole[:-784], whole[-784:]
    answer = ask(port, head, *(body[index : index + 1] for index in range(8)), pause=pause)
    assert status(answer) == b"408"
    assert b"the body of the request did not arrive in time" in answer


def test_body_after_a_refusal_is_not_awaited(port: int) -> None:
    """413 is said at once; the rest of the body is then not listened to for ever."""
    head = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999999\r\n\r\n"
    started = time.monotonic()
    answer = ask(port, head)
    assert status(answer) == b"415"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(30)) + b"\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 5000 + b"\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 900_000,
    ],
    ids=["many", "long", "long path", "endless"],
)
def test_headers_too_long_or_too_many_are_refused(port: int, head: bytes) -> None:
    answer = ask(port, head, b"a", pause=0.1)
    assert status(answer) == b"431"
    assert b"headers of more than 4,096 bytes or 20 lines; send fewer" in answer


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"HELO\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_what_is_no_http_is_refused(port: int, noise: bytes) -> None:
    answer = ask(port, noise)
    assert status(answer) == b"400"
    assert b"no HTTP request that could be understood" in answer


def test_one_connection_too_many_is_refused(port: int) -> None:
    time.sleep(0.6)  # those of other tests are gone
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(IMPATIENT.connections)]
        time.sleep(0.1)
        answer = ask(port)
        assert status(answer) == b"429"
        assert b"retry-after: 1" in answer
        assert b"5 connections are open; try again in a second" in answer
        assert len(held) == 5


def test_connection_serves_several_requests(port: int) -> None:
    one = request("POST", "/predict", body=bytes(784), headers=RAW_LINE)
    answer = ask(port, one, one, request("GET", "/healthz", headers="Connection: close\r\n"), pause=0.1)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
