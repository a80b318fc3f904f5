"""N1: the notebooks that the buttons lead to are there, and are what the lessons say."""

from pathlib import Path

from dev import notebooks

from inkwise.lessons.lesson import list_lessons
from inkwise.lessons.links import NOTEBOOKS, Repository


def test_notebooks_are_fresh() -> None:
    assert notebooks.stale_notebooks(notebooks.notebook_texts()) == [], "run: python dev/notebooks.py"


def test_every_button_leads_to_a_file_of_the_repository() -> None:
    repository = Repository("someone", "inkwise")
    for lesson in list_lessons():
        for address in repository.links(lesson.name).values():
            path = Path(address[address.index(NOTEBOOKS) :])
            assert (notebooks.ROOT / path).is_file(), address


def test_changed_and_foreign_notebooks_are_stale() -> None:
    texts = notebooks.notebook_texts()
    first, *_ = texts
    assert notebooks.stale_notebooks({**texts, first: "other"}) == [first.name]
    assert notebooks.stale_notebooks({path: text for path, text in texts.items() if path != first}) == [
        first.name
    ]
