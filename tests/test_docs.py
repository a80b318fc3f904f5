"""Every page tells the truth: its code runs, its commands parse, its links lead somewhere."""

import ast
import itertools
import re
import tomllib
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dev import pages, reference
from dev.sizes import read_modules
from tests.given import GIVEN, give, needed_for
from tests.page_run import run_page

from inkwise.cli.settings import with_ray_address

PAGES = {str(page.relative_to(pages.ROOT)): page for page in pages.page_files()}
WRITTEN_PAGES = {name: page for name, page in PAGES.items() if not name.startswith("docs/reference/")}
NUMBER_HEADINGS = ["What it measures", "When it misleads", "How it is computed", "Example", "Sources"]
CHOICE_HEADINGS = ["What it is", "What goes wrong without it", "How inkwise does it", "Example", "Sources"]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_reference_pages_are_fresh() -> None:
    """The help text of every command and the docstring of every public name stand there word for word."""
    assert reference.stale_pages() == [], "run: make docs"


def test_every_command_has_its_section_and_every_section_its_command() -> None:
    sections = re.findall(r"^## (.*)$", read(reference.REFERENCE / "cli.md"), flags=re.MULTILINE)
    assert sections == list(reference.commands())


def test_command_of_a_group_is_linked_to_no_function_of_its_last_word() -> None:
    """inkwise.export writes a classifier for elsewhere, `inkwise lesson export` a lesson."""
    sections = read(reference.REFERENCE / "cli.md").split("\n## ")
    linked = [one.splitlines()[0] for one in sections if "In Python: " in one]
    assert "inkwise export" in linked
    assert all(len(words.split()) == 2 for words in linked)


@pytest.mark.parametrize("words", reference.commands())
def test_every_command_says_what_it_does(words: str) -> None:
    assert reference.commands()[words].help, f"{words} has no help text"


@pytest.mark.parametrize("words", reference.commands())
def test_every_option_says_what_it_does(words: str) -> None:
    options = [p for p in reference.commands()[words].params if p.param_type_name == "option"]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in pages.read_links(read(page)):
        if urllib.parse.urlsplit(target).scheme:
            continue
        path, _, anchor = urllib.parse.unquote(target).partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{target}: there is no {goal}"
        if anchor and goal.suffix == ".md":
            assert anchor in pages.read_anchors(read(goal)), f"{target}: no such heading"


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_shown_command_parses(page: Path) -> None:
    """The command exists and so do its options; their values are not judged."""
    for words in pages.read_commands(read(page)):
        parse(words)


def parse(words: list[str]) -> None:
    """Raise if the words, as in `inkwise data list --json`, are not a command with known options."""
    command, path = reference.commands()["inkwise"], "inkwise"
    rest = words[1:]
    while rest and rest[0] in getattr(command, "commands", {}):
        command, path = command.commands[rest[0]], f"{path} {rest.pop(0)}"
    assert not (getattr(command, "commands", None) and rest and not rest[0].startswith("-")), (
        f"{' '.join(words)}: {path} has no command {rest[0]!r}"
    )
    context = command.context_class(command, info_name=path)
    _, left, _ = command.make_parser(context).parse_args(with_ray_address(rest))
    assert not left or hasattr(command, "commands"), f"{' '.join(words)}: {path} does not take {left}"


def runnable(name: str, page: Path) -> Any:
    return pytest.param(page, id=name, marks=[pytest.mark.slow] if pages.is_slow(read(page)) else [])


@pytest.mark.parametrize("page", [runnable(name, page) for name, page in WRITTEN_PAGES.items()])
def test_every_block_runs_and_prints_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data: Callable[[str], Path]
) -> None:
    text = read(page)
    given = pages.given_things(text)
    for name in [*pages.needed_data(text), *needed_for(given)]:
        real_data(name)
    # What one page imports or downloads is not there for the next.
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    places = (tmp_path / f"{number}" for number in itertools.count())

    def start() -> None:
        place = next(places)
        place.mkdir()
        give(given, place, data=real_data)
        monkeypatch.chdir(place)

    run_page(text, name=page.name, start=start)


