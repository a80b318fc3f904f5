"""N1: a lesson's buttons and its first cell, from the one place that knows the repository."""

import pytest

from inkwise.lessons.lesson import Lesson, find_lesson
from inkwise.lessons.links import MARKER, Repository, add_links, install_cell, put_buttons
from inkwise.lessons.notebook import read_lesson

SOMEONES = Repository("someone", "inkwise")
WORDS = f"# Lesson\n\n{MARKER}\n\nWords."


def read_linked(name: str, repository: Repository | None) -> tuple[str, str]:
    """Return the words of the first cell and the code of the second."""
    lesson: Lesson = find_lesson(name)
    notebook = read_lesson(lesson)
    add_links(notebook, lesson, repository)
    first, second = notebook.cells[:2]
    return first.source, second.source


@pytest.mark.parametrize(
    "urls",
    [
        ["Repository, https://github.com/someone/inkwise"],
        ["Documentation, https://docs.example.org", "Source, https://github.com/someone/inkwise.git"],
        ["homepage, https://github.com/someone/inkwise/"],
        ["Homepage, https://example.org", "Source Code, https://github.com/someone/inkwise"],
    ],
)
def test_repository_is_found_among_the_urls(urls: list[str]) -> None:
    assert Repository.find(urls) == SOMEONES


@pytest.mark.parametrize(
    "urls", [[], ["Repository, https://example.org/someone/inkwise"], ["Issues, https://github.com/a/b"]]
)
def test_no_repository_where_none_is_named(urls: list[str]) -> None:
    assert Repository.find(urls) is None


def test_buttons_lead_to_the_notebook() -> None:
    """N1: S3's three buttons, each with an address that names owner, repository, branch and file."""
    assert SOMEONES.links("01-first") == {
        "Open in Colab": "https://colab.research.google.com/github/someone/inkwise/blob/main/notebooks/"
        "01-first.ipynb",
        "See it on GitHub": "https://github.com/someone/inkwise/blob/main/notebooks/01-first.ipynb",
        "Download the notebook": "https://raw.githubusercontent.com/someone/inkwise/main/notebooks/"
        "01-first.ipynb",
    }


def test_buttons_stand_below_their_marker() -> None:
    words = put_buttons(WORDS, "01-first", SOMEONES)
    assert words.startswith(f"# Lesson\n\n{MARKER}\n\n[Open in Colab](https://colab")
    assert words.endswith("01-first.ipynb)\n\nWords.")


def test_buttons_are_left_out_without_repository() -> None:
    assert put_buttons(WORDS, "01-first", None) == WORDS


def test_first_cell_installs_from_the_repository() -> None:
    code = install_cell("03-two-frameworks", ("tensorflow",), SOMEONES)
    wanted = '"inkwise[tensorflow] @ git+https://github.com/someone/inkwise@main"'
    assert f"    %pip install --quiet {wanted}\n    !python -m inkwise data fetch mnist\n" in code


def test_first_cell_fetches_the_images_that_the_lesson_is_about() -> None:
    assert "data fetch fashion-mnist\n" in install_cell("06-fashion-mnist", (), SOMEONES)


def test_first_cell_stops_without_repository() -> None:
    code = install_cell("01-first", (), None)
    assert "pip" not in code
    assert "raise SystemExit" in code


@pytest.mark.parametrize("repository", [None, SOMEONES])
def test_lesson_gets_both(repository: Repository | None) -> None:
    words, code = read_linked("1", repository)
    assert ("Open in Colab" in words) == ("%pip install" in code) == (repository is not None)
    assert code.endswith("use_drive()")
