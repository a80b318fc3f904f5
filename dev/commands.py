"""The commands of the command line, as the reference and the tests of the pages go through them."""

from typing import Any


def commands() -> dict[str, Any]:
    """Return every command of the command line, groups too, by its words: `inkwise data list`."""
    from typer.main import get_command

    from inkwise.cli.app import app

    found = {}
    waiting = [("inkwise", get_command(app))]
    while waiting:
        words, command = waiting.pop(0)
        found[words] = command
        waiting += [(f"{words} {name}", inner) for name, inner in getattr(command, "commands", {}).items()]
    return found
