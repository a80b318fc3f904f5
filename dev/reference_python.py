"""The pages of docs/reference/ about Python, from the docstrings: what each name takes, returns and raises.

Three pages, for who reads Markdown; the site shows the same names through autodoc (dev/site_reference.py).
Public are the names of `inkwise.__all__`. Objects are the classes that one meets by using those: whatever
an annotation of them names, and of what that names. Inside are the names that a page of docs/ imports from
further in.
"""

import ast
import importlib
import importlib.util
import inspect
import re
import textwrap
import typing
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from dev import pages
from dev.commands import commands

SIGNATURE_COLUMNS = 100
_NOTICE = "<!-- Written by `make docs`; do not edit. -->\n"
_SECTION = re.compile(r"(Args|Attributes|Returns|Yields|Raises|Source|Example|Examples|Note):\s*(.*)")
_ITEM = re.compile(r"([\w*, .\[\]]{1,60}): (.*)")

INTRODUCTIONS = {
    "python": ("Python", "Everything here is imported from `inkwise` itself."),
    "objects": (
        "What Python returns and raises",
        "The classes that one meets by using [the public names](python.md), and every error. They are handed"
        " out, seldom made: where one is to be imported, its first line says from where.",
    ),
    "inside": (
        "Further inside",
        "Names that pages here use from further inside. They are explained and tested like"
        " [the public ones](python.md), but may move between versions.",
    ),
}


def names_of(page: str) -> dict[str, Any]:
    """Return what a page, a key of INTRODUCTIONS, documents in its order: dotted name to the thing."""
    return {"python": public_names, "objects": object_names, "inside": inside_names}[page]()


def public_names() -> dict[str, Any]:
    """Return the names of `inkwise.__all__`: `inkwise.train` and what it is."""
    package = importlib.import_module("inkwise")
    return {f"inkwise.{name}": getattr(package, name) for name in package.__all__}


def object_names() -> dict[str, type]:
    """Return the classes one meets by using the public names, by name, and after them every error."""
    met = _met_by(list(public_names().values()), known=[])
    errors = importlib.import_module("inkwise.errors")
    raised = {f"inkwise.errors.{name}": thing for name, thing in vars(errors).items() if _is_error(thing)}
    del raised["inkwise.errors.InkwiseError"]  # public
    return met | raised


def _met_by(things: list[Any], *, known: list[Any]) -> dict[str, type]:
    """Return the classes that annotations of things name, and theirs, and so on, but none that is known."""
    met: dict[str, type] = {}
    waiting = list(things)
    while waiting:
        for owner in _classes_of(waiting.pop()):
            if owner not in things and owner not in known and owner not in met.values():
                met[_full_name(owner)] = owner
                waiting.append(owner)
    return {name: met[name] for name in sorted(met, key=_last)}


def _is_error(thing: Any) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Exception) and thing.__module__ == "inkwise.errors"


def inside_names() -> dict[str, Any]:
    """Return what the pages' code imports from further inside, and the classes met by using that."""
    found = {}
    for page in pages.written_pages():
        for block in pages.read_blocks(page.read_text(encoding="utf-8")):
            if block.language == "python":
                found.update(_imported(block.text))
    known = [*public_names().values(), *object_names().values()]
    found = {name: thing for name, thing in found.items() if thing not in known}
    found |= _met_by(list(found.values()), known=known)
    return {name: found[name] for name in sorted(found, key=_last)}


def _imported(code: str) -> dict[str, Any]:
    """Return the names that code imports from modules of inkwise; for a module what it hands out."""
    found = {}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("inkwise"):
            for alias in node.names:
                thing = _thing(node.module, alias.name)
                found.update(
                    _handed_out(thing) if isinstance(thing, ModuleType) else {_full_name(thing): thing}
                )
    return found


def _thing(module: str, name: str) -> Any:
    """Return what `from module import name` gives, a module too."""
    home = importlib.import_module(module)
    if hasattr(home, "__path__") and importlib.util.find_spec(f"{module}.{name}"):
        return importlib.import_module(f"{module}.{name}")
    return getattr(home, name)


def _handed_out(module: ModuleType) -> dict[str, Any]:
    things = [getattr(module, name) for name in module.__all__]
    return {_full_name(thing): thing for thing in things if callable(thing)}


def _full_name(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _last(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _classes_of(thing: Any) -> Iterator[type]:
    """Yield the classes of inkwise that annotate a function, or a class's fields and public methods."""
    owners = [thing]
    if inspect.isclass(thing):
        owners += [
            member.fget if isinstance(member, property) else member for _, member in public_members(thing)
        ]
    waiting = [hint for owner in owners for hint in _hints(owner)]
    while waiting:
        hint = waiting.pop(0)
        waiting += hint if isinstance(hint, list) else typing.get_args(hint)  # a list: what a Callable takes
        if inspect.isclass(hint) and hint.__module__.startswith("inkwise") and not typing.get_origin(hint):
            yield hint


def _hints(owner: Any) -> list[Any]:
    try:
        return list(typing.get_type_hints(owner).values())
    except NameError:  # an import for type checkers alone
        return []


def page(name: str) -> str:
    """Return one of the three pages as Markdown."""
    title, words = INTRODUCTIONS[name]
    parts = [_NOTICE, f"# {title}\n", f"{words}\n"]
    for dotted, thing in names_of(name).items():
        short = dotted.rpartition(".")[2]
        parts.append(f"## {short}\n")
        if name != "python":
            parts.append(f"`from {dotted.rpartition('.')[0]} import {short}`\n")
        parts += [describe(short, thing), *([] if name != "python" else spoken_as(short))]
    return "\n".join(parts)


def spoken_as(name: str) -> list[str]:
    """Return the line that leads to the command of the same name, if there is one."""
    if f"inkwise {name}" not in commands():
        return []
    return [f"On the command line: [`inkwise {name}`](cli.md#inkwise-{name}).\n"]


def describe(name: str, thing: Any) -> str:
    parts = [f"```text\n{signature(name, thing)}\n```\n", _as_markdown(inspect.getdoc(thing) or "")]
    if inspect.isclass(thing):
        for member_name, member in public_members(thing):
            member_title = f"{name}.{member_name}"
            parts.append(f"### {member_title}\n")
            parts.append(f"```text\n{signature(member_title, member)}\n```\n")
            parts.append(_as_markdown(inspect.getdoc(member) or ""))
    return "\n".join(parts)


def public_members(owner: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties that the class itself defines, in the order of its source."""
    for name, member in vars(owner).items():
        if isinstance(member, classmethod | staticmethod):
            member = member.__func__
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            home = member.fget.__module__ if isinstance(member, property) else member.__module__
            if home == owner.__module__:  # matplotlib puts methods of its own into a Figure's child
                yield name, member


def signature(name: str, thing: Any) -> str:
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
    if len(line) <= SIGNATURE_COLUMNS:
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
