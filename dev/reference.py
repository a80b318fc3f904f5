"""Write docs/reference/ from the --help texts and the docstrings: `python dev/reference.py [--check]`.

With --check nothing is written, and a page that differs from what would be written is an error: the
pages cannot fall behind the program.
"""

import argparse
import contextlib
import importlib
import io
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from dev import reference_python, reference_recipes
from dev.commands import commands

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
HELP_COLUMNS = "100"
_NOTICE = "<!-- Written by `make docs`; do not edit. -->\n"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def help_text(words: str) -> str:
    """Return what `WORDS --help` prints on a terminal of 100 columns, without colours."""
    from inkwise.cli.app import app

    before = dict(os.environ)
    os.environ.update(COLUMNS=HELP_COLUMNS, NO_COLOR="1", TERM="dumb")
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
            app(args=[*words.split()[1:], "--help"], prog_name="inkwise")
    finally:
        os.environ.clear()
        os.environ.update(before)
    lines = _ANSI.sub("", said.getvalue()).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def cli_page() -> str:
    """Return the page of the command line: a section a command, with its --help text."""
    public = set(importlib.import_module("inkwise").__all__)
    parts = [_NOTICE, "# The command line\n", "Each section is what `COMMAND --help` prints.\n"]
    for words in commands():
        parts.append(f"## {words}\n\n```text\n{help_text(words)}\n```\n")
        name = words.partition(" ")[
            2
        ]  # of two words where it is in a group, whose commands have no namesakes
        if name in public:
            parts.append(f"In Python: [`{name}`](python.md#{name}).\n")
    return "\n".join(parts)


def written_pages() -> dict[str, str]:
    """Return every page of docs/reference/ as the program says it should be, by its file's name."""
    python = {f"{name}.md": reference_python.page(name) for name in reference_python.INTRODUCTIONS}
    return {"cli.md": cli_page(), **python, "recipes.md": reference_recipes.recipes_page()}


def stale_pages(folder: Path = REFERENCE) -> list[str]:
    """Return the names of the pages in folder that differ from what the program says of itself."""
    return [name for name, text in written_pages().items() if _text_of(folder / name) != text]


def _text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


def main() -> int:
    """Write the pages, or with --check return 1 if one is not fresh."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a page is not fresh")
    if parser.parse_args().check:
        stale = stale_pages()
        print(f"Not fresh: {', '.join(stale)}; run: make docs" if stale else "Reference pages: fresh.")
        return 1 if stale else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in written_pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
