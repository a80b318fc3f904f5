"""The result of a bench as a page."""

from collections.abc import Mapping, Sequence
from typing import Any


def bench_page(title: str, rows: Sequence[tuple[str, ...]], *, said: str, facts: Mapping[str, Any]) -> str:
    """Return Markdown: a table, what it says in words, and on which machine.

    Args:
        rows: the head of the table, then its rows; all but their first cells are set to the right.
        said: what was measured.
        facts: about the machine.
    """
    lines = [rows[0], ("---", *("---:",) * (len(rows[0]) - 1)), *rows[1:]]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    about = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    return f"# {title}\n\n{table}\n\n{said}\n\n{about}\n"
