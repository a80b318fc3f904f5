"""inkwise inspect"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Topic(StrEnum):
    """What --explain can explain."""

    step = "step"


def inspect(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run folder or a classifier.safetensors file.")
    ],
    image: Annotated[
        Path | None,
        typer.Argument(
            metavar="[IMAGE]", help="A picture file; without it a test image.", show_default=False
        ),
    ] = None,
    index: Annotated[
        int | None, typer.Option(min=0, help="Which test image, from 0; the first without it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Of the page and its figures; without it one in RUN/inspection."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="A catalogue name or a path; without it what the run was trained on."),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER,CHANNEL,ROW,COLUMN",
            help="Which output to work out by hand; LAYER,FEATURE of a linear layer.",
            show_default=False,
        ),
    ] = None,
    framework: Annotated[
        str, typer.Option(help="torch, or tensorflow: the layers of the same network in Keras (its extra).")
    ] = "torch",
    explain: Annotated[
        Topic | None,
        typer.Option(help="Print the run's training step as plain PyTorch instead, a program to run."),
    ] = None,
) -> None:
    """Look inside a network: every layer at work on one image, what moves the answer, what is amiss."""
    from rich.console import Console

    from inkwise.experiments.inspect import explain_training_step, inspection_folder
    from inkwise.experiments.inspect import inspect as inspect_run
    from inkwise.reports.inspection.text import tell_inspection

    if image is not None and index is not None:
        raise typer.BadParameter("names a test image, and a picture is given", param_hint="--index")
    if explain is not None:
        if (image, index, place, out) != (None, None, None, None) or framework != "torch":
            raise typer.BadParameter("takes RUN and --data alone", param_hint="--explain")
        typer.echo(explain_training_step(run, data=data), nl=False)
        return
    folder = out or inspection_folder(run, image, index=index or 0)
    inspection = inspect_run(
        run, image, index=index or 0, data=data, out=folder, place=_numbers(place), framework=framework
    )
    page = folder / "inspection.html"
    console = Console(highlight=False)
    for part in tell_inspection(inspection, page=page):
        console.print(part, soft_wrap=isinstance(part, str))  # a path broken in two cannot be copied


def _numbers(place: str | None) -> tuple[int, ...] | None:
    if place is None:
        return None
    try:
        return tuple(int(number) for number in place.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{place!r} is no list of whole numbers; expected LAYER,CHANNEL,ROW,COLUMN such as 3,7,4,4",
            param_hint="--place",
        ) from None
