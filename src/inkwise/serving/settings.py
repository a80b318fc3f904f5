"""What a server is told at its start, and how much it takes on at once."""

from dataclasses import dataclass, field

from inkwise.cores import num_cores

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one request may ask for, and all of them together.

    Attributes:
        body_bytes: of one request.
        json_bytes: of a JSON body, which takes up to thirty times as much memory when it is parsed.
        held_bytes: of all bodies that are being received or worked on.
        images: in one request, where they come as pixels.
        pictures: in one multipart request.
        pixels: of all pictures in one request, by their headers.
        waiting: requests that wait for a thread; one more is refused.
        seconds: that one request may be worked on, waiting included.
        head_seconds, body_seconds: for a request's headers and for its body to arrive.
        idle_seconds: in which at least a byte of a body must arrive.
        head_bytes, headers: of the request line and headers together.
        connections: open at once.
        stored_bytes: of the file of corrections, above which no more are taken.
    """

    body_bytes: int = 32 * MEBIBYTE
    json_bytes: int = 4 * MEBIBYTE
    held_bytes: int = 256 * MEBIBYTE
    images: int = 10_000
    pictures: int = 500
    pixels: int = 50_000_000
    waiting: int = 64
    seconds: float = 20.0
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    idle_seconds: float = 10.0
    head_bytes: int = 32 * 1024
    headers: int = 100
    connections: int = 1000
    stored_bytes: int = 100 * MEBIBYTE


@dataclass(frozen=True)
class Settings:
    """How a server is set up.

    Attributes:
        runs: run folders or classifier files, the first one answers where none is chosen; empty is the
            reader that ships with inkwise.
        api_key: what a request must show, or None.
        takes_corrections: whether POST /corrections stores them.
        hosts: names by which a browser may call the server, None for any. A page elsewhere can give a name
            of its own to 127.0.0.1 and would then be let in.
        threads: that decode, read and classify.
        limits: on requests.
    """

    runs: tuple[str, ...] = ()
    api_key: str | None = field(default=None, repr=False)
    takes_corrections: bool = True
    hosts: frozenset[str] | None = None
    threads: int = field(default_factory=lambda: max(2, min(8, num_cores())))
    limits: Limits = field(default_factory=Limits)
