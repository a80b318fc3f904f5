"""Read the Markdown pages of this repository: their code, links and headings.

What a page can say to the tests, in a comment line of its own:

    <!-- test: needs mnist -->     run this page's Python only where the real data set is at hand
    <!-- test: not run, REASON --> the next Python block is shown, not run
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
_NEEDS = re.compile(r"<!-- test: needs ([\w-]+) -->")
_NOT_RUN = re.compile(r"<!-- test: not run, \S.* -->")
_SHELL_LANGUAGES = ("sh", "bash", "console", "shell")
_ENDS_A_COMMAND = {"|", ">", ">>", "2>", "<", "&&", "||", ";", "&"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins at, and whether it is to be run."""

    language: str
    text: str
    line: int
    is_run: bool = True


def page_files(root: Path = ROOT) -> list[Path]:
    """Return every page a reader may open: those beside the README, and docs/."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def needed_data(text: str) -> list[str]:
    """Return the names of the real data sets a page says that it needs."""
    return _NEEDS.findall(text)


def read_blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    blocks, is_run = [], True
    for token in _tokens(text):
        if token.type == "html_block":
            is_run = not _NOT_RUN.search(token.content)
        elif token.type == "fence":
            language, _, _ = token.info.strip().partition(" ")
            blocks.append(Block(language, token.content, (token.map or [0])[0] + 1, is_run))
            is_run = True
    return blocks


def read_links(text: str) -> list[str]:
    """Return the targets of a page's links and images, as written."""
    targets = []
    for token in _tokens(text):
        for inner in token.children or []:
            if inner.type in ("link_open", "image"):
                targets.append(str(inner.attrs.get("href") or inner.attrs.get("src")))
    return targets


def read_anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    tokens = _tokens(text)
    headings = [
        tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def read_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of every `inkwise ...` command in a page's shell blocks, pipes and comments cut off."""
    for block in read_blocks(text):
        if block.language in _SHELL_LANGUAGES:
            for line in block.text.replace("\\\n", " ").splitlines():
                yield from _inkwise_parts(line.removeprefix("$ "))


def _inkwise_parts(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    part: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _ENDS_A_COMMAND:
            part.append(word)
            continue
        if part[:1] == ["inkwise"]:
            yield part
        part = []


def _tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").parse(text)