@pytest.mark.parametrize("page", WRITTEN_PAGES.values(), ids=WRITTEN_PAGES)
def test_every_block_that_is_not_run_names_what_runs_it(page: Path) -> None:
    elsewhere = [block.run_by for block in pages.read_blocks(read(page)) if block.run_by]
    assert [path for path in elsewhere if not (pages.ROOT / path).is_file()] == []
    assert {path.partition("/")[0] for path in elsewhere} <= {"tests", ".ci"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_comment_to_the_tests_means_something(page: Path) -> None:
    text = read(page)
    assert pages.unknown_comments(text) == []
    assert [name for name in pages.given_things(text) if name not in GIVEN and not needed_for([name])] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_block_says_its_language(page: Path) -> None:
    """What is no code is `text`; a block without a language would neither be run nor coloured."""
    known = {"python", "pycon", "text", "toml", "json", "yaml", *pages.SHELL_LANGUAGES}
    assert {block.language for block in pages.read_blocks(read(page))} <= known


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_extra_that_pip_is_told_exists(page: Path) -> None:
    """The lines of pip are the ones that a page's run leaves out."""
    project = tomllib.loads(read(pages.ROOT / "pyproject.toml"))["project"]
    told = re.findall(r"pip install [^\n]*?(?:inkwise|\.)\[([\w,]+)\]", read(page))
    extras = [extra for words in told for extra in words.split(",")]
    assert [extra for extra in extras if extra not in project["optional-dependencies"]] == []


@pytest.mark.parametrize(
    "page", sorted((pages.ROOT / "docs" / "explanation").glob("*.md")), ids=lambda p: p.stem
)
def test_every_explanation_has_the_same_headings(page: Path) -> None:
    headings = re.findall(r"^## (.*)$", read(page), flags=re.MULTILINE)
    assert headings in (NUMBER_HEADINGS, CHOICE_HEADINGS)


@pytest.mark.parametrize("page", sorted((pages.ROOT / "docs").rglob("*.md")), ids=lambda p: p.stem)
def test_every_page_is_on_the_map(page: Path) -> None:
    index = pages.ROOT / "docs" / "index.md"
    listed = {(index.parent / target.partition("#")[0]).resolve() for target in pages.read_links(read(index))}
    assert page == index or page in listed, f"docs/index.md does not lead to {page.name}"


def test_troubleshooting_quotes_messages_that_exist() -> None:
    """Each heading's `words` stand in one message of the source, in that order; `...` is what varies."""
    page = read(pages.ROOT / "docs" / "troubleshooting.md")
    quoted = re.findall(r"^### `(.*)`$", page, flags=re.MULTILINE)
    assert quoted
    messages = source_messages()
    unknown = [words for words in quoted if not any(is_in(words, message) for message in messages)]
    assert unknown == []


def is_in(words: str, message: str) -> bool:
    return re.search(".*".join(map(re.escape, words.split("..."))), message) is not None


def source_messages() -> list[str]:
    """Return every text of the source, with \\0 for the parts that are put in at run time."""
    trees = [module.tree for module in read_modules()]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    kinds = [text_of(node.args[0]) for node in nodes if isinstance(node, ast.Call) and is_unknown_name(node)]
    texts = [text_of(node) for node in nodes if isinstance(node, ast.expr)]
    return [*(f"unknown {kind} \0" for kind in kinds if kind), *filter(None, texts)]


def is_unknown_name(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "unknown_name"


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "\0" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


class TestTheRunnerItself:
    """A checker that cannot fail checks nothing."""

    def test_wrong_output_fails(self) -> None:
        with pytest.raises(AssertionError, match=r"page.md:1 says\s+3\s+but it prints\s+2"):
            run_page("```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n", name="page.md")

    def test_right_output_with_dots_passes(self) -> None:
        run_page("```python\nprint('took 3.2 s')\n```\n\n```text\ntook ... s\n```\n", name="page.md")

    def test_number_nearby_passes_where_the_page_says_about(self) -> None:
        page = (
            "<!-- test: about 3 % -->\n```python\nprint('97.9 % of 359')\n```\n\n```text\n{} % of {}\n```\n"
        )
        run_page(page.format(96.4, 359), name="page.md")
        with pytest.raises(AssertionError, match=r"but it prints\s+97.9 %"):
            run_page(page.format(94.5, 359), name="page.md")
        with pytest.raises(AssertionError, match=r"but it prints\s+97.9 %"):
            run_page(page.format(97.9, 300), name="page.md")

    def test_shell_block_is_run(self) -> None:
        page = "```sh\necho $((1 + 1))\n```\n\n```text\n3\n```\n"
        with pytest.raises(AssertionError, match=r"page.md:1 says\s+3\s+but it prints\s+2"):
            run_page(page, name="page.md")

    def test_server_is_started_and_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        run_page("```sh\ninkwise serve\n```\n", name="page.md")
        assert "listening at" in (tmp_path / "serve-said.txt").read_text()

    def test_server_that_does_not_start_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(AssertionError, match=r"ends with 1: inkwise: nothing.*no such file"):
            run_page("```sh\ninkwise serve nothing\n```\n", name="page.md")

    def test_block_afresh_begins_in_a_folder_of_its_own(self) -> None:
        started: list[str] = []
        page = "```sh\n:\n```\n\n<!-- test: afresh -->\n```sh\n:\n```\n"
        run_page(page, name="page.md", start=lambda: started.append("start"))
        assert started == ["start", "start"]

    def test_misspelt_comment_is_found(self) -> None:
        assert pages.unknown_comments("<!-- test: slwo -->\n") == ["<!-- test: slwo -->"]
        assert pages.unknown_comments("<!-- test: not run, it is long -->\n") != []

    def test_failing_shell_block_fails(self) -> None:
        with pytest.raises(AssertionError, match=r"ends with 1: inkwise: .*no such file"):
            run_page("```sh\ninkwise predict nothing picture.png\n```\n", name="page.md")

    def test_text_of_another_section_is_no_output(self) -> None:
        page = "```sh\necho 2\n```\n\n## Other\n\n```text\n3\n```\n"
        run_page(page, name="page.md")

    def test_names_last_from_block_to_block(self) -> None:
        run_page("```python\nx = 2\n```\n\n```python\nprint(x)\n```\n\n```text\n2\n```\n", name="page.md")

    def test_failing_block_fails_with_the_pages_line(self) -> None:
        with pytest.raises(ZeroDivisionError) as caught:
            run_page("# Title\n\n```python\n1 / 0\n```\n", name="page.md")
        assert caught.traceback[-1].lineno == 3  # counted from 0: line 4 of the page

    def test_wrong_session_fails(self) -> None:
        with pytest.raises(AssertionError, match=r"Expected:\s+3\s+Got:\s+2"):
            run_page("```pycon\n>>> 1 + 1\n3\n```\n", name="page.md")

    def test_block_marked_not_run_is_left_alone(self) -> None:
        run_page(
            "<!-- test: not run, tests/test_docs.py: it would take an hour -->\n```python\n1 / 0\n```\n",
            name="page.md",
        )

    @pytest.mark.parametrize("line", ["inkwise nonsense", "inkwise --nonsense"])
    def test_unknown_command_or_option_fails(self, line: str) -> None:
        (words,) = pages.read_commands(f"```sh\n{line}\n```\n")
        with pytest.raises(Exception, match="nonsense"):
            parse(words)

    def test_commands_are_found_between_pipes_and_comments(self) -> None:
        text = "```sh\npip install . && inkwise train\ninkwise data \\\n  list --json | jq . # inkwise\n```\n"
        assert list(pages.read_commands(text)) == [
            ["inkwise", "train"],
            ["inkwise", "data", "list", "--json"],
        ]

    def test_message_that_nobody_writes_is_unknown(self) -> None:
        assert is_in("needs ... cats, got", "needs \0 cats, got \0")
        assert not is_in("needs ... dogs", "needs \0 cats, got \0")

    def test_links_and_anchors_are_read(self) -> None:
        text = "# A `b-c` (d)\n\n[x](y.md#z) ![p](q.png)\n"
        assert pages.read_links(text) == ["y.md#z", "q.png"]
        assert pages.read_anchors(text) == {"a-b-c-d"}
