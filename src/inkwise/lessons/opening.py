"""The learner's way into a lesson: a notebook of one's own, and Jupyter to open it with."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from inkwise.errors import LessonError
from inkwise.files import write_atomically
from inkwise.lessons.lesson import find_lesson
from inkwise.lessons.notebook import read_lesson, to_ipynb, without_solutions

HOW_TO_OPEN = (
    "to open it: pip install jupyterlab, then run this again; or open it in VS Code, PyCharm or Colab"
)


def write_learner_notebook(name: str, out: Path | None = None) -> tuple[Path, bool]:
    """Write a lesson's notebook without solutions; return its path, and whether it was written.

    One that is there already holds somebody's work: it is kept.

    Args:
        name: as of find_lesson.
        out: the file; None takes the lesson's name, in the current folder.
    Raises:
        LessonError: there is no such lesson, or the extra `lessons` is not installed.
        OutputError: the file cannot be written.
    """
    lesson = find_lesson(name)
    path = out or Path(f"{lesson.name}.ipynb")
    if path.suffix != ".ipynb":
        raise LessonError(f"{path}: a notebook's name ends in .ipynb; choose such an --out")
    if path.exists():
        return path, False
    write_atomically(path, to_ipynb(without_solutions(read_lesson(lesson))))
    return path, True


def find_jupyter() -> str | None:
    """Return the Jupyter that this Python has installed, "lab" or "notebook", or None."""
    modules = {"lab": "jupyterlab", "notebook": "notebook"}
    return next((name for name, module in modules.items() if importlib.util.find_spec(module)), None)


def start_jupyter(jupyter: str, path: Path) -> None:
    """Open a notebook in Jupyter and wait until it ends.

    Raises:
        LessonError: Jupyter ended with an error.
    """
    done = subprocess.run([sys.executable, "-m", "jupyter", jupyter, str(path)], check=False)
    if done.returncode:
        raise LessonError(
            f"Jupyter ended with {done.returncode}; the notebook is {path}, open it with what you have"
        )
