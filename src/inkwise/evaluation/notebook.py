"""An Evaluation as the HTML that a notebook shows: two tables, readable by ear too, and no pictures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inkwise.evaluation.evaluate import ClassEvaluation, Evaluation

# A notebook has its own colours, light or dark: only places are set here.
_NUMBER = '<td style="text-align: right; padding: 0.15em 0.8em; font-variant-numeric: tabular-nums">'
_NAME = '<th scope="row" style="text-align: left; padding: 0.15em 0.8em; font-weight: normal">'
_CAPTION = '<caption style="text-align: left; padding: 0.6em 0.8em 0.15em; font-weight: bold">'
_COLUMN = '<th scope="col" style="text-align: right; padding: 0.15em 0.8em; font-weight: normal">'


def evaluation_html(evaluation: Evaluation) -> str:
    """Return the record as two tables, the whole and its classes; names are escaped."""
    return f"<div>{_whole(evaluation)}{_classes(evaluation)}</div>"


def _whole(evaluation: Evaluation) -> str:
    low, high = evaluation.accuracy_interval
    num_images = evaluation.num_images
    rows = [
        ("images right", f"{num_images - evaluation.num_errors:,} of {num_images:,}"),
        ("accuracy", _percent(evaluation.accuracy, num_images)),
        ("its 95 % interval", f"{_percent(low, num_images)} to {_percent(high, num_images)}"),
        ("loss: mean of -log p, in nats", f"{evaluation.loss:.4f}"),
        ("expected calibration error", f"{evaluation.expected_calibration_error:.2%}"),
    ]
    if evaluation.classes_never_predicted:
        rows.append(("classes never predicted", ", ".join(evaluation.classes_never_predicted)))
    body = "".join(_row(name, [value]) for name, value in rows)
    return _table(f"{evaluation.dataset}, {evaluation.split} part", body)


def _classes(evaluation: Evaluation) -> str:
    names = ("class", "precision", "recall", "F1", "images")
    head = "".join(f"{_COLUMN}{name}</th>" for name in names)
    body = "".join(_row(scores.class_name, _class_values(scores)) for scores in evaluation.per_class)
    return _table("Each class", f"<tr>{head}</tr>{body}")


def _class_values(scores: ClassEvaluation) -> list[str]:
    parts = (scores.precision, scores.recall, scores.f1)
    return [*(_percent(part, scores.support) for part in parts), f"{scores.support:,}"]


def _row(name: str, values: Iterable[str]) -> str:
    return (
        f"<tr>{_NAME}{escape(name)}</th>{''.join(f'{_NUMBER}{escape(value)}</td>' for value in values)}</tr>"
    )


def _table(caption: str, rows: str) -> str:
    return f"<table>{_CAPTION}{escape(caption)}</caption><tbody>{rows}</tbody></table>"


def _percent(fraction: float, num_images: int) -> str:
    """Return a fraction of num_images as percent, in so many digits that a single image shows.

    >>> _percent(99_999 / 100_000, 100_000), _percent(0.9, 10)
    ('99.999%', '90.00%')
    """
    return f"{fraction:.{max(2, len(str(num_images)) - 3)}%}"
