"""A run folder for a training: a new one, or one to go on with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inkwise.errors import RunError
from inkwise.runs.run import Run


def check_new(run: Run, *, command: str = "train") -> None:
    """Raise RunError where a folder holds anything but what a start that was killed may have left."""
    if run.path.is_file():
        raise RunError(f"{run.path}: a file; expected a new folder, choose another --out")
    if not run.is_new:
        raise RunError(
            f"{run.path}: the folder is not empty; expected a new one, choose another --out, "
            f"or go on with: inkwise {command} --resume --out {run.path}"
        )


def open_to_resume(out: str | os.PathLike[str] | None, *, changes: Sequence[Any]) -> Run:
    """Return the run in the folder out to go on with.

    Args:
        out: None, where it was not said, is refused.
        changes: of the recipe; None where none was asked for.
    Raises:
        RunError: a change was asked for, or there is no run.
    """
    if any(change is not None for change in changes):
        raise RunError(
            "a resumed training keeps its recipe; leave out epochs, seed and settings, "
            "or begin a new run with them in another --out"
        )
    if out is None:
        raise RunError(
            "resume needs to know which run: add --out RUN, the folder of the interrupted training"
        )
    if Path(out).is_dir() and Run(Path(out)).is_new:
        raise RunError(
            f"{out}: holds no recipe.toml, so no training has begun here; leave out --resume, "
            "and say what is to be trained"
        )
    return Run.open(out)
