"""The lessons there are, and what each says of itself in its first lines.

A lesson is a file of examples/, NN-name.py: a notebook as plain text, in jupytext's percent format. A wheel
carries them inside the package.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from inkwise.errors import LessonError, unknown_name

# A wheel has the first (pyproject.toml puts it there), a checkout the second.
_FOLDERS = (Path(__file__).parent / "sources", Path(__file__).parents[3] / "examples")
_FILE = re.compile(r"\d\d-[a-z0-9-]+\.py")
_ABOUT = re.compile(r"^#   inkwise: (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: of its file, such as "01-first-classifier".
        path: of its file.
        title: in words.
        minutes: that a learner takes for it.
        needs: extras of inkwise that it runs with, beside "lessons".
        tutorials: the tutorials that live on in it, such as "S1".
    """

    name: str
    path: Path
    title: str
    minutes: int
    needs: tuple[str, ...]
    tutorials: tuple[str, ...]


def list_lessons(folder: Path | None = None) -> list[Lesson]:
    """Return the lessons in their order.

    Args:
        folder: where their files are; None takes those that come with inkwise.
    Raises:
        LessonError: there are none, or one does not say what it is.
    """
    folder = folder or next((place for place in _FOLDERS if place.is_dir()), _FOLDERS[0])
    paths = sorted(path for path in folder.glob("*.py") if _FILE.fullmatch(path.name))
    if not paths:
        raise LessonError(
            f"{folder}: no lesson is there, expected files such as 01-name.py; install inkwise again"
        )
    return [_read_about(path) for path in paths]


def find_lesson(name: str, *, folder: Path | None = None) -> Lesson:
    """Return the lesson called name: "01-first-classifier", "first-classifier", "01" or "1".

    Raises:
        LessonError: there is no such lesson; or as list_lessons.
    """
    lessons = list_lessons(folder)
    for lesson in lessons:
        number, _, words = lesson.name.partition("-")
        if name in (lesson.name, words, number, number.lstrip("0")):
            return lesson
    raise LessonError(unknown_name("lesson", name, [lesson.name for lesson in lessons]))


def _read_about(path: Path) -> Lesson:
    found = _ABOUT.search(path.read_text(encoding="utf-8"))
    try:
        about = json.loads(found[1]) if found else {}
        return Lesson(
            path.stem,
            path,
            about["title"],
            about["minutes"],
            tuple(about["needs"]),
            tuple(about["tutorials"]),
        )
    except (ValueError, KeyError) as error:
        raise LessonError(
            f"{path}: its header does not say what it is ({error}), expected a line such as "
            '#   inkwise: {"title": "...", "minutes": 20, "needs": [], "tutorials": []}; take another copy'
        ) from error
