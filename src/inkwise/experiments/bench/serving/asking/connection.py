"""One keep-alive HTTP/1.1 connection, and no more of HTTP than a bench of a server needs."""

import asyncio
import re
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)", re.IGNORECASE | re.MULTILINE)
_END_OF_HEAD = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """Sends one request at a time and hands each answer on as it is complete.

    Args:
        on_answer: called with the connection, the status and the body.
        on_lost: called with what went wrong when an answer can no longer come.
    """

    def __init__(
        self, on_answer: Callable[["Connection", int, bytes], None], on_lost: Callable[[str], None]
    ) -> None:
        self._on_answer, self._on_lost = on_answer, on_lost
        self._received = bytearray()
        self._body_at = self._end = 0
        self._transport: asyncio.WriteTransport | None = None
        self.request_number = -1
        self.began = 0.0

    def send(self, request: bytes, *, number: int, began: float) -> None:
        """Send a whole request.

        Args:
            request: head and body.
            number: which one it is.
            began: when its time came, by time.perf_counter().
        """
        assert self._transport is not None
        self.request_number, self.began = number, began
        self._transport.write(request)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's has another ancestry

    def connection_lost(self, exc: Exception | None) -> None:
        """Say that no answer will come."""
        self._on_lost(f"the server hung up ({exc})" if exc else "the server hung up")

    def data_received(self, data: bytes) -> None:
        """Take what arrived; once it is a whole answer, hand it on."""
        self._received += data
        if not self._end and not self._read_head():
            return
        if len(self._received) < self._end:
            return
        status, body = int(self._received[9:12]), bytes(self._received[self._body_at : self._end])
        self._received.clear()
        self._end = 0
        self._on_answer(self, status, body)

    def _read_head(self) -> bool:
        """Find where the answer ends; False while its head is not whole."""
        end_of_head = self._received.find(_END_OF_HEAD)
        if end_of_head < 0:
            return False
        length = _LENGTH.search(self._received, 0, end_of_head)
        if length is None:
            self._on_lost("the answer has no Content-Length, the only form this client reads")
            return False
        self._body_at = end_of_head + len(_END_OF_HEAD)
        self._end = self._body_at + int(length[1])
        return True
