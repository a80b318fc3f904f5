"""The reader of expected output itself: it must be able to fail."""

import re
from collections import Counter

import pytest
from tests.lessons.expected import read_expected

from inkwise.lessons.lesson import Lesson, list_lessons
from inkwise.lessons.notebook import read_lesson

CELL = "Words.\n\n<!-- expected: mnist, about 2 % -->\n```text\nloss 2.30 after 5\n```\n"


@pytest.mark.parametrize("printed", ["loss 2.31 after 5\n", "loss 2.28 after 5\nand more\n"])
def test_number_nearby_passes(printed: str) -> None:
    (block,) = read_expected(CELL)
    assert block.fault(printed) is None


@pytest.mark.parametrize(
    "printed", ["loss 2.50 after 5", "loss 2.30 after 6", "cost 2.30 after 5", "", "loss 2.30"]
)
def test_other_number_or_word_fails(printed: str) -> None:
    (block,) = read_expected(CELL)
    assert block.fault(printed) is not None


def test_exactly_allows_nothing() -> None:
    (block,) = read_expected(CELL.replace("about 2 %", "exactly"))
    assert block.fault("loss 2.30 after 5") is None
    assert block.fault("loss 2.31 after 5") is not None


def test_within_is_absolute() -> None:
    (block,) = read_expected(CELL.replace("about 2 %", "within 0.5"))
    assert block.fault("loss 2.79 after 5") is None
    assert block.fault("loss 2.81 after 5") is not None


@pytest.mark.parametrize("lesson", list_lessons(), ids=lambda lesson: lesson.name)
def test_every_comment_is_read(lesson: Lesson) -> None:
    """A block with a slip in its comment would never be compared."""
    text = lesson.path.read_text(encoding="utf-8")
    blocks = [block for cell in read_lesson(lesson).cells for block in read_expected(cell.source)]
    assert len(blocks) == len(re.findall("<!-- *expected", text)) > 0
    assert "TO FILL" not in text
    assert set(Counter(block.data for block in blocks)) <= {"mnist", "digits", "fashion-mnist"}
