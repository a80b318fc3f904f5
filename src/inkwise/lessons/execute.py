"""Running a lesson from top to bottom, in a Python of its own."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inkwise.errors import LessonError
from inkwise.lessons.lesson import Lesson
from inkwise.lessons.notebook import not_installed, read_lesson

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

DATA_VARIABLE = "INKWISE_LESSON_DATA"
CELL_SECONDS = 600


def execute_lesson(
    lesson: Lesson,
    *,
    data: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> "NotebookNode":
    """Return a lesson's notebook with its outputs, run from top to bottom.

    Args:
        lesson: of find_lesson.
        data: what it learns from, "mnist" or "digits"; None leaves that to it.
        folder: where it runs and leaves its files; None takes one that is removed afterwards.
        on_cell: called with (cells done, cells in all).
    Raises:
        LessonError: as execute_notebook; or the extra `lessons` is not installed.
    """
    return execute_notebook(read_lesson(lesson), name=lesson.name, data=data, folder=folder, on_cell=on_cell)


def execute_notebook(
    notebook: "NotebookNode",
    *,
    name: str,
    data: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    on_cell: Callable[[int, int], None] = lambda done, total: None,
) -> "NotebookNode":
    """Return notebook with its outputs; it is changed in place. Arguments as of execute_lesson.

    Raises:
        LessonError: a cell failed that was not meant to, or took more than ten minutes.
    """
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError as error:
        raise not_installed(error) from error
    with tempfile.TemporaryDirectory(prefix="inkwise-lesson-", ignore_cleanup_errors=True) as own:
        client = NotebookClient(
            notebook,
            km=_this_python(Path(own)),
            timeout=CELL_SECONDS,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder or own)}},
            on_cell_executed=lambda cell, cell_index, execute_reply: on_cell(
                cell_index + 1, len(notebook.cells)
            ),
        )
        client.owns_km = True  # else its Python would outlive it
        try:
            client.execute(env=_environment(data))
        except CellTimeoutError as error:
            raise LessonError(
                f"{name}: a cell took more than {CELL_SECONDS} s; close other programs, try again"
            ) from error
        except CellExecutionError as error:
            raise LessonError(
                f"{name}: a cell failed with {error.ename}: {error.evalue}; it begins {_first_line(error)!r}"
            ) from error
        except DeadKernelError as error:
            raise LessonError(
                f"{name}: its Python ended by itself, perhaps for want of memory; "
                "close other programs, try again"
            ) from error
    return notebook


def _first_line(error: Any) -> str:
    source = str(error).partition("------------------\n")[2]
    return source.partition("\n")[0]


def _environment(data: str | None) -> dict[str, str]:
    changes = {} if data is None else {DATA_VARIABLE: data}
    return {**os.environ, **changes}


def _this_python(folder: Path) -> "AsyncKernelManager":
    """Return a kernel of the very Python that runs this, whatever kernels the user has installed.

    Args:
        folder: for what it needs while it runs.
    """
    try:
        from ipykernel.kernelspec import get_kernel_dict
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
    except ImportError as error:
        raise not_installed(error) from error

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    connection = folder / "kernel.json"
    # A socket in the file system is closed to others on the machine; its path may not be long.
    is_short = os.name == "posix" and len(str(connection)) < 90
    return AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=ThisPython(), connection_file=str(connection),
        transport="ipc" if is_short else "tcp",
    )  # fmt: skip
