"""What a person writes behind --set and --ray, and options that a command called so would not look at."""

import re
from collections.abc import Collection
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from inkwise.errors import RecipeError
from inkwise.recipes.settings import setting_value

_RAY_ADDRESS = re.compile(r"local|auto|ray://\S+|\[?[\w.:-]+\]?:\d{1,5}")

RayOption = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="[ADDRESS]",
        help="Work on Ray (its extra): alone a Ray of this machine's own; auto or HOST:PORT joins a cluster.",
        show_default=False,
    ),
]


class RayCommand(TyperCommand):
    """A command whose --ray may stand alone: what follows is its address only if it looks like one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read --ray without an address as --ray local, and all else as ever."""
        return super().parse_args(ctx, with_ray_address(args))


def with_ray_address(arguments: list[str]) -> list[str]:
    """Return the arguments with "local" behind a --ray that has no address.

    >>> with_ray_address(["RUN", "--ray", "folder"]), with_ray_address(["--ray", "head:6379"])
    (['RUN', '--ray', 'local', 'folder'], ['--ray', 'head:6379'])
    """
    whole: list[str] = []
    for place, argument in enumerate(arguments):
        whole.append(argument)
        following = arguments[place + 1 : place + 2]
        if argument == "--ray" and not (following and _RAY_ADDRESS.fullmatch(following[0])):
            whole.append("local")
    return whole


def refuse_unused(context: typer.Context, takes: Collection[str], *, reason: str) -> None:
    """Refuse what was given on the command line beside the parameters that are looked at.

    Raises:
        typer.BadParameter: the option, and the reason.
    """
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name not in takes and source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(reason, param_hint=parameter.opts[0])


def parse_settings(pairs: list[str]) -> dict[str, Any]:
    """Return {"epochs": 3} for ["epochs=3"]: a value is read as TOML where it is some, else as text.

    Raises:
        RecipeError: a pair has no "=".

    >>> parse_settings(["epochs=3", "mean=measured", "nesterov=true"])
    {'epochs': 3, 'mean': 'measured', 'nesterov': True}
    """
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise RecipeError(f"--set {pair}: expected KEY=VALUE, for example --set epochs=3")
        settings[key.strip()] = setting_value(value.strip())
    return settings
