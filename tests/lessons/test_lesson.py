"""The list of lessons, and finding one (row N4)."""

from pathlib import Path

import pytest

from inkwise.errors import LessonError
from inkwise.lessons.lesson import find_lesson, list_lessons


def test_lessons_are_in_order_and_say_what_they_are() -> None:
    lessons = list_lessons()
    assert [lesson.name for lesson in lessons] == sorted(lesson.name for lesson in lessons)
    assert lessons[0].name == "01-first-classifier"
    assert lessons[0].tutorials == ("S0", "S1")
    assert all(lesson.title and lesson.minutes > 0 for lesson in lessons)


@pytest.mark.parametrize("name", ["01-first-classifier", "first-classifier", "01", "1"])
def test_lesson_is_found_by_name_or_number(name: str) -> None:
    assert find_lesson(name).name == "01-first-classifier"


def test_unknown_lesson_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        LessonError, match=r"unknown lesson '01-first-clasifier'; did you mean '01-first-class"
    ):
        find_lesson("01-first-clasifier")


def test_folder_without_lessons_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.py").write_text("")
    with pytest.raises(LessonError, match=r"no lesson is there, expected files such as 01-name\.py"):
        list_lessons(tmp_path)


@pytest.mark.parametrize("header", ["", '#   inkwise: {"title": "T"}', "#   inkwise: {title}"])
def test_lesson_that_does_not_say_what_it_is_is_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "01-bare.py").write_text(f"# ---\n# jupyter:\n{header}\n# ---\n")
    with pytest.raises(
        LessonError, match=r"01-bare\.py: its header does not say what it is .* take another copy"
    ):
        list_lessons(tmp_path)
