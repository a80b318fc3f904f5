"""Lessons as pages of the site, with what their cells print and draw.

Running all of them takes minutes, so what was run is kept in build/lessons/. WAYS are what becomes of it:

    run   a lesson is run, unless what is kept came from its very words and the very sources of inkwise
    kept  what is kept for these words is shown, whatever sources it came from; where nothing is, no outputs
    none  no outputs
"""

import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

WAYS = ("run", "kept", "none")
KEPT = ROOT / "build" / "lessons"
_HEADINGS = {"exercise": "Your turn", "solution": "One solution"}
_NOT_RUN = (
    "> This page was made without running the lesson, so that what its cells print and draw is missing.\n"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def lesson_files() -> list[Path]:
    """Return the lessons in their order."""
    return sorted((ROOT / "examples").glob("[0-9][0-9]-*.py"))


def notebook_of(file: Path, how: str) -> Any:
    """Return a lesson's notebook, with outputs or, where how leaves them out, without.

    Args:
        how: one of WAYS.
    """
    from inkwise.lessons.execute import execute_lesson
    from inkwise.lessons.lesson import find_lesson
    from inkwise.lessons.notebook import read_lesson

    lesson = find_lesson(file.stem)
    words, sources = digest_of([file]), digest_of(sorted((ROOT / "src").rglob("*.py")))
    kept = read_kept(file.stem, words=words, sources=sources if how == "run" else None)
    if how != "run" or kept:
        return kept if kept and how != "none" else read_lesson(lesson)
    print(f"running lesson {lesson.name}", file=sys.stderr)
    notebook = execute_lesson(lesson)
    keep(file.stem, notebook, words=words, sources=sources)
    return notebook


def digest_of(files: list[Path]) -> str:
    """Return a fingerprint of the contents of files."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def read_kept(name: str, *, words: str, sources: str | None) -> Any:
    """Return the kept notebook that came from these words and, unless None, these sources; or None."""
    import nbformat

    path = KEPT / f"{name}.json"
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    if kept["words"] != words or sources not in (None, kept["sources"]):
        return None
    return nbformat.from_dict(kept["notebook"])


def keep(name: str, notebook: Any, *, words: str, sources: str) -> None:
    """Keep a notebook that was run."""
    KEPT.mkdir(parents=True, exist_ok=True)
    document = {"words": words, "sources": sources, "notebook": notebook}
    (KEPT / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


def lesson_page(notebook: Any, *, name: str) -> tuple[str, dict[str, bytes]]:
    """Return a lesson's page as Markdown, and the pictures that it shows by their file names.

    Args:
        notebook: run or not.
        name: of the lesson; its pictures are called after it.
    """
    pictures: dict[str, bytes] = {}
    parts: list[str] = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if "install" in tags:
            continue
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts += [f"*{heading}*" for tag, heading in _HEADINGS.items() if tag in tags]
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            parts += _shown(output, pictures=pictures, name=name)
    if not any(cell.get("outputs") for cell in notebook.cells):
        parts.insert(1, _NOT_RUN)
    return "\n\n".join(parts) + "\n", pictures


def _shown(output: Any, *, pictures: dict[str, bytes], name: str) -> Iterator[str]:
    """Yield one output of a cell as Markdown; a picture is put among pictures."""
    if output.output_type == "stream":
        yield _words(output.text)
    elif output.output_type == "error":
        yield _words(f"{output.ename}: {output.evalue}")
    elif "image/png" in output.data:
        file = f"{name}-{len(pictures) + 1}.png"
        pictures[file] = base64.b64decode(output.data["image/png"])
        yield f"![{_alternative(output.data.get('text/plain', ''))}]({file})"
    elif "text/html" in output.data:
        yield f"```{{raw}} html\n{output.data['text/html']}\n```"
    else:
        yield _words(output.data.get("text/plain", ""))


def _words(text: str) -> str:
    return f"```text\n{_ANSI.sub('', text).rstrip()}\n```"


def _alternative(words: str) -> str:
    return re.sub(r"[\[\]\n]", " ", words)
