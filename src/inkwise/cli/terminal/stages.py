"""How the longer parts of a command are shown, on standard error: a bar at a terminal, else plain lines."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from inkwise.cli.output import note
from inkwise.cli.terminal.transfer import SECONDS_BETWEEN_LINES


class StageProgress:
    """Shows stages as they come, one after the other. A context manager: the terminal is left in order."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.bar: Progress | None = None
        self.task = TaskID(0)
        self.name = ""
        self.began = self.said = clock()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.bar:
            self.bar.stop()

    def show(self, name: str, done: int, total: int) -> None:
        """Take one report: what is being done, how much of it is done and how much there is in all."""
        if name != self.name:
            self.name, self.began = name, self.clock()
            self.said = self.began
            if self.bar:
                self.bar.start()
                for task in self.bar.task_ids:
                    self.bar.remove_task(task)
                self.task = self.bar.add_task(name, total=total)
        if self.bar:
            self.bar.update(self.task, completed=done, total=total)
        elif self.clock() - self.said >= SECONDS_BETWEEN_LINES and done < total:
            self.said = self.clock()
            left = (self.said - self.began) * (total - done) / max(done, 1)
            note(f"{name}: {done / total:.0%}, about {left:.0f} s left")
