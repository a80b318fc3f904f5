"""inkwise evaluate"""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import print_json


def evaluate(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder or a classifier.safetensors file.")
    ],
    data: Annotated[
        str | None,
        typer.Option(help="A catalogue name or a path; without it what the run was trained on."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a run on test images: accuracy with interval, loss, classes, confusion, mistakes."""
    from rich.console import Console

    from inkwise.experiments.evaluate import evaluate as evaluate_run
    from inkwise.reports.text import tell_evaluation

    evaluation = evaluate_run(run, data=data)
    if as_json:
        print_json(evaluation.model_dump())
        return
    Console(highlight=False).print(*tell_evaluation(evaluation), sep="\n")
