"""The command line: one thin file a command, each parses, calls the public function and prints.

Exit 0 done, 1 failed (one line on standard error), 2 wrong usage. A traceback only with --debug.
"""

import io
import os
import sys

from inkwise.cli.app import app
from inkwise.cli.output import fail
from inkwise.errors import InkwiseError


def main() -> None:
    """Run the command line on this process's arguments and exit."""
    # OpenMP's threads spin for milliseconds when they wait. On a machine with other work that made training
    # about three times slower; on an idle one a shorter spin made no difference that could be measured.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A class name or path that the terminal cannot show must not end a training.
            stream.reconfigure(errors="backslashreplace")
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(args=arguments, prog_name="inkwise")
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        fail(_one_line(error))


def _one_line(error: Exception) -> str:
    if isinstance(error, InkwiseError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}"
    return f"unexpected {type(error).__name__}: {error}; please report it with what --debug shows"
