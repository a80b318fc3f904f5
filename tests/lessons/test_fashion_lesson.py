"""Lesson 6 with the clothes it speaks of: the other tests run it with what stands in for them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lessons.expected import expected_and_printed

from inkwise.lessons.execute import execute_lesson
from inkwise.lessons.lesson import find_lesson


@pytest.mark.slow
def test_lesson_prints_as_said_with_clothes(real_data: Callable[[str], Path]) -> None:
    real_data("fashion-mnist")
    notebook = execute_lesson(find_lesson("6"), data="fashion-mnist")
    pairs = list(expected_and_printed(notebook))
    assert {block.data for block, _ in pairs} == {"fashion-mnist"}
    assert [fault for block, printed in pairs if (fault := block.fault(printed))] == []
