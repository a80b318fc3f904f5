"""inkwise export"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from inkwise.cli.output import print_json


class Form(StrEnum):
    """What --to takes."""

    onnx = "onnx"
    page = "page"
    torch = "torch"


def export(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            help="A run folder or a classifier.safetensors; reader is the one that ships with inkwise.",
        ),
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What to write: ends in .onnx, .html or .pt2.")
    ],
    to: Annotated[
        Form,
        typer.Option(help="ONNX, an HTML file to draw in, or a program of torch.export.", show_default=False),
    ],
    beside: Annotated[
        list[str] | None,
        typer.Option(metavar="RUN", help="Another classifier for the same page; may be repeated."),
    ] = None,
    int8: Annotated[
        bool, typer.Option("--int8", help="ONNX in eight bits, if that loses at most 0.1 points.")
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(
            help="Where to take images from, a catalogue name or a path; without it what it was trained on."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write a classifier to one file with its preprocessing inside; it must answer as it does in PyTorch.

    A file of that name is replaced.
    """
    if int8 and to != Form.onnx:
        raise typer.BadParameter("is for --to onnx; leave it out", param_hint="--int8")
    if beside and to != Form.page:
        raise typer.BadParameter("is for --to page; export each by itself", param_hint="--beside")
    from inkwise.exporting.export import export as export_run
    from inkwise.exporting.words import tell_export

    made = export_run(run, file, to=to.value, beside=beside or (), int8=int8, data=data)
    if as_json:
        print_json(made.model_dump())
    else:
        print(*tell_export(made), sep="\n")
