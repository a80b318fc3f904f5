"""HTTP as uvicorn speaks it, with an end to everything that a client could draw out.

uvicorn itself waits for ever for the end of a request's headers or body, keeps a header line of any length,
and holds an answer that nobody fetches.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from inkwise.serving.problems import MEDIA_TYPE, problem_json
from inkwise.serving.settings import Limits

_UNFETCHED_SECONDS = 60.0  # an answer's last byte must have left by then


class _TooMuchError(Exception):
    """Headers are too long or too many; ends the parsing."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection to a server that runs a Front, whose limits it keeps."""

    def __init__(self, config: Config, *rest: Any, **named: Any) -> None:
        super().__init__(config, *rest, **named)
        self.limits: Limits = config.loaded_app.service.settings.limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._is_in_head, self._is_in_body = True, False
        self._head_bytes = self._num_headers = 0
        self._body_end = 0.0
        if len(self.connections) > self.limits.connections:
            self._refuse(429, f"{self.limits.connections} connections are open; try again in a second")
        else:
            self._wait(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived, as long as a request's head is not too long."""
        if self.transport.is_closing():
            return
        if self._is_in_head and self._head_bytes > self.limits.head_bytes:
            self._refuse_head()
            return
        was_waiting = self._timer is not None
        try:
            super().data_received(data)
        except _TooMuchError:
            self._refuse_head()
            return
        if self._is_in_head:
            self._head_bytes += len(data)
            if not was_waiting:  # the first bytes of a further request
                self._wait(self.limits.head_seconds)
        elif self._is_in_body:
            self._wait_for_body()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head, self._is_in_body = True, False
        self._head_bytes = self._num_headers = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a part of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._num_headers += 1
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the work; what follows is the body."""
        self._stop_waiting()
        self._is_in_head, self._is_in_body = False, True
        self._body_end = self.loop.time() + self.limits.body_seconds
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._stop_waiting()
        self._is_in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is handed to the system; it must be fetched."""
        transport = self.transport
        super().on_response_complete()
        if transport.get_write_buffer_size():
            self.loop.call_later(_UNFETCHED_SECONDS, _drop_if_unfetched, transport)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        if self._is_head_too_large():
            self._refuse_head()
        else:
            self._refuse(400, "no HTTP request that could be understood; check the program that sent it")

    def _count(self, num_bytes: int) -> None:
        self._head_bytes += num_bytes
        if self._is_head_too_large():
            raise _TooMuchError

    def _is_head_too_large(self) -> bool:
        return self._head_bytes > self.limits.head_bytes or self._num_headers > self.limits.headers

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._too_late)

    def _wait_for_body(self) -> None:
        left = self._body_end - self.loop.time()
        self._wait(max(0.0, min(left, self.limits.idle_seconds)))

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:  # we ourselves do not read on yet
            self._wait(self.limits.idle_seconds)
        elif self._is_in_head and not self._head_bytes:
            self.transport.close()  # nothing was asked
        else:
            part = "headers" if self._is_in_head else "body"
            self._refuse(408, f"the {part} of the request did not arrive in time; send it again, faster")

    def _refuse_head(self) -> None:
        limits = self.limits
        self._refuse(
            431, f"headers of more than {limits.head_bytes:,} bytes or {limits.headers} lines; send fewer"
        )

    def _refuse(self, status: int, detail: str) -> None:
        """Say why and hang up, unless an answer is under way already."""
        is_answering = self.cycle is not None and self.cycle.response_started
        if not is_answering or self.cycle.response_complete:
            self.transport.write(_whole_answer(status, detail))
        self.transport.close()


def _whole_answer(status: int, detail: str) -> bytes:
    body = problem_json(status, detail)
    retry = b"retry-after: 1\r\n" if status == 429 else b""
    return b"HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %d\r\n%sconnection: close\r\n\r\n%s" % (
        status,
        HTTPStatus(status).phrase.encode(),
        MEDIA_TYPE.encode(),
        len(body),
        retry,
        body,
    )


def _drop_if_unfetched(transport: Any) -> None:
    if transport.is_closing() or transport.get_write_buffer_size():
        transport.abort()
