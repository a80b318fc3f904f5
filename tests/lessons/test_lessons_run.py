"""Every lesson runs from top to bottom, prints what its words say, and waits for the learner (N1, N4)."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from tests.lessons.expected import expected_and_printed

from inkwise.lessons.execute import execute_lesson, execute_notebook
from inkwise.lessons.lesson import Lesson, find_lesson, list_lessons
from inkwise.lessons.notebook import has_tag, read_lesson, without_solutions

EVERY_LESSON = pytest.mark.parametrize("lesson", list_lessons(), ids=lambda lesson: lesson.name)
ROOT = Path(__file__).parents[2]
MODULES = {"tensorflow": "tensorflow"}  # of the extras that a lesson may need


def skip_without_extras(lesson: Lesson) -> None:
    for extra in lesson.needs:
        if importlib.util.find_spec(MODULES[extra]) is None:
            pytest.skip(f"{lesson.name} needs the extra {extra}")


def verdicts(notebook: Any) -> list[str]:
    checks = [cell for cell in notebook.cells if has_tag(cell, "check")]
    return [cell.outputs[-1].data["text/plain"] for cell in checks]


def assert_prints_as_said(notebook: Any, data: str) -> None:
    pairs = [(block, printed) for block, printed in expected_and_printed(notebook) if block.data == data]
    assert [fault for block, printed in pairs if (fault := block.fault(printed))] == []


def assert_shows_pictures_and_no_warning(notebook: Any) -> None:
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown)
    assert [output.text for output in shown if output.get("name") == "stderr"] == []


@pytest.mark.slow
@EVERY_LESSON
def test_teachers_notebook_runs_with_digits(lesson: Lesson) -> None:
    skip_without_extras(lesson)
    notebook = execute_lesson(lesson, data="digits")
    assert all(words.startswith("Right.") for words in verdicts(notebook)), verdicts(notebook)
    assert_prints_as_said(notebook, "digits")
    assert_shows_pictures_and_no_warning(notebook)


@pytest.mark.slow
@EVERY_LESSON
def test_learners_notebook_runs_and_says_what_is_missing(lesson: Lesson) -> None:
    skip_without_extras(lesson)
    notebook = execute_notebook(without_solutions(read_lesson(lesson)), name=lesson.name, data="digits")
    assert all(words.startswith("Not done yet:") for words in verdicts(notebook)), verdicts(notebook)


@pytest.mark.slow
@EVERY_LESSON
def test_teachers_notebook_prints_as_said_with_mnist(
    lesson: Lesson, real_data: Callable[[str], Path]
) -> None:
    skip_without_extras(lesson)
    if "expected: mnist" not in lesson.path.read_text(encoding="utf-8"):
        pytest.skip(f"{lesson.name} says nothing of MNIST")
    real_data("mnist")
    notebook = execute_lesson(lesson, data="mnist")
    assert all(words.startswith("Right.") for words in verdicts(notebook)), verdicts(notebook)
    assert_prints_as_said(notebook, "mnist")
    assert_shows_pictures_and_no_warning(notebook)


def test_lesson_5_says_what_was_reproduced() -> None:
    """S4-1, R4: its words about all 50 epochs and 16 seeds are those of results/, rounded."""
    lines = (ROOT / "results" / "reproduce" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    seeds = [json.loads(line) for line in lines]
    eight = [seed["num_classes_never_predicted"] for seed in seeds if seed["study"] == "S4-relu-output-8"]
    published = sorted(seed["test_accuracy"] for seed in seeds if seed["study"] == "S4-relu-output")
    corrected = [seed["test_accuracy"] for seed in seeds if seed["study"] == "S4"]
    words = " ".join(find_lesson("5").path.read_text(encoding="utf-8").replace("\n#", "").split())
    assert f"Of {len(eight)} seeds trained on MNIST for 8 epochs" in words
    assert f"{sum(count > 0 for count in eight)} ended with classes that are never answered" in words
    assert f"{100 * published[0]:.0f} to {100 * published[-2]:.0f} %; the fifth lost no class" in words
    assert f"and has {100 * published[-1]:.2f} %" in words
    assert f"the mean of five seeds is {100 * mean(corrected):.2f} %" in words
