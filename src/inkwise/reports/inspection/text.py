"""An inspection as a table for a terminal."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from inkwise.figures.percent import say_percent
from inkwise.inspection.inspect import Inspection
from inkwise.inspection.layers import LayerView
from inkwise.inspection.recording.summaries import say_shape
from inkwise.reports.inspection.words import say_answer

_MOST_CLASSES = 3


def tell_inspection(inspection: Inspection, *, page: Path) -> Iterator[RenderableType]:
    """Yield the layers, the answer, the doctor's findings and where the page is, for rich to print."""
    yield _tabulate_layers(inspection)
    yield f"\n{escape(say_answer(inspection))}"
    yield _tell_probable(inspection)
    for finding in inspection.findings:
        yield f"\n[bold]{escape(finding.what)}[/bold]"
        yield escape(f"  {finding.evidence}\n  {finding.advice}")
    yield f"\npage  {escape(str(page))}"


def _tabulate_layers(inspection: Inspection) -> Table:
    table = Table("", "layer", "output", box=None, pad_edge=False)
    for heading in ("parameters", "dead units"):
        table.add_column(heading, justify="right")
    for view in inspection.layers:
        count = f"{view.num_parameters:,}" if view.num_parameters else ""
        shape = say_shape(view.output.shape, view.axes)
        table.add_row(str(view.index), escape(view.kind), escape(shape), count, _count_dead(view))
    total = sum(view.num_parameters for view in inspection.layers)
    table.add_row("", "in all", "", f"{total:,}", "", style="bold")
    return table


def _count_dead(view: LayerView) -> str:
    return "" if view.dead is None else f"{int(view.dead.sum())} of {view.dead.numel()}"


def _tell_probable(inspection: Inspection) -> str:
    """Return the most probable classes, in a line."""
    probabilities = inspection.probabilities.tolist()
    order = sorted(range(len(probabilities)), key=lambda label: -probabilities[label])[:_MOST_CLASSES]
    parts = (f"{inspection.classes[label]} {say_percent(probabilities[label])}" for label in order)
    return escape("Most probable: " + ", ".join(parts))
