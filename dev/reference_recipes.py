"""The page of docs/reference/ about recipes: the built-in ones, every key, every network with its options."""

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from dev.pages import ROOT
from pydantic.fields import FieldInfo

_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}  # the limits of pydantic's Field
_WORDS = {float: "number", int: "whole number", str: "text", bool: "true or false"}
_SET_BY_HAND = ("data", "preprocessing", "augmentation", "network", "training")


def recipes_page() -> str:
    """Return the page: what comes with inkwise, the keys of a recipe's tables, the networks."""
    return "\n".join(
        [
            "<!-- Written by `make docs`; do not edit. -->\n",
            "# Recipes\n",
            "A recipe is a TOML file. [How to change one](../how-to/change-a-recipe.md),"
            " [in Python](python.md#recipe), [on the command line](cli.md#inkwise-recipes).\n",
            "## Built-in recipes\n",
            *_table(("recipe", "what it is", "network", "epochs", "source"), _builtin_rows()),
            "## Keys\n",
            "`name`, `summary` and `source` are text; `[published]` and `[expected]` state results. A key"
            " without a default has to be there. `--set` takes a key by its name alone, too.\n",
            *[part for section in _SET_BY_HAND for part in _section(section)],
            "## Networks\n",
            "What `[network] architecture` may be, and the keys of `[network.options]`.\n",
            *_table(("architecture", "what it is", "options"), _network_rows()),
        ]
    )


def keys() -> dict[str, FieldInfo]:
    """Return every key that a recipe's tables may have, by its path: `training.epochs`."""
    recipe = importlib.import_module("inkwise.recipes.recipe").Recipe
    return {
        f"{section}.{key}": field
        for section in _SET_BY_HAND
        for key, field in recipe.model_fields[section].annotation.model_fields.items()
    }


def _section(name: str) -> list[str]:
    meanings = read_meanings()
    rows = [
        (f"`{path.partition('.')[2]}`", _values(field), _default(field), meanings.get(path, ""))
        for path, field in keys().items()
        if path.startswith(f"{name}.")
    ]
    return [f"### [{name}]\n", *_table(("key", "values", "default", ""), rows)]


def read_meanings() -> dict[str, str]:
    """Return what docs/json-output.md says of each key, which is where it is said."""
    page = (ROOT / "docs" / "json-output.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `\[\]\.([\w.*]+)` \| [\w ]+ \| (.*?) ?\|$", page, flags=re.MULTILINE)
    return {key.removesuffix(".*"): words.replace("](", "](../") for key, words in rows}


def _values(field: FieldInfo) -> str:
    limits = " and ".join(_limits(field.metadata))
    return _type(field.annotation) + (f", {limits}" if limits else "")


def _limits(metadata: list[Any]) -> Iterator[str]:
    for limit in metadata:
        for name, sign in _SIGNS.items():
            if (bound := getattr(limit, name, None)) is not None:
                yield f"{sign} {bound:g}" if bound < 2**31 else f"{sign} 2^32"


def _type(kind: Any) -> str:
    """Return a type in words: `"sgd"` or `"adam"`, number."""
    if kind in _WORDS:
        return _WORDS[kind]
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is dict:
        return "table"
    if hasattr(kind, "__metadata__"):
        limits = " and ".join(part for inner in kind.__metadata__ for part in _limits(inner.metadata))
        return f"{_type(kind.__origin__)} {limits}"
    return " or ".join(_type(inner) for inner in get_args(kind))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "-"
    value = field.get_default(call_default_factory=True)
    if value in ("", {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"


def _builtin_rows() -> Iterator[tuple[str, ...]]:
    for recipe in importlib.import_module("inkwise.recipes.load").list_recipes():
        network, epochs = recipe.network.architecture, str(recipe.training.epochs)
        yield f"`{recipe.name}`", recipe.summary, f"`{network}`", epochs, recipe.source


def _network_rows() -> Iterator[tuple[str, ...]]:
    for name, module in importlib.import_module("inkwise.networks.build").ARCHITECTURES.items():
        home = importlib.import_module(module)
        parameters = inspect.signature(home.build).parameters.values()
        options = ", ".join(f"`{p.name}` = {p.default}" for p in parameters if p.name != "num_classes")
        yield f"`{name}`", (home.__doc__ or "").strip().splitlines()[0], options or "none"


def _table(head: tuple[str, ...], rows: Any) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [*("| " + " | ".join(line) + " |" for line in lines), ""]
