"""What `inkwise bench serving` came to: frozen models that are its JSON, and a table for people."""

from statistics import median
from typing import Any, Literal, NamedTuple, Self

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from inkwise.experiments.bench.page import Outcome, bench_page
from inkwise.experiments.bench.serving.asking.requests import MANY

TABLE_HEAD = ("measured", "usual", "inkwise", "times as good", "wanted")
Unit = Literal["requests/s", "images/s", "ms", "us", "s"]
Named = tuple[str, str, Unit]  # name, title, unit of a row
_SUFFIX: dict[Unit, str] = {"requests/s": "/s", "images/s": "/s", "ms": " ms", "us": " us", "s": " s"}
_LESS_IS_BETTER: tuple[Unit, ...] = ("ms", "us", "s")


class SideResult(Outcome):
    """One side of a row; lists have an entry a repetition.

    Attributes:
        value: the median of values, in the row's unit.
        client_share: processor time of the client as a share of one processor; None without a client.
        server_share: likewise of the server; None where the system does not say.
    """

    value: float
    values: list[float]
    client_share: list[float | None]
    server_share: list[float | None]

    @classmethod
    def of(
        cls,
        values: list[float],
        *,
        client_share: list[float | None] | None = None,
        server_share: list[float | None] | None = None,
    ) -> Self:
        """Return the summary of values, one a repetition."""
        nothing: list[float | None] = [None] * len(values)
        return cls(
            value=median(values),
            values=values,
            client_share=client_share or nothing,
            server_share=server_share or nothing,
        )


class RowResult(Outcome):
    """One quantity on both sides.

    Attributes:
        name, title: of the row.
        unit: of values; requests/s and images/s are better the larger they are, seconds the smaller.
        usual: the usual handler; of plain pixels and many images, which it does not take, one PNG a request
            over as many connections (many: over 8) stands here.
        inkwise: our server.
        ratio: how many times as good ours is, by the medians; ratio_min and ratio_max of neighbouring runs.
        wanted_ratio: of ratio at least, wanted_value: of our value at least or, of seconds, less; None: none.
        is_reached: None where nothing is wanted, or at a reduced size.
    """

    name: str
    title: str
    unit: Unit
    usual: SideResult
    inkwise: SideResult
    ratio: float
    ratio_min: float
    ratio_max: float
    wanted_ratio: float | None
    wanted_value: float | None
    is_reached: bool | None


class ServingBench(Outcome):
    """All that one `inkwise bench serving` measured.

    Attributes:
        rows: of the table.
        classifier: what was served: network, num_parameters, is_trained.
        seconds_a_row: that each row was measured for, in each repetition.
        repetitions: the two sides in turn.
        is_reduced: whether rows were measured for less than usual.
        load_average: over the minute before the start; more than 0.5 on a small machine and ratios stray.
        environment: machine, versions, commit.
    """

    rows: list[RowResult]
    classifier: dict[str, str | int | bool]
    seconds_a_row: float
    repetitions: int
    is_reduced: bool
    load_average: float | None
    environment: dict[str, Any]

    def to_rows(self) -> list[tuple[str, ...]]:
        """Return the table for people, as TABLE_HEAD."""
        return [_table_row(row) for row in self.rows]

    def to_markdown(self) -> str:
        """Return the table and what it holds for as a page."""
        rows = [TABLE_HEAD, *self.to_rows()]
        said = self.explanation()
        return bench_page("Serving beside the usual handler", rows, said=said, facts=self.environment)

    def explanation(self) -> str:
        """Return in words what was measured."""
        busiest = max(share or 0.0 for row in self.rows for share in row.inkwise.client_share)
        trained = "" if self.classifier["is_trained"] else ", untrained: speed does not depend on it"
        return (
            f"Answers a second; of many images, {MANY:,} a request, images a second. A form holds a PNG; "
            "pixels and many images are sent as plain bytes, and JSON comes back, or bytes. The usual "
            "handler is one process of FastAPI, PIL and PyTorch as tutorials write it; it takes a form and "
            f"nothing else, so that stands in its column of every row. Both serve "
            f"{self.classifier['network']} ({self.classifier['num_parameters']:,} parameters{trained}) to "
            f"one client on the same machine, {self.seconds_a_row:g} s a row, {self.repetitions} times in "
            "turn; status and labels of every answer were checked. Medians, in brackets the least and most "
            "of neighbouring runs. p50 and p99 at a fixed rate count from the moment a request "
            f"was due. The client took at most {busiest:.0%} of a processor."
        )


