"""The public face: few names, each found, explained and documented."""

import re

import pytest
from dev.reference import REFERENCE

import inkwise

NAMES = inkwise.__all__


def test_all_is_sorted() -> None:
    assert sorted(NAMES) == list(NAMES)


def test_all_has_at_most_20_names() -> None:
    assert 0 < len(NAMES) <= 20


def test_all_names_are_public() -> None:
    assert [name for name in NAMES if name.startswith("_")] == []


@pytest.mark.parametrize("name", NAMES)
def test_name_resolves_and_has_a_docstring(name: str) -> None:
    docstring = getattr(inkwise, name).__doc__
    assert docstring
    assert not docstring.startswith(f"{name}("), "a dataclass without a docstring of its own"


@pytest.mark.parametrize("name", NAMES)
def test_name_is_seen_by_dir(name: str) -> None:
    assert name in dir(inkwise)


def test_reference_documents_each_name_and_no_other() -> None:
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", page, flags=re.MULTILINE) == list(NAMES)


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'inkwise' has no attribute 'mnits'"):
        _ = inkwise.mnits
