"""The command line: one thin file a command, each parses, calls the public function and prints.

Exit 0 done, 1 failed (one line on standard error), 2 wrong usage. A traceback only with --debug.
"""

import sys

from inkwise.cli.app import app
from inkwise.cli.output import fail
from inkwise.errors import InkwiseError


def main() -> None:
    """Run the command line in this process's arguments and exit."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(args=arguments, prog_name="inkwise", standalone_mode=True)
    except InkwiseError as error:
        if debug:
            raise
        fail(str(error))
    except KeyboardInterrupt:
        if debug:
            raise
        fail("stopped by Ctrl-C")
    except OSError as error:
        if debug:
            raise
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
