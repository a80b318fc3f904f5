"""How requests follow one another: each as the last is answered, or each when its time has come."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from inkwise.experiments.bench.serving.asking.connection import Connection
from inkwise.experiments.bench.serving.asking.requests import Request

_WARM_UP_SHARE = 0.1  # of the seconds
_SPIN_SECONDS = 0.002  # before a request's time: a timer alone comes up to a millisecond late, or early

Check = Callable[[Request, int, bytes], str | None]


@dataclass
class Load:
    """Requests sent to one server in turn, over and over, until the time is over.

    Attributes:
        requests: to choose from, in order.
        check: given a request, the status and the body, says what is wrong, None where all is well.
        seconds: in which requests count, after a warm-up of a tenth of them.
        count_from, count_until: the moments of time.perf_counter() between which they lie, once it began.
        latencies: seconds of the requests that count.
        ended: done when the last answer that is waited for is here; fails when one is wrong or none comes.
    """

    requests: list[Request]
    check: Check
    seconds: float
    count_from: float = 0.0
    count_until: float = 0.0
    latencies: list[float] = field(default_factory=list)
    num_sent: int = 0
    ended: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def begin(self, connections: list[Connection]) -> None:
        """Send on every connection; each answer is followed by the next request."""
        self._set_clock()
        for connection in connections:
            self._send(connection, self._next_number(), time.perf_counter())

    def answered(self, connection: Connection, status: int, body: bytes) -> None:
        """Check an answer, count it, and let the connection go on; after the end nothing more is sent."""
        if self.ended.done():
            return
        now = time.perf_counter()
        fault = self.check(self._request(connection.request_number), status, body)
        if fault is not None:
            self.fail(fault)
            return
        if self._counts(connection.began, now):
            self.latencies.append(now - connection.began)
        self._go_on(connection, now)

    def fail(self, why: str) -> None:
        """End with an error, unless all is over."""
        if not self.ended.done():
            self.ended.set_exception(ConnectionError(why))

    def _set_clock(self) -> float:
        now = time.perf_counter()
        self.count_from = now + _WARM_UP_SHARE * self.seconds
        self.count_until = self.count_from + self.seconds
        return now

    def _counts(self, began: float, now: float) -> bool:
        return self.count_from <= now < self.count_until

    def _go_on(self, connection: Connection, now: float) -> None:
        if now < self.count_until:
            self._send(connection, self._next_number(), now)
        else:
            self._end()

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    def _next_number(self) -> int:
        self.num_sent += 1
        return self.num_sent - 1

    def _request(self, number: int) -> Request:
        return self.requests[number % len(self.requests)]

    def _send(self, connection: Connection, number: int, began: float) -> None:
        connection.send(self._request(number).content, number=number, began=began)


@dataclass
class TimedLoad(Load):
    """Requests at fixed moments, whether or not earlier ones are answered.

    One that finds no connection free waits for it, and its latency counts from its moment all the same: a
    server that stops for a second is charged with every request that came in that second.
    Source: Tene, "How NOT to Measure Latency", 2013 (coordinated omission).

    Attributes:
        rate: requests a second.
        start: the moment of the first.
    """

    rate: float = 1.0
    start: float = 0.0
    num_answered: int = 0
    free: deque[Connection] = field(default_factory=deque)
    waiting: deque[tuple[int, float]] = field(default_factory=deque)

    def begin(self, connections: list[Connection]) -> None:
        """Send each request at its moment on the connection that has been free for longest."""
        self.free.extend(connections)
        self.start = self._set_clock()
        self._tick()

    def _tick(self) -> None:
        """Send what is due, then wait for the next moment."""
        while (moment := self._next_moment()) <= time.perf_counter():
            if moment >= self.count_until:
                self._end_if_answered()
                return
            if self.free:
                self._send(self.free.popleft(), self._next_number(), moment)
            else:
                self.waiting.append((self._next_number(), moment))
        loop, left = asyncio.get_running_loop(), moment - time.perf_counter()
        if left > _SPIN_SECONDS:
            loop.call_later(left - _SPIN_SECONDS, self._tick)
        else:
            loop.call_soon(self._tick)

    def _next_moment(self) -> float:
        return self.start + self.num_sent / self.rate

    def _counts(self, began: float, now: float) -> bool:
        return began >= self.count_from

    def _go_on(self, connection: Connection, now: float) -> None:
        self.num_answered += 1
        if self.waiting:
            self._send(connection, *self.waiting.popleft())
            return
        self.free.append(connection)
        if self._next_moment() >= self.count_until:
            self._end_if_answered()

    def _end_if_answered(self) -> None:
        if self.num_answered == self.num_sent:
            self._end()
