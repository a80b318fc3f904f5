"""The result of a bench, and its files: JSON, and a page."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from inkwise.files import write_atomically


class Outcome(BaseModel):
    """A part of what a bench came to, which never changes; keys that it does not know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def write_bench(
    result: BaseModel,
    folder: str | os.PathLike[str],
    *,
    name: str,
    page: str,
    pictures: Mapping[str, bytes] | None = None,
) -> list[Path]:
    """Write name.json, name.md and pictures into folder and return their paths.

    Args:
        page: the result as Markdown.
    Raises:
        OutputError: the folder cannot be written to.
    """
    contents: dict[str, str | bytes] = {
        f"{name}.json": result.model_dump_json(indent=2) + "\n",
        f"{name}.md": page,
        **(pictures or {}),
    }
    paths = [Path(folder) / file for file in contents]
    for path in paths:
        write_atomically(path, contents[path.name])
    return paths


def bench_page(title: str, rows: Sequence[tuple[str, ...]], *, said: str, facts: Mapping[str, Any]) -> str:
    """Return Markdown: a table, what it says in words, and on which machine.

    Args:
        rows: the head of the table, then its rows; all but their first cells are set to the right.
        said: what was measured.
        facts: about the machine.
    """
    about = "\n".join(f"- {key}: {value}" for key, value in facts.items())
    return f"# {title}\n\n{markdown_table(rows)}\n\n{said}\n\n{about}\n"


def markdown_table(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows, their head first, as Markdown; all but their first cells are set to the right."""
    lines = [rows[0], ("---", *("---:",) * (len(rows[0]) - 1)), *rows[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