class Wanted(NamedTuple):
    """What is wanted of a row; None: nothing.

    Attributes:
        ratio: how many times as good ours is, at least.
        value: of ours, at least, or of a time, less.
    """

    ratio: float | None = None
    value: float | None = None


def compare(
    named: Named, usual: SideResult, inkwise: SideResult, *, wanted: Wanted, is_judged: bool
) -> RowResult:
    """Return a row.

    Args:
        named: its name, title and unit.
        usual, inkwise: the two sides, as many values each.
        wanted: of ours.
        is_judged: whether what is wanted says anything at this size.
    """
    name, title, unit = named
    less = unit in _LESS_IS_BETTER
    pairs = zip(usual.values, inkwise.values, strict=True)
    ratios = [_ratio(theirs, own, less=less) for theirs, own in pairs]
    ratio = _ratio(usual.value, inkwise.value, less=less)
    is_reached = None
    if is_judged and wanted != Wanted():
        is_reached = _is_reached(wanted, ratio, inkwise.value, less=less)
    return RowResult(
        name=name,
        title=title,
        unit=unit,
        usual=usual,
        inkwise=inkwise,
        ratio=ratio,
        ratio_min=min(ratios),
        ratio_max=max(ratios),
        wanted_ratio=wanted.ratio,
        wanted_value=wanted.value,
        is_reached=is_reached,
    )


def _ratio(usual: float, inkwise: float, *, less: bool) -> float:
    return usual / inkwise if less else inkwise / usual


def _is_reached(wanted: Wanted, ratio: float, value: float, *, less: bool) -> bool:
    if wanted.ratio is not None and ratio < wanted.ratio:
        return False
    return wanted.value is None or (value < wanted.value if less else value >= wanted.value)


def _table_row(row: RowResult) -> tuple[str, ...]:
    wanted = "" if row.wanted_ratio is None else f"{row.wanted_ratio:g}x"
    if row.wanted_value is not None:
        wanted = f"{'< ' if row.unit in _LESS_IS_BETTER else ''}{row.wanted_value:,g}{_SUFFIX[row.unit]}"
    return (
        row.title,
        _amount(row.usual.value, row.unit),
        _amount(row.inkwise.value, row.unit),
        _times(row.ratio) + _spread(row),
        wanted + (" NO" if row.is_reached is False else ""),
    )


def _spread(row: RowResult) -> str:
    if len(row.inkwise.values) == 1:
        return ""
    return f" ({_times(row.ratio_min)} to {_times(row.ratio_max)})"


def _amount(value: float, unit: Unit) -> str:
    digits = {"requests/s": 0, "images/s": 0, "us": 0, "ms": 1, "s": 2}[unit]
    return f"{value:,.{digits}f}{_SUFFIX[unit]}"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"


def print_serving(result: ServingBench) -> None:
    """Print the table and what it holds for on standard output."""
    table = Table(*TABLE_HEAD, box=SIMPLE_HEAD, pad_edge=False)  # few lines, so that 80 columns hold a row
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "right"
    for row in result.to_rows():
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print(result.explanation(), style="dim", highlight=False)
    facts = result.environment
    console.print(
        f"{facts['processor']}, {facts['num_cores']} cores, inkwise {facts['inkwise']} "
        f"(commit {facts['commit'] or 'unknown'})",
        highlight=False,
    )
