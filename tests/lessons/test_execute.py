"""Running a notebook in a Python of its own."""

import os
import sys
from pathlib import Path
from typing import Any

import nbformat.v4
import pytest

from inkwise.errors import LessonError
from inkwise.lessons.execute import execute_notebook
from inkwise.lessons.images import choose_data


def notebook_of(*sources: str, tags: list[str] | None = None) -> Any:
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": tags or []}) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def printed(notebook: Any) -> str:
    return "".join(output.text for cell in notebook.cells for output in cell.outputs if "text" in output)


def test_cells_run_in_this_python_and_say_how_far_they_are(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    code = "import os, sys\nprint(sys.executable, os.getcwd(), os.environ['INKWISE_LESSON_DATA'])"
    done = execute_notebook(
        notebook_of(code, "x = 1", "print(x)\nprint(2)"), name="trial", data="digits", folder=tmp_path,
        on_cell=lambda number, total: told.append((number, total)),
    )  # fmt: skip
    assert printed(done) == f"{sys.executable} {tmp_path} digits\n1\n2\n"
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert len(done.cells[2].outputs) == 1


def test_cell_that_fails_is_named() -> None:
    with pytest.raises(
        LessonError,
        match=r"trial: a cell failed with ZeroDivisionError: division by zero; it begins 'y = 1 / 0'",
    ):
        execute_notebook(notebook_of("y = 1 / 0\nprint(y)"), name="trial")


def test_mistake_that_is_shown_may_fail() -> None:
    done = execute_notebook(notebook_of("1 / 0", tags=["raises-exception"]), name="trial")
    assert [output.ename for output in done.cells[0].outputs] == ["ZeroDivisionError"]


def test_python_that_ends_is_told() -> None:
    with pytest.raises(
        LessonError, match="trial: its Python ended by itself, perhaps for want of memory; close other"
    ):
        execute_notebook(notebook_of("import os\nos._exit(3)"), name="trial")


def test_nothing_is_left_running() -> None:
    done = execute_notebook(notebook_of("import os\nprint(os.getpid())"), name="trial")
    with pytest.raises(ProcessLookupError):
        os.kill(int(printed(done)), 0)


def test_data_are_those_asked_for_else_those_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKWISE_LESSON_DATA", raising=False)
    assert choose_data() == "digits"  # no MNIST in the tests' own folder
    monkeypatch.setenv("INKWISE_LESSON_DATA", "usps")
    assert choose_data() == "usps"


def test_mnist_is_taken_where_it_is(mnist_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKWISE_LESSON_DATA", raising=False)
    assert choose_data() == "mnist"
