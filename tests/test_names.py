"""What the pages name in their sentences exists, and what exists is named: commands, names, files, keys."""

import importlib
import inspect
import re
import shlex

import pytest
from dev import pages, reference, reference_recipes
from tests.test_docs import PAGES, parse, read

from inkwise import errors

INLINE = re.compile(r"`([^`\n]+)`")
TROUBLESHOOTING = read(pages.ROOT / "docs" / "troubleshooting.md")
# Variables of this repository's own tests, which no user sets.
OF_TESTS = {"INKWISE_UPDATE_BASELINES"}


def spans(text: str) -> list[str]:
    """Return what stands in backticks in a page's sentences and tables."""
    return INLINE.findall(re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_command_in_a_sentence_parses(page) -> None:  # type: ignore[no-untyped-def]
    for span in spans(read(page)):
        if re.match(r"inkwise [a-z]", span) and "|" not in span:  # `a|b` names two at once
            try:
                parse([word for word in shlex.split(span) if word != "..."])
            except Exception as error:
                if type(error).__name__ != "BadOptionUsage":  # an option may be named without its value
                    raise


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_option_in_a_sentence_exists(page) -> None:  # type: ignore[no-untyped-def]
    known = {name for command in reference.commands().values() for p in command.params for name in p.opts}
    known |= {
        name for command in reference.commands().values() for p in command.params for name in p.secondary_opts
    }
    named = {
        found[1] for span in spans(read(page)) if (found := re.match(r"(--[a-z][a-z-]+)(?:[ =].*)?$", span))
    }
    assert sorted(named - known - OF_OTHER_PROGRAMS) == []


OF_OTHER_PROGRAMS = {"--debug", "--fail-with-body", "--volume", "--check", "--help"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_name_of_inkwise_in_a_sentence_exists(page) -> None:  # type: ignore[no-untyped-def]
    for span in spans(read(page)):
        if found := re.match(r"(inkwise(?:\.[A-Za-z_]\w*)+)(?:\(.*\))?$", span):
            resolve(found[1])


def resolve(dotted: str) -> object:
    """Return what a dotted name means, a module or something of one; AttributeError where nothing."""
    home, _, name = dotted.rpartition(".")
    if not home:
        return importlib.import_module(dotted)
    owner = resolve(home)
    if not hasattr(owner, name) and inspect.ismodule(owner) and hasattr(owner, "__path__"):
        return importlib.import_module(dotted)
    return getattr(owner, name)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_target_of_make_exists(page) -> None:  # type: ignore[no-untyped-def]
    targets = set(re.findall(r"^([a-z-]+):", read(pages.ROOT / "Makefile"), flags=re.MULTILINE))
    named = {target for span in spans(read(page)) for target in re.findall(r"^make ([a-z-]+)", span)}
    assert sorted(named - targets) == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_file_of_the_repository_in_a_sentence_exists(page) -> None:  # type: ignore[no-untyped-def]
    named = {
        span
        for span in spans(read(page))
        if re.match(r"(src|dev|tests|examples|deploy)/[a-z0-9_./-]*\.\w+$", span)
    }
    assert [name for name in sorted(named) if not (pages.ROOT / name).exists()] == []


def test_every_variable_is_documented_and_exists() -> None:
    name = re.compile(r"\bINKWISE_[A-Z_]+\b")
    used = {n for path in (pages.ROOT / "src").rglob("*.py") for n in name.findall(read(path))}
    documented = {n for page in PAGES.values() for n in name.findall(read(page))}
    assert used == documented - OF_TESTS


def test_every_key_of_a_recipe_is_explained_and_exists() -> None:
    meanings = reference_recipes.read_meanings()
    keys = set(reference_recipes.keys())
    sections = {key.partition(".")[0] for key in keys}
    assert [key for key in sorted(keys) if not meanings.get(key)] == []
    explained = {key for key in meanings if key.partition(".")[0] in sections and "." in key}
    assert explained == keys


@pytest.mark.parametrize(
    "name", [n for n, c in vars(errors).items() if inspect.isclass(c) and c.__module__ == errors.__name__]
)
def test_every_kind_of_error_has_an_entry(name: str) -> None:
    """The troubleshooting page quotes at least one message that is raised as this kind of error."""
    if name == "InkwiseError":
        return  # what the others have in common is raised by nobody
    raised = re.compile(rf"\b{name}\(")
    quoted = re.findall(r"^### `(.*)`$", TROUBLESHOOTING, flags=re.MULTILINE)
    modules = [path for path in (pages.ROOT / "src").rglob("*.py") if raised.search(read(path))]
    text = "\n".join(re.sub(r"\"\s*\n\s*f?\"", "", read(path)) for path in modules)
    assert [words for words in quoted if all(part in text for part in words.split("..."))], modules


def test_name_that_does_not_exist_is_found() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        resolve("inkwise.metrics.nonsense")
