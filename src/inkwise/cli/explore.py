"""inkwise explore"""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import print_json


def explore(
    data: Annotated[str, typer.Argument(metavar="DATA", help="A name of `inkwise data list`, or a path.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write exploration.html and each picture as PNG and SVG there."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    audit_labels: Annotated[
        bool,
        typer.Option(
            "--audit-labels", help="Find doubtful labels too: trains five networks, a minute on MNIST."
        ),
    ] = False,
    no_duplicates: Annotated[
        bool, typer.Option("--no-duplicates", help="Do not look for equal images and near copies.")
    ] = False,
) -> None:
    """Show what a data set holds: shapes, ranges, label shares, copies, leaks, doubtful labels."""
    from rich.console import Console

    from inkwise.cli.terminal.stages import StageProgress
    from inkwise.cli.terminal.transfer import show_progress
    from inkwise.experiments.explore import explore as explore_data
    from inkwise.reports.exploration.text import tell_exploration

    with show_progress(data) as on_progress, StageProgress() as stages:
        found = explore_data(
            data, out=out, duplicates=not no_duplicates, audit_labels=audit_labels,
            on_progress=on_progress, on_stage=stages.show,
        )  # fmt: skip
    if json:
        print_json(found.model_dump(mode="json"))
        return
    Console(highlight=False, emoji=False).print(*tell_exploration(found), sep="\n")
    if out is not None:
        typer.echo(f"\npage  {out / 'exploration.html'}")
