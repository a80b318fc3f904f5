"""How reading and downloading are shown, on standard error: a bar at a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from inkwise.cli.output import note

SECONDS_BETWEEN_LINES = 5.0
Progress = Callable[[int, int], None]


@contextmanager
def show_progress(name: str) -> Iterator[Progress]:
    """Give the callback that shows how far the data set is: bytes of a catalogue set, images of a path."""
    from inkwise.data.catalogue import CATALOGUE

    is_download = name in CATALOGUE
    if sys.stderr.isatty():
        with _bar(name, is_download=is_download) as on_progress:
            yield on_progress
    else:
        yield plain_lines(name, is_download=is_download)


@contextmanager
def _bar(name: str, *, is_download: bool) -> Iterator[Progress]:
    from rich import progress
    from rich.console import Console

    amounts = (
        (progress.DownloadColumn(), progress.TransferSpeedColumn())
        if is_download
        else (progress.MofNCompleteColumn(), progress.TextColumn("images"))
    )
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        *amounts,
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def plain_lines(
    name: str, *, is_download: bool = True, clock: Callable[[], float] = time.monotonic
) -> Progress:
    """Return a callback that prints a line at once, then every five seconds, and at the end."""
    last: float | None = None

    def on_progress(done: int, total: int) -> None:
        nonlocal last
        is_due = last is None or clock() - last >= SECONDS_BETWEEN_LINES
        if is_due or done == total:
            last = clock()
            note(
                f"{name}: {done / 1e6:.1f} of {total / 1e6:.1f} MB"
                if is_download
                else f"{name}: {done:,} of {total:,} images"
            )

    return on_progress
