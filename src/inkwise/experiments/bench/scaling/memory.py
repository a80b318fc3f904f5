"""How much memory of its own a process holds at most, pages of mapped files not counted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inkwise.errors import RunError

_STATUS = Path("/proc/self/status")
_INTERVAL_SECONDS = 0.02


@dataclass
class Peak:
    """The most private memory seen, in bytes."""

    private_bytes: int = 0


def private_bytes() -> int:
    """Return the anonymous memory of this process: what no file backs, so that only it can free it.

    Raises:
        RunError: this system does not say; Linux does.
    Source: proc_pid_status(5), RssAnon.
    """
    lines = _STATUS.read_text().splitlines() if _STATUS.is_file() else []
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")]
    if not found:
        raise RunError(
            f"{_STATUS} does not tell a process's own memory from that of files; bench scaling needs Linux"
        )
    return found[0]


@contextmanager
def watch_memory() -> Iterator[Peak]:
    """Look at private_bytes 50 times a second while the block runs; the peak is known after it."""
    peak, is_over = Peak(private_bytes()), threading.Event()

    def watch() -> None:
        while not is_over.wait(_INTERVAL_SECONDS):
            peak.private_bytes = max(peak.private_bytes, private_bytes())

    watcher = threading.Thread(target=watch, name="inkwise-memory", daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()
        peak.private_bytes = max(peak.private_bytes, private_bytes())
