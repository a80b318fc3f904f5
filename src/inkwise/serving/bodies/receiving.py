"""The body of a request, received into memory and never onto a disk, each byte counted before it is kept."""

from collections.abc import Callable
from types import TracebackType

from starlette.requests import ClientDisconnect, Request

from inkwise.serving.problems import ProblemError, busy

_SMALL = 64 * 1024  # bytes; bodies up to here are bounded by the number of connections


class HeldBytes:
    """How many bytes of bodies are in memory, over all requests; tell is told whenever it changes."""

    def __init__(self, most: int, *, tell: Callable[[int], None] = lambda now: None) -> None:
        self._most, self._tell = most, tell
        self.now = 0

    def take(self, num_bytes: int) -> None:
        """Count num_bytes as held.

        Raises:
            ProblemError: 429, there would be too many.
        """
        if self.now + num_bytes > self._most:
            raise busy(
                f"requests of {self.now:,} bytes are being worked on, no room for {num_bytes:,} more; "
                "send it again in a second"
            )
        self.now += num_bytes
        self._tell(self.now)

    def give(self, num_bytes: int) -> None:
        """Count num_bytes as held no longer."""
        self.now -= num_bytes
        self._tell(self.now)


class Received:
    """`async with Received(...) as body`: the bytes of a request's body, held until the block ends.

    Args of the constructor:
        request: of which nothing has been read.
        most: bytes that are taken.
        held: where they are counted.
    """

    def __init__(self, request: Request, *, most: int, held: HeldBytes) -> None:
        self._request, self._most, self._held = request, most, held
        self._taken = 0

    async def __aenter__(self) -> bytes:
        """Return the body.

        Raises:
            ProblemError: 413, it is longer than most; 429, there is no room for it now.
            ClientDisconnect: the client went away.
        """
        try:
            return await self._receive()
        except BaseException:
            self._release()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    async def _receive(self) -> bytes:
        announced = header(self._request, b"content-length")
        if announced.isdigit() and (len(announced) > 18 or int(announced) > self._most):
            raise self._too_large(f"{announced.decode()} bytes")
        chunks, length, more = [], 0, True
        while more:
            message = await self._request.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            length += len(chunk)
            if length > self._most:
                raise self._too_large("more")
            if length > _SMALL:
                self._take(length)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _take(self, length: int) -> None:
        self._held.take(length - self._taken)
        self._taken = length

    def _release(self) -> None:
        if self._taken:
            self._held.give(self._taken)
        self._taken = 0

    def _too_large(self, given: str) -> ProblemError:
        return ProblemError(
            413, f"a body of {given}, expected at most {self._most:,} bytes; send it in several requests"
        )


def header(request: Request, name: bytes) -> bytes:
    """Return the value of a request's header, by its lower-case name; empty where there is none."""
    headers: list[tuple[bytes, bytes]] = request.scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return b""


def media_type(request: Request) -> str:
    """Return the type of a request's body without its parameters, lower-case; empty where there is none."""
    return header(request, b"content-type").partition(b";")[0].strip().lower().decode("latin-1")
