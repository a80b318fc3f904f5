"""The pages of Python's names for the site: autodoc in the place of docs/reference/, under its headings."""

import inspect
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dev import reference_python  # noqa: E402

PLACES = {f"reference/{name}": name for name in reference_python.INTRODUCTIONS}


def python_page(name: str) -> str:
    """Return a page of docs/reference/ with autodoc in the place of the docstrings."""
    title, words = reference_python.INTRODUCTIONS[name]
    parts = [f"# {title}\n", f"{words}\n"]
    for dotted, thing in reference_python.names_of(name).items():
        short = dotted.rpartition(".")[2]
        parts.append(f"## {short}\n\n{directive(dotted, thing)}")
        parts += reference_python.spoken_as(short) if name == "python" else []
    return "\n".join(parts)


def directive(dotted: str, thing: Any) -> str:
    """Return what asks autodoc for one name; a class's fields stand before it as the source has them."""
    if not inspect.isclass(thing):
        return f"```{{eval-rst}}\n.. autofunction:: {dotted}\n```\n"
    kind = "exception" if issubclass(thing, Exception) else "class"
    members = ", ".join(member for member, _ in reference_python.public_members(thing))
    shown = f"   :members: {members}\n" if members else ""
    fields = reference_python.signature(thing.__name__, thing)
    code = f"```python\n{fields}\n```\n\n" if "\n" in fields else ""
    return f"{code}```{{eval-rst}}\n.. auto{kind}:: {dotted}\n{shown}```\n"
