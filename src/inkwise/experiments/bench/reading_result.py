"""What `inkwise bench reading` came to: frozen models that are its JSON, and a table for people."""

from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from inkwise.experiments.bench.page import Outcome, bench_page

TABLE_HEAD = ("picture", "read right", "wanted", "accepted", "right of these", "resized")
MOST_MISTAKES = 20


class Mistake(Outcome):
    """A picture that was not read right.

    Attributes:
        number: of the picture within its row, from 0.
        written: the digits on it.
        read: the digits read, lines separated by "|".
        accepted: whether the reader was sure.
    """

    number: int
    written: str
    read: str
    accepted: bool


class RowResult(Outcome):
    """One row.

    Attributes:
        name, title: of the row.
        num_pictures: made and read.
        num_digits: on them.
        right: share of the digits read right; of strings by edit distance (missing, added, wrong ones; at
            most as many as were written).
        right_interval: low and high of Wilson's 95 % interval of `exact`.
        exact: share of the pictures read without any mistake.
        accepted: share of the pictures of which the reader accepts every digit.
        right_of_accepted: share of those read without a mistake; None where none is accepted.
        naive: share read right by the same classifier on the picture resized to 28x28, as `inkwise predict`
            does; None for strings.
        goal: wanted of `right`.
        is_reached: None at a reduced size, where a few pictures say little.
        mistakes: the first 20.
    """

    name: str
    title: str
    num_pictures: int
    num_digits: int
    right: float
    right_interval: tuple[float, float]
    exact: float
    accepted: float
    right_of_accepted: float | None
    naive: float | None
    goal: float
    is_reached: bool | None
    mistakes: list[Mistake]


class ReadingBench(Outcome):
    """All that one `inkwise bench reading` measured.

    Attributes:
        rows: of the table.
        seed: of all pictures.
        is_reduced: whether fewer pictures than usual were asked for.
        seconds: of the whole bench.
        environment: machine, versions, commit.
    """

    rows: list[RowResult]
    seed: int
    is_reduced: bool
    seconds: float
    environment: dict[str, Any]

    def to_rows(self) -> list[tuple[str, ...]]:
        """Return the table for people, as TABLE_HEAD."""
        return [_table_row(row) for row in self.rows]

    def to_markdown(self) -> str:
        """Return the table and what it holds for as a page."""
        rows = [TABLE_HEAD, *self.to_rows()]
        said = self.explanation()
        return bench_page("Reading digits on paper", rows, said=said, facts=self.environment)

    def explanation(self) -> str:
        """Return in words what was measured."""
        singles = {row.num_pictures for row in self.rows if row.naive is not None}
        strings = {row.num_pictures for row in self.rows if row.naive is None}
        sizes = [f"{count:,} pictures a row" for count in singles]
        sizes += [f"{count:,} strings a row" for count in strings]
        return (
            f"MNIST's test digits drawn again and put on paper by rendering, seed {self.seed}, "
            f"{', '.join(sizes)}. Read right is the share of digits, of strings by edit distance. Accepted "
            "is the share of pictures of which the reader accepts every digit, and right of these the "
            "share of them without a mistake. Resized is the same classifier on the picture resized to "
            "28x28, as `inkwise predict` does."
        )


def _table_row(row: RowResult) -> tuple[str, ...]:
    verdict = {None: "", True: "", False: " NO"}[row.is_reached]
    return (
        row.title,
        f"{row.right:.1%}{verdict}",
        f"{row.goal:.0%}",
        f"{row.accepted:.1%}",
        "-" if row.right_of_accepted is None else f"{row.right_of_accepted:.1%}",
        "-" if row.naive is None else f"{row.naive:.1%}",
    )


def print_reading(result: ReadingBench) -> None:
    """Print the table and what it holds for on standard output."""
    table = Table(*TABLE_HEAD, box=SIMPLE_HEAD)  # few lines, so that 80 columns hold a row
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for row in result.to_rows():
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(result.explanation(), style="dim", highlight=False)
