"""A lesson as a notebook: the teacher's with solutions, the learner's with blanks.

Cells say by their tags what they are:

    exercise    what a learner fills in; its blanks are `...`
    solution    one way to fill it in: only the teacher's notebook has it
    check       says in one line whether the answer is right; folded away in the learner's notebook
    raises-exception    a mistake, shown: it may fail, and the notebook goes on
"""

from typing import TYPE_CHECKING

from inkwise.errors import LessonError
from inkwise.lessons.lesson import Lesson
from inkwise.lessons.links import Repository, add_links

if TYPE_CHECKING:
    from nbformat import NotebookNode

_INSTALL = "pip install 'inkwise[lessons]'"


def read_lesson(lesson: Lesson) -> "NotebookNode":
    """Return the teacher's notebook, not run.

    Raises:
        LessonError: the extra `lessons` is not installed.
    """
    try:
        import jupytext
    except ImportError as error:
        raise not_installed(error) from error
    notebook: NotebookNode = jupytext.read(lesson.path)
    notebook.metadata.pop("jupytext", None)
    add_links(notebook, lesson, Repository.find())
    # Ids follow from the place, so that the same lesson is the same file each time.
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place:03}"
    return notebook


def without_solutions(notebook: "NotebookNode") -> "NotebookNode":
    """Return the learner's copy: no solution, no output, and checks whose code is folded away."""
    import copy

    learner = copy.deepcopy(notebook)
    learner.cells = [cell for cell in learner.cells if not has_tag(cell, "solution")]
    for cell in learner.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if has_tag(cell, "check"):
            cell.metadata.jupyter = {"source_hidden": True}  # JupyterLab
            cell.metadata.cellView = "form"  # Colab
    return learner


def has_tag(cell: "NotebookNode", tag: str) -> bool:
    """Return whether a cell carries tag."""
    return tag in cell.metadata.get("tags", ())


def to_ipynb(notebook: "NotebookNode") -> str:
    """Return the text of an .ipynb file, checked against Jupyter's own schema."""
    import nbformat

    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text + "\n"


def not_installed(error: ImportError) -> LessonError:
    """Return the error that says what to install, where an import of the extra `lessons` failed."""
    return LessonError(f"a lesson needs {error.name}, which is not installed; run: {_INSTALL}")
