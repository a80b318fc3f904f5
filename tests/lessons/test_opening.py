"""Starting Jupyter: with a stand-in for its program on the path, started as the real one is."""

import sys
from pathlib import Path

import pytest

from inkwise.errors import LessonError
from inkwise.lessons.opening import start_jupyter


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a `jupyter-lab` that a test has to write."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin")
    return tmp_path / "jupyter-lab"


def write_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_jupyter_is_given_the_notebook(program: Path, tmp_path: Path) -> None:
    write_program(program, f'echo "$@" > {tmp_path}/given')
    start_jupyter("lab", Path("a lesson.ipynb"))
    assert (tmp_path / "given").read_text() == "a lesson.ipynb\n"


def test_jupyter_that_fails_leaves_the_notebook_and_says_so(program: Path) -> None:
    write_program(program, "exit 3")
    with pytest.raises(LessonError, match=r"Jupyter ended with 3; the notebook is a\.ipynb"):
        start_jupyter("lab", Path("a.ipynb"))
