"""What `inkwise bench serving` measures, row by row, and what is wanted of each."""

from dataclasses import dataclass
from typing import Literal

from inkwise.experiments.bench.serving.result import Unit, Wanted

KindName = Literal["png", "form", "raw", "many-json", "many-binary"]
CONNECTIONS = (1, 8, 32)
MANY_CONNECTIONS = 4
STEADY_RATE = 200.0
STEADY_CONNECTIONS = 32
NOTHING = Wanted()


@dataclass(frozen=True)
class Asked:
    """One measurement of one server by the client.

    Attributes:
        kind: of requests.KINDS.
        connections: kept open.
        rate: requests a second; None: each follows the last one's answer.
    """

    kind: KindName
    connections: int
    rate: float | None = None


@dataclass(frozen=True)
class Row:
    """A row whose numbers come from the client.

    Attributes:
        name, title, unit: of the row.
        usual, inkwise: what either server is asked.
        figure: which field of the client's report is shown.
        wanted: of ours.
    """

    name: str
    title: str
    unit: Unit
    usual: Asked
    inkwise: Asked
    figure: str
    wanted: Wanted = NOTHING

    @property
    def factor(self) -> float:
        """What turns the report's figure, in seconds or a second, into the row's unit."""
        return 1000.0 if self.unit == "ms" else 1.0


def _rate_row(kind: KindName, count: int, what: str, *, wanted: Wanted = NOTHING) -> Row:
    return Row(
        name=f"{kind}-{count}",
        title=f"{what}, {count} connection{'s' if count > 1 else ''}",
        unit="requests/s",
        usual=Asked("form", count),
        inkwise=Asked(kind, count),
        figure="requests_per_second",
        wanted=wanted,
    )


def _many_row(kind: KindName, answer: str) -> Row:
    return Row(
        name=kind,
        title=f"many images, {answer}",
        unit="images/s",
        usual=Asked("form", 8),
        inkwise=Asked(kind, MANY_CONNECTIONS),
        figure="images_per_second",
        wanted=Wanted(value=15_000.0),
    )


def _latency_row(name: str, *, wanted: Wanted = NOTHING) -> Row:
    return Row(
        name=name,
        title=f"{name} at {STEADY_RATE:.0f} requests/s",
        unit="ms",
        usual=Asked("form", STEADY_CONNECTIONS, STEADY_RATE),
        inkwise=Asked("png", STEADY_CONNECTIONS, STEADY_RATE),
        figure=f"{name}_seconds",
        wanted=wanted,
    )


CLIENT_ROWS = (
    *(_rate_row("png", count, "PNG", wanted=Wanted(ratio=2.0)) for count in CONNECTIONS),
    *(_rate_row("form", count, "form") for count in CONNECTIONS),
    *(_rate_row("raw", count, "pixels") for count in CONNECTIONS),
    _many_row("many-json", "JSON"),
    _many_row("many-binary", "bytes"),
    _latency_row("p50"),
    _latency_row("p99", wanted=Wanted(value=25.0)),
)
PREDICTION_LIMIT_US = 60.0
START_LIMIT_SECONDS = 2.0
