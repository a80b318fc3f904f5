"""How a download is shown: a bar at a terminal, plain lines elsewhere; never on standard output."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inkwise.cli.output import note

SECONDS_BETWEEN_LINES = 5.0
Progress = Callable[[int, int], None]


@contextmanager
def show_progress(name: str) -> Iterator[Progress]:
    """Give the callback that shows how far the download of a data set is, (bytes done, bytes in all)."""
    if sys.stderr.isatty():
        with _bar(name) as on_progress:
            yield on_progress
    else:
        yield plain_lines(name)


@contextmanager
def _bar(name: str) -> Iterator[Progress]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def plain_lines(name: str, *, clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a callback that prints a line at once, then every five seconds, and at the end."""
    last: float | None = None

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        is_due = last is None or clock() - last >= SECONDS_BETWEEN_LINES
        if is_due or done == total:
            last = clock()
            note(f"{name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB")

    return on_progress
