"""`inkwise lesson`: the tutorials as notebooks to work through, and as handouts."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from inkwise.cli.output import note, print_json

lesson = typer.Typer(
    help="Eight lessons, from a first classifier to your own pictures: list, open, export.",
    no_args_is_help=True,
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A lesson of `inkwise lesson list`, or its number.")
]


@lesson.command("list")
def list_command(
    json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON list of {name, title, minutes, needs, tutorials, path}."),
    ] = False,
) -> None:
    """List the lessons, how long each takes, and the tutorials that live on in them."""
    from inkwise.lessons.lesson import list_lessons

    found = list_lessons()
    if json:
        print_json([{**vars(one), "path": str(one.path)} for one in found])
        return
    width = max(len(one.name) for one in found)
    for one in found:
        print(f"{one.name:<{width}}  {one.minutes:>3} min  {one.title}")
    note("begin with: inkwise lesson open 1")


@lesson.command("open")
def open_command(
    name: Name,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The notebook to write; default: NAME.ipynb here. Kept where it is there."
        ),
    ] = None,
    no_start: Annotated[bool, typer.Option("--no-start", help="Write the notebook, start nothing.")] = False,
) -> None:
    """Write a lesson's notebook with its exercises to fill in, and start Jupyter where it is installed."""
    from inkwise.lessons.opening import HOW_TO_OPEN, find_jupyter, start_jupyter, write_learner_notebook

    path, is_new = write_learner_notebook(name, out)
    typer.echo(path)
    if not is_new:
        note(
            f"{path}: is there already and stays as it is; for a fresh one delete it, or choose another --out"
        )
    if no_start:
        return
    if jupyter := find_jupyter():
        start_jupyter(jupyter, path)
    else:
        note(HOW_TO_OPEN)


@lesson.command("export")
def export_command(
    name: Name,
    to: Annotated[
        Literal["html", "ipynb"], typer.Option("--to", help="One HTML page to print, or a Jupyter notebook.")
    ] = "html",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write; default: NAME.html or .ipynb here."),
    ] = None,
    worksheet: Annotated[
        bool, typer.Option("--worksheet", help="Leave the solutions out: exercises for a class.")
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Run it with these images; default: mnist if here, else digits."),
    ] = None,
    no_run: Annotated[bool, typer.Option("--no-run", help="Without what its cells print and draw.")] = False,
) -> None:
    """Run a lesson and write it with all it prints and draws: a handout, or a notebook with solutions."""
    from inkwise.cli.terminal.stages import StageProgress
    from inkwise.lessons.exporting import export_lesson

    with StageProgress() as stages:
        path = export_lesson(
            name, to=to, out=out, worksheet=worksheet, data=data, run=not no_run,
            on_cell=lambda done, total: stages.show("running cells", done, total),
        )  # fmt: skip
    typer.echo(path)
