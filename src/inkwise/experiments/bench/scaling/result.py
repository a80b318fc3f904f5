"""The result of `inkwise bench scaling`: a row a size, task and number of threads, and what they come to."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from inkwise.experiments.bench.page import Outcome, bench_page
from inkwise.experiments.bench.scaling.worker import Task

TABLE_HEAD = (
    "images", "threads", "task", "wall s", "CPU s", "µs an image", "own memory", "grown by", "resident",
)  # fmt: skip
TITLES: dict[Task, str] = {
    "train": "train",
    "predict": "predict",
    "in order": "read in order",
    "shuffled": "read shuffled",
}
EXPLANATION = (
    "Train: `quick` for one epoch of a set whose images stay in a mapped file, evaluated on MNIST's test "
    "part; predict: its network asked about every image, 10,000 at a time; read: every image gathered once, "
    "2,048 at a time, and nothing else. The images are MNIST's, each copy moved by other pixels. Each row is "
    "a process of its own; the clock leaves out Python's imports and the opening of the file. Own memory is "
    "the most anonymous memory of the process, Python and PyTorch included (RssAnon); grown by is what of it "
    "came after the clock started. Resident also counts the pages of the file that the system keeps in "
    "memory as long as nobody else wants it."
)
_PICTURE = (
    "![Left: seconds by the number of images. Right: the process's own memory; both axes logarithmic, a line "
    "a task and number of threads](scaling.png)"
)


class RowResult(Outcome):
    """One size, task and number of threads. Bytes and seconds; of seconds the median over repetitions."""

    task: Task
    num_images: int
    num_threads: int
    seconds: float
    cpu_seconds: float
    private_bytes: int
    grown_bytes: int
    resident_bytes: int
    load_average: float | None = None


class ScalingBench(Outcome):
    """What `inkwise bench scaling --json` prints.

    Attributes:
        rows: in the order measured.
        precision: of the trainings.
        seconds: the whole bench took.
    """

    rows: list[RowResult]
    precision: str | None
    repetitions: int
    seconds: float
    environment: dict[str, Any]

    def of(self, task: Task, num_threads: int) -> list[RowResult]:
        """Return the rows of a task, the smallest size first."""
        chosen = [row for row in self.rows if (row.task, row.num_threads) == (task, num_threads)]
        return sorted(chosen, key=lambda row: row.num_images)

    @property
    def threads(self) -> list[int]:
        """The numbers of threads, the fewest first."""
        return sorted({row.num_threads for row in self.rows})

    @property
    def tasks(self) -> list[Task]:
        """The tasks that were measured."""
        return [task for task in TITLES if any(row.task == task for row in self.rows)]

    def to_rows(self) -> list[tuple[str, ...]]:
        """Return the cells of the table."""
        return [
            (
                f"{row.num_images:,}", str(row.num_threads), TITLES[row.task], _seconds(row.seconds),
                _seconds(row.cpu_seconds), f"{1e6 * row.seconds / row.num_images:.1f}",
                _megabytes(row.private_bytes), _megabytes(row.grown_bytes), _megabytes(row.resident_bytes),
            )
            for row in self.rows
        ]  # fmt: skip

    def to_sentences(self) -> list[str]:
        """Return what the largest set takes beside the next, a sentence a task and number of threads."""
        said = []
        for task in self.tasks:
            for threads in self.threads:
                rows = self.of(task, threads)
                if len(rows) > 1:
                    said.append(_compare(rows[-2], rows[-1]))
        return said

    def to_markdown(self) -> str:
        """Return the result as a page."""
        facts = {
            "processor": self.environment["processor"],
            "cores": self.environment["num_cores"],
            "torch": self.environment["torch"],
            "precision": self.precision or "-",
            "commit": self.environment["commit"] or "unknown",
            "repetitions": self.repetitions,
            "load average before a row, at most": _most(row.load_average for row in self.rows),
            "date": self.environment["started"][:10],
        }
        said = "\n".join(f"- {sentence}" for sentence in self.to_sentences())
        return bench_page(
            "Time and memory as the images grow",
            [TABLE_HEAD, *self.to_rows()],
            said="\n\n".join(part for part in (said, EXPLANATION, _PICTURE) if part),
            facts=facts,
        )


def bytes_an_image(small: RowResult, large: RowResult) -> float:
    """Return how much more private memory each image takes by which large has more than small."""
    return (large.grown_bytes - small.grown_bytes) / (large.num_images - small.num_images)


def print_scaling(result: ScalingBench) -> None:
    """Print the table and what it says on standard output."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fits into 80 letters
    for name in TABLE_HEAD:
        table.add_column(name.replace(" ", "\n"), justify="left" if name == "task" else "right")
    for row in result.to_rows():
        table.add_row(*row)
    console = Console()
    console.print(table)
    for sentence in result.to_sentences():
        console.print(sentence, highlight=False)
    console.print(EXPLANATION, style="dim", highlight=False)


def _compare(small: RowResult, large: RowResult) -> str:
    threads = "1 thread" if small.num_threads == 1 else f"{small.num_threads} threads"
    return (
        f"{TITLES[small.task].capitalize()}, {threads}: {large.num_images:,} images take "
        f"{large.seconds / small.seconds:.1f} times as long as {small.num_images:,}, and each "
        f"further image, of 784 bytes, {bytes_an_image(small, large):.0f} bytes of own memory."
    )


def _seconds(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _megabytes(value: int) -> str:
    return f"{value / 1e6:.0f} MB"


def _most(values: Any) -> str:
    known = [value for value in values if value is not None]
    return f"{max(known):.1f}" if known else "unknown"
