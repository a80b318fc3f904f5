"""What every command prints the same way: JSON and results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn


def print_json(document: Any) -> None:
    """Print one JSON document on standard output; NaN is refused, for it is not JSON."""
    takes_all = (sys.stdout.encoding or "").lower().startswith("utf")
    text = json.dumps(document, indent=2, ensure_ascii=not takes_all, allow_nan=False)
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print one line for the person, on standard error."""
    sys.stderr.write(text + "\n")


def fail_for_some(errors: Sequence[str], *, num_read: int) -> None:
    """Say each error and exit with 1, where there are any; num_read pictures had none."""
    if not errors:
        return
    num_pictures = len(errors) + num_read
    if num_pictures == 1:
        fail(errors[0])
    for error in errors:
        note(f"inkwise: {error}")
    rest = "; the others were" if num_read else ""
    fail(f"{len(errors)} of {num_pictures} pictures could not be read, as said above{rest}")


def fail(message: str) -> NoReturn:
    """Print message as the one line of a failure and exit with 1."""
    note("inkwise: " + " ".join(message.split()))
    raise SystemExit(1)
