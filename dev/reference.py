"""Write docs/reference/ from the --help texts and the docstrings: `python dev/reference.py [--check]`.

With --check nothing is written, and a page that differs from what would be written is an error: the
pages cannot fall behind the program.
"""

import argparse
import ast
import contextlib
import importlib
import inspect
import io
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
HELP_COLUMNS = "100"
_NOTICE = "<!-- Written by `make docs`; do not edit. -->\n"
_SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Source|Example|Examples|Note):\s*(.*)")
_ITEM = re.compile(r"([\w*, .\[\]]{1,60}): (.*)")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def commands() -> dict[str, Any]:
    """Return every command of the command line, groups too, by its words: `inkwise data list`."""
    from typer.main import get_command

    from inkwise.cli.app import app

    found = {}
    waiting = [("inkwise", get_command(app))]
    while waiting:
        words, command = waiting.pop(0)
        found[words] = command
        waiting += [(f"{words} {name}", inner) for name, inner in getattr(command, "commands", {}).items()]
    return found


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
        if (name := words.split()[-1]) in public:
            parts.append(f"In Python: [`{name}`](python.md#{name}).\n")
    return "\n".join(parts)


def python_page() -> str:
    """Return the page of the public names: a section a name, with its signature and docstring."""
    package = importlib.import_module("inkwise")
    spoken = set(commands())
    parts = [_NOTICE, "# Python\n", "Everything here is imported from `inkwise` itself.\n"]
    for name in package.__all__:
        parts.append(f"## {name}\n")
        parts.append(_describe(name, getattr(package, name)))
        if f"inkwise {name}" in spoken:
            parts.append(f"On the command line: [`inkwise {name}`](cli.md#inkwise-{name}).\n")
    return "\n".join(parts)


def _describe(name: str, thing: Any) -> str:
    parts = [f"```text\n{_signature(name, thing)}\n```\n", _as_markdown(inspect.getdoc(thing) or "")]
    if inspect.isclass(thing):
        for member_name, member in _members(thing):
            member_title = f"{name}.{member_name}"
            parts.append(f"### {member_title}\n")
            parts.append(f"```text\n{_signature(member_title, member)}\n```\n")
            parts.append(_as_markdown(inspect.getdoc(member) or ""))
    return "\n".join(parts)


def _members(owner: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that the class itself defines, in the order of its source."""
    for name, member in vars(owner).items():
        if isinstance(member, classmethod | staticmethod):
            member = member.__func__
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield name, member


def _signature(name: str, thing: Any) -> str:
    """Return the signature as the source has it, on one line where it fits."""
    if isinstance(thing, property):
        thing = thing.fget
        return f"{name} -> {_returns(_node(thing))}"
    node = _node(thing)
    if isinstance(node, ast.ClassDef):
        fields = [ast.unparse(line) for line in node.body if _is_public_field(line)]
        return f"class {name}" + "".join(f"\n    {field}" for field in fields)
    arguments = [part for part in _arguments(node) if part not in ("self", "cls")]
    line = f"{name}({', '.join(arguments)}) -> {_returns(node)}"
    if len(line) <= int(HELP_COLUMNS):
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in arguments) + f") -> {_returns(node)}"


def _node(thing: Any) -> Any:
    return ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]


def _returns(node: Any) -> str:
    return ast.unparse(node.returns) if node.returns else "None"


def _is_public_field(line: ast.stmt) -> bool:
    return (
        isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and not line.target.id.startswith("_")
    )


def _arguments(node: Any) -> Iterator[str]:
    """Yield each parameter with its annotation and default, `*` and `/` where they stand."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + given.defaults
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True), start=1):
        yield _argument(argument, default)
        if index == len(given.posonlyargs):
            yield "/"
    if given.vararg:
        yield f"*{ast.unparse(given.vararg)}"
    elif given.kwonlyargs:
        yield "*"
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _argument(argument, default)
    if given.kwarg:
        yield f"**{ast.unparse(given.kwarg)}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    if default is None:
        return ast.unparse(argument)
    equals = " = " if argument.annotation else "="
    return ast.unparse(argument) + equals + ast.unparse(default)


def _as_markdown(docstring: str) -> str:
    """Return a Google docstring as Markdown: headed sections, items as a list, examples as code."""
    lines, section, in_example = [], "", False
    for line in docstring.splitlines():
        if line.lstrip().startswith(">>>") and not in_example:
            in_example, section = True, ""
            lines.append("\n```pycon")
        elif in_example and not line.strip():
            in_example = False
            lines.append("```")
        if in_example:
            lines.append(line.strip())
        elif found := _SECTION.fullmatch(line):
            section = found[1]
            lines.append(f"\n**{section}**\n" + (f"\n{found[2]}" if found[2] else ""))
        else:
            lines.append(_section_line(line) if section and line.startswith(" ") else line)
    text = "\n".join(lines + (["```"] if in_example else [])).strip() + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _section_line(line: str) -> str:
    """Return a line inside a section: an item of the list, or the item's next line."""
    item = _ITEM.fullmatch(line[4:])
    if line[4:5].isspace():
        return f"  {line.strip()}"
    return f"- `{item[1]}`: {item[2]}" if item else line.strip()


def stale_pages(folder: Path = REFERENCE) -> list[str]:
    """Return the names of the pages in folder that differ from what the program says of itself."""
    pages = {"cli.md": cli_page(), "python.md": python_page()}
    return [name for name, text in pages.items() if _text_of(folder / name) != text]


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
    (REFERENCE / "cli.md").write_text(cli_page(), encoding="utf-8")
    (REFERENCE / "python.md").write_text(python_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
