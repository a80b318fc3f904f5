"""A lesson as a file to hand out: run, with all it prints and draws, as HTML or as a notebook."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from inkwise.errors import LessonError
from inkwise.files import write_atomically
from inkwise.lessons.execute import execute_notebook
from inkwise.lessons.handout import render_handout
from inkwise.lessons.lesson import find_lesson
from inkwise.lessons.notebook import read_lesson, to_ipynb, without_solutions


def export_lesson(
    name: str,
    *,
    to: Literal["html", "ipynb"] = "html",
    out: Path | None = None,
    worksheet: bool = False,
    data: str | None = None,
    run: bool = True,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write a lesson as one file and return its path.

    Args:
        name: as of find_lesson.
        to: "html", a page that stands alone, or "ipynb".
        out: the file; None takes the lesson's name, in the current folder. It is written over.
        worksheet: whether solutions are left out, to be found; on a page the checks too.
        data: as of execute_lesson.
        run: whether it is run, so that it shows what its cells print and draw.
        on_cell: as of execute_lesson.
    Raises:
        LessonError: there is no such lesson, a cell fails, or the extra `lessons` is not installed.
        OutputError: the file cannot be written.
    """
    lesson = find_lesson(name)
    path = out or Path(f"{lesson.name}.{to}")
    if path.suffix != f".{to}":
        raise LessonError(
            f"{path}: expected a name that ends in .{to}; choose such an --out, or another --to"
        )
    notebook = read_lesson(lesson)
    if worksheet:
        notebook = without_solutions(notebook)
    if run:
        execute_notebook(notebook, name=lesson.name, data=data, on_cell=on_cell)
    text = (
        to_ipynb(notebook)
        if to == "ipynb"
        else render_handout(notebook, title=lesson.title, worksheet=worksheet)
    )
    write_atomically(path, text)
    return path
