"""Read the Markdown pages of this repository: their code, links and headings.

Every Python and shell block of a page is run, in order, in an empty folder. What a page can say to the tests,
in a comment line of its own:

    <!-- test: needs mnist -->     run this page's code only where the real data set is at hand
    <!-- test: slow -->            this page's code takes more than seconds
    <!-- test: given my-run -->    begin with this in the folder (tests/given.py has what there is)
    <!-- test: afresh -->          run the next block in another folder, with the same things given
    <!-- test: not run, PATH: REASON -->  the next block is not run here; PATH is what runs it or its like
    <!-- test: page not run, PATH: REASON -->  the same for all blocks of the page
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
_GIVEN = re.compile(r"<!-- test: given (.+) -->")
_NOT_RUN = re.compile(r"<!-- test: not run, (\S+): .+ -->")
_PAGE_NOT_RUN = re.compile(r"<!-- test: page not run, (\S+): .+ -->")
_RUN = re.compile(r"<!-- test: run -->")  # says what goes without saying
_AFRESH = re.compile(r"<!-- test: afresh -->")
_ABOUT = re.compile(r"<!-- test: about (\d+) % -->")
SHELL_LANGUAGES = ("sh", "bash", "console", "shell")
_ENDS_A_COMMAND = {"|", ">", ">>", "2>", "<", "&&", "||", ";", "&"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line it begins at, and what a comment before it says.

    Attributes:
        run_by: the file that runs it where it is not run with its page; "" where it is.
        is_afresh: whether it wants a folder of its own.
        tolerance: how far numbers of its output may be off, as a fraction of themselves.
        begins_section: whether a heading stands between it and the block before.
    """

    language: str
    text: str
    line: int
    run_by: str = ""
    is_afresh: bool = False
    tolerance: float = 0.0
    begins_section: bool = False


def page_files(root: Path = ROOT) -> list[Path]:
    """Return every page a reader may open: those beside the README, and docs/."""
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def written_pages(root: Path = ROOT) -> list[Path]:
    """Return the pages that people write: all but those of docs/reference/."""
    return [page for page in page_files(root) if page.parent.name != "reference"]


def needed_data(text: str) -> list[str]:
    """Return the names of the real data sets a page says that it needs."""
    return _NEEDS.findall(text)


def given_things(text: str) -> list[str]:
    """Return the names of what a page begins with."""
    return [name for names in _GIVEN.findall(text) for name in names.split(", ")]


def unknown_comments(text: str) -> list[str]:
    """Return the comments to the tests that mean nothing: a misspelt one would be overlooked for ever."""
    known = (_NEEDS, _IS_SLOW, _GIVEN, _NOT_RUN, _PAGE_NOT_RUN, _RUN, _AFRESH, _ABOUT)
    said = [token.content for token in _tokens(text) if token.type == "html_block"]
    lines = [line for content in said for line in content.splitlines() if "test:" in line]
    return [line for line in lines if not any(pattern.fullmatch(line.strip()) for pattern in known)]


def is_slow(text: str) -> bool:
    """Return whether a page says that its code takes more than seconds."""
    return _IS_SLOW.search(text) is not None


def read_blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    page = _PAGE_NOT_RUN.search(text)
    blocks, said, begins_section = [], "", False
    for token in _tokens(text):
        if token.type == "html_block":
            said += token.content
        elif token.type == "heading_open":
            begins_section = True
        elif token.type == "fence":
            language, _, _ = token.info.strip().partition(" ")
            elsewhere = _NOT_RUN.search(said) or page
            run_by = elsewhere[1] if elsewhere else ""
            is_afresh = bool(_AFRESH.search(said))
            about = _ABOUT.search(said)
            tolerance = int(about[1]) / 100 if about else 0.0
            line = (token.map or [0])[0] + 1
            blocks.append(Block(language, token.content, line, run_by, is_afresh, tolerance, begins_section))
            said, begins_section = "", False
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
        if block.language in SHELL_LANGUAGES:
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
