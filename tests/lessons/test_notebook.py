"""The teacher's and the learner's notebook, and the form that every lesson keeps to."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from inkwise.errors import LessonError
from inkwise.lessons.execute import execute_notebook
from inkwise.lessons.handout import render_handout
from inkwise.lessons.lesson import Lesson, list_lessons
from inkwise.lessons.notebook import has_tag, read_lesson, to_ipynb, without_solutions

EVERY_LESSON = pytest.mark.parametrize("lesson", list_lessons(), ids=lambda lesson: lesson.name)
TAGS = {"exercise", "solution", "check", "install", "raises-exception"}


@EVERY_LESSON
def test_learners_copy_has_no_solution(lesson: Lesson) -> None:
    teacher = read_lesson(lesson)
    solutions = [cell.source for cell in teacher.cells if has_tag(cell, "solution")]
    text = to_ipynb(without_solutions(teacher))
    cells = nbformat.reads(text, as_version=4).cells
    assert solutions
    assert not {cell.source for cell in cells} & set(solutions)
    assert not any(has_tag(cell, "solution") for cell in cells)


@EVERY_LESSON
def test_learners_checks_are_folded_away(lesson: Lesson) -> None:
    checks = [cell for cell in without_solutions(read_lesson(lesson)).cells if has_tag(cell, "check")]
    assert checks
    assert all(cell.metadata.jupyter.source_hidden and cell.metadata.cellView == "form" for cell in checks)


@EVERY_LESSON
def test_exercise_has_blank_solution_and_check_in_this_order(lesson: Lesson) -> None:
    cells = read_lesson(lesson).cells
    order = [tag for cell in cells for tag in ("exercise", "solution", "check") if has_tag(cell, tag)]
    assert order == ["exercise", "solution", "check"] * (len(order) // 3)
    assert all("..." in cell.source for cell in cells if has_tag(cell, "exercise"))
    assert len(order) >= 6


@EVERY_LESSON
def test_lesson_keeps_to_the_form(lesson: Lesson) -> None:
    """N4: words before every step; a question with its answer folded; N1: a place for the buttons."""
    cells = read_lesson(lesson).cells
    words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    heading = f"# Lesson {int(lesson.name[:2])}: {lesson.title}".lower()
    assert cells[0].source.partition("\n")[0].lower() == heading
    assert lesson.path.read_text(encoding="utf-8").count("#   inkwise: ") == 1
    assert "<!-- buttons -->" in cells[0].source
    assert has_tag(cells[1], "install")
    assert "**Question.**" in words
    assert words.count("<details>") == words.count("</details>") > 1
    assert {tag for cell in cells for tag in cell.metadata.get("tags", ())} <= TAGS


@EVERY_LESSON
def test_notebook_is_valid_and_the_same_each_time(lesson: Lesson) -> None:
    text = to_ipynb(read_lesson(lesson))
    assert text == to_ipynb(read_lesson(lesson))
    document = json.loads(text)
    assert document["metadata"]["kernelspec"]["name"] == "python3"
    nbformat.validate(nbformat.reads(text, as_version=4))


@EVERY_LESSON
def test_words_hold_no_formula_that_needs_a_script(lesson: Lesson) -> None:
    words = "\n".join(cell.source for cell in read_lesson(lesson).cells if cell.cell_type == "markdown")
    assert not re.search(r"\$[^$\n]+\$|\\\(", words)


def test_learners_copy_leaves_the_teachers_as_it_is() -> None:
    teacher = read_lesson(list_lessons()[0])
    before = to_ipynb(teacher)
    without_solutions(teacher)
    assert to_ipynb(teacher) == before


def test_learners_copy_of_a_notebook_that_was_run_shows_nothing_of_it() -> None:
    shown = nbformat.v4.new_output("stream", text="5")
    cell = nbformat.v4.new_code_cell("print(5)", outputs=[shown], execution_count=1)
    learner = without_solutions(nbformat.v4.new_notebook(cells=[cell]))
    assert (learner.cells[0].outputs, learner.cells[0].execution_count) == ([], None)


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("jupytext", lambda notebook: read_lesson(list_lessons()[0])),
        ("nbclient", lambda notebook: execute_notebook(notebook, name="trial")),
        ("jupyter_client", lambda notebook: execute_notebook(notebook, name="trial")),
        ("markdown_it", lambda notebook: render_handout(notebook, title="trial")),
    ],
)
def test_without_the_extra_it_says_what_to_install(
    package: str, use: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[])
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)  # Python's own way to say that it is not there
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        LessonError,
        match=rf"a lesson needs {package}.*, which is not installed; run: pip install 'inkwise\[lessons\]'",
    ):
        use(notebook)
