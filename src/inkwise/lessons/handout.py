"""A lesson's notebook as one HTML page: to print, to hand out, to read where there is no Jupyter.

The page loads nothing and runs nothing (templates/page.html); pictures stand in it as data.
"""

import re
from html import escape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from inkwise.lessons.notebook import has_tag, not_installed
from inkwise.reports.page import render_page

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from nbformat import NotebookNode

_HEADINGS = {"exercise": "Your turn", "solution": "One solution", "check": "The check"}
_PIXELS_PER_INCH = 120 / 96  # of figures/style.py, against a page's
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


def render_handout(notebook: "NotebookNode", *, title: str, worksheet: bool = False) -> str:
    """Return notebook with its outputs as one HTML page.

    Args:
        notebook: run or not.
        title: of the page.
        worksheet: whether it is to be filled in: without solutions and checks, which would tell them, and on
            paper with room to write, and without what is folded, the answers.
    Raises:
        LessonError: the extra `lessons` is not installed.
    """
    try:
        from markdown_it import MarkdownIt
    except ImportError as error:
        raise not_installed(error) from error
    markdown = MarkdownIt("commonmark").enable("table")
    left_out = ("install", "solution", "check") if worksheet else ("install",)
    shown = [cell for cell in notebook.cells if not any(has_tag(cell, tag) for tag in left_out)]
    parts = [part for cell in shown for part in _render_cell(cell, markdown)]
    kind = "lesson worksheet" if worksheet else "lesson"
    return render_page("lesson.html", title=title, kind=kind, parts=[Markup(part) for part in parts])


def _render_cell(cell: "NotebookNode", markdown: "MarkdownIt") -> list[str]:
    if cell.cell_type == "markdown":
        # The lessons' own words, which may hold HTML such as <details>.
        return [str(markdown.render(_COMMENT.sub("", cell.source)))]
    tag = next((tag for tag in _HEADINGS if has_tag(cell, tag)), "")
    heading = [f'<p class="tag">{_HEADINGS[tag]}</p>'] if tag in ("exercise", "solution") else []
    code = f'<pre class="code {tag}" tabindex="0">{_colour(cell.source)}</pre>'
    if tag == "check":
        code = f"<details><summary>{_HEADINGS[tag]}</summary>{code}</details>"
    drawn_by = "Drawn by: " + cell.source.strip().rpartition("\n")[2]
    return [*heading, code, *(text for output in cell.outputs for text in _render_output(output, drawn_by))]


def _render_output(output: "NotebookNode", drawn_by: str) -> list[str]:
    if output.output_type == "stream":
        return [_words(output.text)]
    if output.output_type == "error":
        return [_words(f"{output.ename}: {output.evalue}", kind=" error")]
    data = output.data
    if "image/png" in data:
        return [_picture(data["image/png"], drawn_by)]
    if "text/html" in data:
        return [f'<div class="scroll" tabindex="0">{data["text/html"]}</div>']
    return [_words(data.get("text/plain", ""))]


def _words(text: str, *, kind: str = "") -> str:
    return f'<pre class="out{kind}" tabindex="0">{escape(text.rstrip())}</pre>'


def _picture(png: str, words: str) -> str:
    import base64
    import struct

    width, height = struct.unpack(">II", base64.b64decode(png)[16:24])  # PNG: the IHDR chunk comes first
    size = f'width="{width / _PIXELS_PER_INCH:.0f}" height="{height / _PIXELS_PER_INCH:.0f}"'
    source = "data:image/png;base64," + png.replace("\n", "")
    return f'<div class="picture"><img src="{source}" {size} alt="{escape(words)}"></div>'


def _colour(code: str) -> str:
    """Return code as HTML with keywords, texts and comments marked."""
    from pygments.lexers.python import PythonLexer
    from pygments.token import Comment, Keyword, Operator, String

    kinds: tuple[tuple[Any, str], ...] = (
        (Keyword, "k"), (Operator.Word, "k"), (String, "s"), (Comment, "c")
    )  # fmt: skip
    parts = []
    for token, text in PythonLexer().get_tokens(code):
        name = next((name for kind, name in kinds if token in kind), "")
        parts.append(f'<span class="{name}">{escape(text)}</span>' if name else escape(text))
    return "".join(parts).rstrip()
