"""The README stays short: a reader sees code at once and is through in three minutes."""

import re

from dev.pages import ROOT

MOST_BADGES = 3


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def words_of(page: str) -> int:
    """Return how many words are prose: no code, no tables, nothing generated, links without their goals."""
    page = re.sub(r"<!-- begin .*?<!-- end [^>]*-->", "", page, flags=re.DOTALL)
    page = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    page = re.sub(r"<!--.*?-->|^\|.*$", "", page, flags=re.MULTILINE)
    return len(re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", page).split())


def test_readme_is_read_in_three_minutes() -> None:
    assert 500 <= words_of(readme()) <= 700


def test_code_comes_before_line_25() -> None:
    lines = readme().splitlines()
    assert lines.index("```sh") + 1 < 25


def test_first_command_reads_a_photo() -> None:
    first = re.search(r"```sh\n(.*?)```", readme(), flags=re.DOTALL)
    assert first is not None
    assert "inkwise read photo.jpg" in first[1]


def test_badges_are_few() -> None:
    assert len(re.findall(r"\[!\[", readme())) <= MOST_BADGES


def test_words_leave_out_code_tables_and_what_is_generated() -> None:
    code, generated = "```sh\nfour\n```\n", "<!-- begin a -->\nsix\n<!-- end a -->\n"
    page = f"One [two](three.md)\n\n{code}\n| five |\n\n{generated}seven\n"
    assert words_of(page) == 3
