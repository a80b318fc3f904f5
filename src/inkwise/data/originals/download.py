"""One address into one file: resumed where an earlier try stopped, never trusted before it is verified.

What has arrived lies in NAME.part, beside NAME.part.json that says from which address and version it came.
A process that is killed leaves both, and the next one goes on from there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
import urllib3

CHUNK_BYTES = 1 << 16
Progress = Callable[[int, int], None]
# Of OSError only these come from the network; "no space left" must not send us to the next mirror.
_NETWORK_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)


@dataclass(frozen=True)
class Patience:
    """How long to wait for a network, in seconds.

    Attributes:
        connect_seconds: for one connection.
        contact_seconds: for the first word of any of all the mirrors, name look-up included.
        stagger_seconds: for one mirror before the next is asked as well.
        read_seconds: for the next byte of a download that has begun.
    """

    connect_seconds: float = 3.0
    contact_seconds: float = 5.0
    stagger_seconds: float = 1.2
    read_seconds: float = 12.0


class DownloadError(Exception):
    """This address did not give the file; another may. Never leaves this package."""


@dataclass(frozen=True)
class Part:
    """What has arrived so far of a file of size_bytes, at path with .part added."""

    path: Path
    size_bytes: int

    @property
    def file(self) -> Path:
        """The bytes so far."""
        return self.path.with_name(self.path.name + ".part")

    @property
    def origin(self) -> Path:
        """Where they came from: {"url": ..., "version": ETag or date of the last change}."""
        return self.path.with_name(self.path.name + ".part.json")

    def arrived(self) -> int:
        """Return how many bytes are there; more than the whole count as none."""
        size = self.file.stat().st_size if self.file.exists() else 0
        return size if size <= self.size_bytes else 0

    def version(self, url: str) -> str | None:
        """Return the version that the bytes so far had at url; None when they came from elsewhere."""
        try:
            origin = json.loads(self.origin.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return origin.get("version") if isinstance(origin, dict) and origin.get("url") == url else None

    def remember(self, url: str, response: requests.Response) -> None:
        """Write down where the bytes come from."""
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        self.origin.write_text(json.dumps({"url": url, "version": version}), "utf-8")

    def discard(self) -> None:
        """Remove both files."""
        self.file.unlink(missing_ok=True)
        self.origin.unlink(missing_ok=True)


def open_url(url: str, part: Part, *, patience: Patience) -> requests.Response:
    """Ask for the rest of a file and return the answer, its body not yet read.

    The address is told the version that the bytes so far had, so that a changed file comes whole. Proxies
    are taken from the environment.

    Raises:
        DownloadError: no connection, no answer, or an answer that is no file.
    """
    headers = {"Accept-Encoding": "identity", "User-Agent": "inkwise"}
    if offset := part.arrived():
        headers["Range"] = f"bytes={offset}-"
        version = part.version(url)
        if version and not version.startswith("W/"):
            headers["If-Range"] = version
    waits = (patience.connect_seconds, patience.read_seconds)
    try:
        response = requests.get(url, headers=headers, stream=True, timeout=waits)
    except (*_NETWORK_FAULTS, ValueError) as error:
        raise DownloadError(describe(error)) from error
    if response.status_code not in (200, 206):
        response.close()
        raise DownloadError(f"HTTP {response.status_code} {response.reason or ''}".rstrip())
    return response


def receive(response: requests.Response, part: Part, *, url: str, on_bytes: Callable[[int], None]) -> None:
    """Write the body of an answer to the part, behind what is there or from the start.

    Args:
        on_bytes: called with the number of bytes there so far.
    Raises:
        DownloadError: the connection broke, fell silent, or more came than the file holds.
    """
    start = _start(response, part)
    part.remember(url, response)
    with part.file.open("r+b" if start else "wb") as file:
        file.seek(start)
        _copy(response, file, part=part, on_bytes=on_bytes)


def _copy(
    response: requests.Response, file: IO[bytes], *, part: Part, on_bytes: Callable[[int], None]
) -> None:
    """Copy the body until the part is whole; what a server says of its length is not believed."""
    done = file.tell()
    on_bytes(done)
    try:
        # decode_content off: a .gz sent with Content-Encoding: gzip must stay packed
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
            done += file.write(chunk)
            on_bytes(done)
            if done >= part.size_bytes:
                break
    except _NETWORK_FAULTS as error:
        raise DownloadError(f"{describe(error)} after {done} of {part.size_bytes} bytes") from error
    if done < part.size_bytes:
        raise DownloadError(f"ended after {done} of {part.size_bytes} bytes")
    if done > part.size_bytes:
        raise DownloadError(f"sent more than the {part.size_bytes} bytes expected")


def _start(response: requests.Response, part: Part) -> int:
    """Return where the body belongs: 0, or the offset that a partial answer says it begins at."""
    if response.status_code == 200:
        return 0
    offset = part.arrived()
    if not response.headers.get("Content-Range", "").replace(" ", "").startswith(f"bytes{offset}-"):
        part.discard()
        raise DownloadError(f"answered with another range than the one asked for, from byte {offset}")
    return offset


def describe(error: Exception) -> str:
    """Return what went wrong on the wire in a few plain words."""
    text = repr(error)
    for sign, words in _WORDS:
        if sign in text:
            return words
    return type(error).__name__


_WORDS = (
    ("NameResolution", "the host name cannot be resolved"),
    ("gaierror", "the host name cannot be resolved"),
    ("ConnectTimeout", "no connection in time"),
    ("ProxyError", "the proxy refused or cannot be reached"),
    ("ReadTimeout", "fell silent"),
    ("Read timed out", "fell silent"),
    ("CertificateError", "the certificate is not valid"),
    ("SSLError", "no safe connection"),
    ("SSL", "no safe connection"),
    ("Connection refused", "connection refused"),
    ("unreachable", "network unreachable"),
    ("IncompleteRead", "broke off"),
    ("Connection broken", "broke off"),
    ("reset by peer", "broke off"),
    ("RemoteDisconnected", "broke off"),
    ("TooManyRedirects", "redirects without end"),
)
