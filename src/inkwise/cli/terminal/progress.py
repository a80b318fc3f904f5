"""The live table of a training; plain lines, one an epoch, where standard error is no terminal."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from inkwise.cli.terminal.transfer import plain_lines
from inkwise.data.catalogue import CATALOGUE
from inkwise.figures.percent import say_percent

if TYPE_CHECKING:
    from inkwise.training.loop import Progress

_COLUMNS = ("epoch", "train loss", "train acc.", "valid. loss", "valid. acc.", "images/s", "ETA")
_PLAIN = "{:>9}  {:>10}  {:>12}  {:>11}  {:>12}  {:>9}  {:>8}"
_MOST_ROWS = 20
_PLAIN_SECONDS = 15.0  # between two plain lines within one long epoch


class TrainingTable:
    """Shows Progress as it comes. A context manager, so that the terminal is left in order."""

    def __init__(self, data: str = "mnist") -> None:
        self.rows: list[tuple[str, ...]] = []
        self.live: Live | None = None
        self.said = time.monotonic()
        self.has_title = False
        self.data = data
        self.say_loading = plain_lines(data, is_download=data in CATALOGUE)
        self.say_writing = plain_lines("writing digits", is_download=False)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self.live = Live(console=Console(stderr=True), refresh_per_second=5)
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.live:
            self.live.stop()

    def load(self, done: int, total: int) -> None:
        """Take one report of the data being fetched or read."""
        if self.live is None:
            self.say_loading(done, total)
        else:
            self._fill(f"reading {self.data}", done, total=total)

    def write(self, done: int, total: int) -> None:
        """Take one report of the written images being made."""
        if self.live is None:
            self.say_writing(done, total)
        else:
            self._fill("writing digits", done, total=total)

    def _fill(self, name: str, done: int, *, total: int) -> None:
        assert self.live is not None
        bar = Table.grid(padding=(0, 1))
        bar.add_row(name, ProgressBar(max(total, 1), done, width=24), f"{done / max(total, 1):.0%}")
        self.live.update(bar)

    def show(self, progress: "Progress") -> None:
        """Take one report of the training loop."""
        if progress.record:
            self.rows.append(_row(progress))
        if self.live:
            self.live.update(self._picture(progress))
        elif progress.record:
            self._say(self.rows[-1])
        elif time.monotonic() - self.said >= _PLAIN_SECONDS:
            self._say((_batch(progress), f"{progress.train_loss:.4f}", "", "", "", *_pace(progress)))

    def _say(self, row: tuple[str, ...]) -> None:
        if not self.has_title:
            self.has_title = True
            sys.stderr.write(_PLAIN.format(*_COLUMNS) + "\n")
        sys.stderr.write(_PLAIN.format(*row) + "\n")
        sys.stderr.flush()
        self.said = time.monotonic()

    def _picture(self, progress: "Progress") -> Group:
        table = Table(*_COLUMNS, box=None, pad_edge=False)
        for column in table.columns:
            column.justify = "right"
        for row in self.rows[-_MOST_ROWS:]:
            table.add_row(*row)
        if progress.record:
            return Group(table)
        left = Text(f"epoch {progress.epoch}, step {_batch(progress)}  loss {progress.train_loss:.4f}  ")
        speed, eta = _pace(progress)
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            left, ProgressBar(progress.num_batches, progress.batch, width=24), f"{speed} images/s, {eta} left"
        )
        return Group(table, bar)


def _row(progress: "Progress") -> tuple[str, ...]:
    record = progress.record
    assert record is not None
    return (
        f"{record.epoch}/{progress.num_epochs}",
        f"{record.train_loss:.4f}",
        say_percent(record.train_accuracy),
        "-" if record.validation_loss is None else f"{record.validation_loss:.4f}",
        "-" if record.validation_accuracy is None else say_percent(record.validation_accuracy),
        *_pace(progress),
    )


def _batch(progress: "Progress") -> str:
    return f"{progress.batch}/{progress.num_batches}"


def _pace(progress: "Progress") -> tuple[str, str]:
    seconds = round(progress.eta_seconds)
    eta = (
        f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        if seconds >= 3600
        else (f"{seconds // 60}:{seconds % 60:02d}")
    )
    return f"{progress.images_per_second:,.0f}", eta
