"""inkwise compare"""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import print_json


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN", help="Two or more run folders or classifier.safetensors files."),
    ],
    data: Annotated[
        str | None,
        typer.Option(help="A catalogue name or a path; without it what the runs were trained on."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Test on the same images whether one run is better than another; say so only where it is shown."""
    from rich.console import Console

    from inkwise.experiments.compare import compare as compare_runs
    from inkwise.reports.terminal.text import tell_comparison

    comparison = compare_runs(runs, data=data)
    if as_json:
        print_json(comparison.model_dump())
        return
    Console(highlight=False).print(*tell_comparison(comparison), sep="\n")
