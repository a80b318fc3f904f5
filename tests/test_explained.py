"""Every number of a --json and every view has a page that says what it measures and when it misleads."""

import ast
import re

from dev import pages
from dev.sizes import read_modules

EXPLANATION = pages.ROOT / "docs" / "explanation"
JSON_PAGE = (pages.ROOT / "docs" / "json-output.md").read_text(encoding="utf-8")
# Not measured: what a recipe sets, where a measurement was made, and what was wanted of it.
SET_BY_HAND = {"inkwise recipes", "inkwise data list"}
CONDITIONS = re.compile(
    r"conditions\.|environment\.|.*\b(wanted.*|target|goal|limit|seconds_a_row|expected\[\])$|.*settings\.\*$"
)
# Pictures that stand in for words, on a page that is explained by its own text.
PARTS_OF_OTHERS = {"render_sheet"}
OF_OTHER_LIBRARIES = {"precision_recall_fscore_support"}


def explained() -> str:
    """Return all explanation pages, one after the other."""
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted(EXPLANATION.glob("*.md")))


def code_words(text: str) -> set[str]:
    """Return what stands in backticks, without what follows a bracket: `a[true][predicted]` is a."""
    words = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    return {re.split(r"[\[(]", word)[0] for word in words}


def measured_keys() -> set[str]:
    """Return the last part of each key of docs/json-output.md whose value is a measured number."""
    found = set()
    for section in re.split(r"^## ", JSON_PAGE, flags=re.MULTILINE)[1:]:
        command = section.partition(" --json")[0]
        rows = re.findall(r"^\| `([^`]+)` \| ([\w ]+) \|", section, flags=re.MULTILINE)
        for key, kind in rows:
            is_number = kind.partition(" or ")[0] in ("fraction", "number")
            if is_number and command not in SET_BY_HAND and not CONDITIONS.match(key):
                found.add(re.sub(r"\[\]|\.\*", "", key).rpartition(".")[2])
    return found


def views() -> set[str]:
    """Return the public functions that draw a picture."""
    functions = [
        node.name
        for module in read_modules()
        if module.path.parts[0] == "figures"
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and re.match(r"(render|draw)_", node.name)
        if node.returns is not None and re.search(r"(Figure|Picture)\b", ast.unparse(node.returns))
    ]
    return set(functions) - PARTS_OF_OTHERS


def test_every_measured_number_is_explained() -> None:
    assert sorted(measured_keys() - code_words(explained())) == []


def test_every_view_is_explained() -> None:
    assert sorted(views() - code_words(explained())) == []


def test_every_explained_view_exists() -> None:
    named = {word for word in code_words(explained()) if re.match(r"(render|draw)_\w+$", word)}
    assert sorted(named - views()) == []


def test_every_key_that_is_named_exists() -> None:
    """A word_with_underscores in an explanation is a key of a --json, or a name of the code."""
    sources = (path.read_text(encoding="utf-8") for path in (pages.ROOT / "src").rglob("*.py"))
    known = {name for source in (JSON_PAGE, *sources) for name in re.findall(r"\b[a-z]\w+", source)}
    named = {word for word in code_words(explained()) if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", word)}
    assert sorted(named - known - OF_OTHER_LIBRARIES) == []


def test_page_that_names_nothing_leaves_gaps() -> None:
    """The check itself: without the pages every key would be missing."""
    assert {"accuracy", "loss", "p_value"} <= measured_keys()
    assert {"render_confusion", "draw_sweep"} <= views()
    assert code_words("`a[b]` and\n```text\n`c`\n```\n") == {"a"}
