"""inkwise reproduce"""

from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import note, print_json


def reproduce(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="S1, S2-PT, S3 ...; all without.")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Seeds a study, instead of its own number.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change every recipe, for a quick look."),
    ] = None,
    data: Annotated[str, typer.Option(help="What stands in for MNIST in a trial.")] = "mnist",
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for the table and each seed's result; goes on with what is there."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train the tutorials' recipes over several seeds: published numbers beside measured ones."""
    from inkwise.cli.settings import parse_settings
    from inkwise.cli.terminal.progress import TrainingTable
    from inkwise.experiments.reproduce import reproduce as reproduce_studies
    from inkwise.experiments.reproduce import to_markdown

    with TrainingTable() as table:
        result = reproduce_studies(
            ids or [], num_seeds=seeds, settings=parse_settings(settings or []), data=data, out=out,
            on_progress=table.show, on_note=note,
        )  # fmt: skip
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print(to_markdown(result), end="")
