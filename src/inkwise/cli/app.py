"""The table of commands. Nothing heavy is imported here: `inkwise --help` answers at once."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from inkwise import __version__
from inkwise.cli.bench import bench
from inkwise.cli.compare import compare
from inkwise.cli.data import data
from inkwise.cli.evaluate import evaluate
from inkwise.cli.explore import explore
from inkwise.cli.export import export
from inkwise.cli.inspect import inspect
from inkwise.cli.lesson import lesson
from inkwise.cli.predict import predict
from inkwise.cli.read import read
from inkwise.cli.recipes import recipes
from inkwise.cli.reproduce import reproduce
from inkwise.cli.serve import serve
from inkwise.cli.settings import RayCommand
from inkwise.cli.sweep import sweep
from inkwise.cli.train import train
from inkwise.errors import InkwiseError


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        """Run a command; Ctrl-C gets a line as every failure does, where Typer ends without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise InkwiseError(f"stopped by {error if error.args else 'Ctrl-C'}") from error


app = typer.Typer(
    cls=_Commands,
    name="inkwise",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="With --debug, a failure shows its whole traceback.",
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"inkwise {__version__}")
        raise typer.Exit


@app.callback()
def inkwise(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Train small-image classifiers, say honestly how good they are, and put them to use."""


app.command()(bench)
app.command()(compare)
app.command()(evaluate)
app.command()(explore)
app.command()(export)
app.command()(inspect)
app.command(cls=RayCommand)(predict)
app.command(cls=RayCommand)(read)
app.command()(recipes)
app.command()(reproduce)
app.command()(serve)
app.command(cls=RayCommand)(sweep)
app.command(cls=RayCommand)(train)
app.add_typer(data, name="data")
app.add_typer(lesson, name="lesson")
