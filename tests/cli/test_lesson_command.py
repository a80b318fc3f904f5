"""`inkwise lesson`: the list, a notebook of one's own, and a handout."""

import json
import sys
from pathlib import Path

import nbformat
import pytest

from inkwise.cli import main
from inkwise.lessons.lesson import list_lessons
from inkwise.lessons.opening import find_jupyter


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["inkwise", "lesson", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_list_has_a_line_a_lesson(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list") == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert len(lines) == len(list_lessons())
    assert lines[0].split() == ["01-first-classifier", "30", "min", "Your", "first", "classifier"]
    assert "inkwise lesson open 1" in said.err


def test_list_json_is_one_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "list", "--json") == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert Path(first.pop("path")).is_file()
    assert first == {
        "name": "01-first-classifier",
        "title": "Your first classifier",
        "minutes": 30,
        "needs": [],
        "tutorials": ["S0", "S1"],
    }


def test_open_writes_the_learners_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "open", "1", "--no-start") == 0
    assert capsys.readouterr().out == "01-first-classifier.ipynb\n"
    notebook = nbformat.read("01-first-classifier.ipynb", as_version=4)
    assert not any("solution" in cell.metadata.get("tags", ()) for cell in notebook.cells)


def test_open_keeps_a_notebook_that_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.ipynb").write_text("my work")
    assert run(monkeypatch, "open", "1", "--out", "mine.ipynb", "--no-start") == 0
    assert Path("mine.ipynb").read_text() == "my work"
    assert "mine.ipynb: is there already and stays as it is" in capsys.readouterr().err


@pytest.mark.skipif(find_jupyter() is not None, reason="Jupyter is installed, and would be started")
def test_open_without_jupyter_says_how(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "open", "1") == 0
    assert "to open it: pip install jupyterlab" in capsys.readouterr().err


def test_export_writes_a_page_and_a_notebook(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "export", "1", "--no-run") == 0
    assert (
        run(monkeypatch, "export", "1", "--no-run", "--to", "ipynb", "--worksheet", "--out", "a.ipynb") == 0
    )
    assert capsys.readouterr().out == "01-first-classifier.html\na.ipynb\n"
    page = Path("01-first-classifier.html").read_text(encoding="utf-8")
    assert "<title>Your first classifier</title>" in page
    assert "One solution" in page
    assert "solution" not in Path("a.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("open", "9"), "inkwise: unknown lesson '9'. Known: 01-first-classifier,"),
        (
            ("open", "1", "--out", "a.txt"),
            "inkwise: a.txt: a notebook's name ends in .ipynb; choose such an --out",
        ),
        (
            ("export", "1", "--out", "a.pdf"),
            "inkwise: a.pdf: expected a name that ends in .html; choose such",
        ),
        (("export", "1", "--out", "/dev/null/a.html", "--no-run"), "inkwise: cannot write /dev/null/a.html"),
        (("export", "1", "--data", "nothing"), "inkwise: 01-first-classifier: a cell failed with DataError"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run(monkeypatch, *arguments) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(said)
