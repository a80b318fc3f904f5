"""Evaluations and comparisons as tables for a terminal."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from inkwise.evaluation.comparison import Comparison
from inkwise.evaluation.evaluate import Evaluation
from inkwise.figures.percent import say_percent
from inkwise.reports.words import say_dead_classes, say_duration, say_result
from inkwise.runs.run import Run

_MOST_COLUMNS = 26  # classes whose confusion matrix still fits a terminal
_LONGEST_HEAD = 4  # letters of a class name that may head a column of counts


def tell_evaluation(evaluation: Evaluation) -> Iterator[RenderableType]:
    """Yield the parts of an evaluation, top to bottom, for rich to print."""
    low, high = evaluation.accuracy_interval
    summary = Table(box=None, show_header=False, pad_edge=False)
    summary.add_row(
        "accuracy", f"{say_percent(evaluation.accuracy)}  ({say_percent(low)} to {say_percent(high)})"
    )
    summary.add_row("errors", f"{evaluation.num_errors:,} of {evaluation.num_images:,}")
    summary.add_row("loss", f"{evaluation.loss:.4f} nats")
    summary.add_row("calibration", f"expected error {100 * evaluation.expected_calibration_error:.2f} points")
    yield f"\n[bold]{escape(evaluation.dataset)}[/bold], {evaluation.split} images"
    yield summary
    yield ""
    yield say_result(evaluation)
    if evaluation.lost_classes:
        yield f"[bold]{escape(say_dead_classes(evaluation))}[/bold]"
    yield "\n[bold]Each class[/bold]"
    yield _tabulate_classes(evaluation)
    if len(evaluation.classes) <= _MOST_COLUMNS:
        yield "\n[bold]Confusion, true by predicted[/bold]"
        yield _tabulate_confusion(evaluation)
    if evaluation.worst_mistakes:
        yield "\n[bold]The surest mistakes[/bold]"
        yield _tabulate_mistakes(evaluation)


def tell_result(run: Run) -> Iterator[RenderableType]:
    """Yield what a finished training ends with: the result, its place, and the next thing to try."""
    evaluation = Evaluation.model_validate(run.evaluation)
    seconds = say_duration(run.evaluation["train_seconds"])
    data = escape(evaluation.dataset)
    accuracy = say_percent(evaluation.accuracy)
    yield f"\n[bold]{accuracy}[/bold] on {data} in {seconds}. {say_result(evaluation)}"
    if evaluation.lost_classes:
        yield f"[bold]{escape(say_dead_classes(evaluation))}[/bold]"
    yield f"\nreport  {escape(str(run.report_path))}"
    yield f"next    inkwise evaluate {escape(str(run.path))}"
    yield f"        inkwise inspect {escape(str(run.path))}"
    yield f"        inkwise predict {escape(str(run.path))} PICTURE"
    yield f"        inkwise serve {escape(str(run.path))}"


def tell_comparison(comparison: Comparison) -> Iterator[RenderableType]:
    """Yield the parts of a comparison, top to bottom, for rich to print."""
    yield f"\n[bold]{escape(comparison.dataset)}[/bold], {comparison.num_images:,} {comparison.split} images"
    yield _tabulate_runs(comparison)
    for pair in comparison.pairs:
        low, high = (100 * edge for edge in pair.difference_interval)
        first, second = escape(pair.first), escape(pair.second)
        holm = (
            "" if len(comparison.pairs) == 1 else f", {_say_p(pair.adjusted_p_value)} after Holm's correction"
        )
        yield f"\n{first} and {second}: [bold]{escape(pair.verdict)}[/bold]"
        yield (
            f"  only {first} right on {pair.num_only_first_right:,} images, only {second} on "
            f"{pair.num_only_second_right:,}; McNemar's exact test {_say_p(pair.p_value)}{holm}"
        )
        yield (
            f"  {second} minus {first}: {100 * pair.difference:+.2f} points "
            f"(95 % interval {low:+.2f} to {high:+.2f})"
        )


def _tabulate_runs(comparison: Comparison) -> Table:
    """Return a row a run; how it was trained is told where that is known of one of them."""
    has_training = any(run.framework for run in comparison.runs)
    table = Table("run")
    headings = ("errors", "accuracy", "95 % interval", *(("trained in", "images/s") if has_training else ()))
    for heading in headings:
        table.add_column(heading, justify="right")
    for run in comparison.runs:
        interval = " to ".join(say_percent(edge) for edge in run.accuracy_interval)
        speed = "-" if run.images_per_second is None else f"{run.images_per_second:,.0f}"
        cells = (f"{run.num_errors:,}", say_percent(run.accuracy), interval, run.framework or "-", speed)
        table.add_row(escape(run.name), *cells[: len(headings)])
    return table


def _say_p(p_value: float) -> str:
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"


def _tabulate_classes(evaluation: Evaluation) -> Table:
    table = Table("class")
    for heading in ("precision", "recall", "F1", "images"):
        table.add_column(heading, justify="right")
    for scores in evaluation.per_class:
        shares = (say_percent(share) for share in (scores.precision, scores.recall, scores.f1))
        table.add_row(escape(scores.class_name), *shares, f"{scores.support:,}")
    return table


def _tabulate_confusion(evaluation: Evaluation) -> Table:
    table = Table("true", padding=0, collapse_padding=True)
    names = list(evaluation.classes)
    heads = names
    if max(map(len, names)) > _LONGEST_HEAD:  # numbers head the columns, and the rows say what they mean
        heads = [str(label) for label in range(len(names))]
        names = [f"{label} {name}" for label, name in enumerate(names)]
    for head in heads:
        table.add_column(escape(head), justify="right", no_wrap=True)
    for label, (name, row) in enumerate(zip(names, evaluation.confusion_matrix, strict=True)):
        counts = [str(count or "") for count in row]
        counts[label] = f"[bold]{row[label]}[/bold]"
        table.add_row(escape(name), *counts)
    return table


def _tabulate_mistakes(evaluation: Evaluation) -> Table:
    table = Table("index", "label", "predicted", "sure")
    for mistake in evaluation.worst_mistakes[:10]:
        names = (escape(evaluation.classes[label]) for label in (mistake.label, mistake.predicted))
        table.add_row(str(mistake.index), *names, say_percent(mistake.probability))
    return table
