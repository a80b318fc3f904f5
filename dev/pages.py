"""Read the Markdown pages of this repository: their code, links and headings.

What a page can say to the tests, in a comment line of its own:

    <!-- test: needs mnist -->     run this page's code only where the real data set is at hand
    <!-- test: slow -->            this page's code takes more than seconds
    <!-- test: not run, REASON --> the next Python block is shown, not run
    <!-- test: run -->             the next shell block is run; by itself a shell block is only parsed
    <!-- test: about 3 % -->       numbers that the next block prints may be off by so much, of themselves;
                                   trainings on other processors end a little differently
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
_IS_SLOW = re.compile(r"<!-- test: slow -->")
_NOT_RUN = re.compile(r"<!-- test: not run, \S.* -->")
_RUN = re.compile(r"<!-- test: run -->")
_ABOUT = re.compile(r"<!-- test: about (\d+) % -->")
_SHELL_LANGUAGES = ("sh", "bash", "console", "shell")
_ENDS_A_COMMAND = {"|", ">", ">>", "2>", "<", "&&", "||", ";", "&"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins at, and what a comment before it says.

    Attributes:
        is_run: what the comment says of running it; None where it says nothing.
        tolerance: how far numbers of its output may be off, as a fraction of themselves.
    """

    language: str
    text: str
    line: int
    is_run: bool | None = None
    tolerance: float = 0.0


def page_files(root: Path = ROOT) -> list[Path]:
    """Return every page a reader may open: those beside the README, and docs/."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def written_pages(root: Path = ROOT) -> list[Path]:
    """Return the pages that people write: all but those of docs/reference/."""
    return [page for page in page_files(root) if page.parent.name != "reference"]


def needed_data(text: str) -> list[str]:
    """Return the names of the real data sets a page says that it needs."""
    return _NEEDS.findall(text)


def is_slow(text: str) -> bool:
    """Return whether a page says that its code takes more than seconds."""
    return _IS_SLOW.search(text) is not None


def read_blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    blocks, said = [], ""
    for token in _tokens(text):
        if token.type == "html_block":
            said += token.content
        elif token.type == "fence":
            language, _, _ = token.info.strip().partition(" ")
            is_run = False if _NOT_RUN.search(said) else True if _RUN.search(said) else None
            about = _ABOUT.search(said)
            tolerance = int(about[1]) / 100 if about else 0.0
            blocks.append(Block(language, token.content, (token.map or [0])[0] + 1, is_run, tolerance))
            said = ""
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
