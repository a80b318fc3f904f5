"""The robustness sheet for a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from inkwise.evaluation.robustness.sheet import EPSILON, Robustness, Row
from inkwise.figures.percent import say_percent

_SEVERITIES = 5


def tell_robustness(sheet: Robustness) -> Iterator[RenderableType]:
    """Yield the parts of a robustness sheet, top to bottom, for rich to print."""
    yield (
        f"\n[bold]Robustness[/bold]: accuracy on {sheet.num_images:,} {sheet.split} images of "
        f"{escape(sheet.dataset)}, changed; unchanged {say_percent(sheet.clean)}"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for severity in range(1, _SEVERITIES + 1):
        table.add_column(
            "mild" if severity == 1 else "severe" if severity == _SEVERITIES else "", justify="right"
        )
    table.add_column("by", style="dim")
    for row in sheet.rows:
        cells = [say_percent(cell.accuracy, decimals=1) for cell in row.cells]
        table.add_row(row.kind, *cells, *[""] * (_SEVERITIES - len(cells)), _say_amounts(row))
    yield table
    yield f"\nMNIST-C, mean of its 15 kinds  {say_percent(sheet.mnist_c_accuracy)}"
    if sheet.outlier_auroc is not None:
        yield (
            f"told from {escape(sheet.outliers or '')} by its probability  AUROC {sheet.outlier_auroc:.4f} "
            "(0.5 is chance, 1 is perfect)"
        )
    if sheet.fgsm_accuracy is not None and sheet.pgd_accuracy is not None:
        yield (
            f"attacked, each pixel by up to {EPSILON:g}  FGSM {say_percent(sheet.fgsm_accuracy)}, "
            f"PGD {say_percent(sheet.pgd_accuracy)}"
        )


def _say_amounts(row: Row) -> str:
    if len(row.cells) == 1:
        return row.unit
    return f"{row.cells[0].amount} to {row.cells[-1].amount} {row.unit}"
