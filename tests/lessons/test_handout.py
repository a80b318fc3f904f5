"""The page to print: it stands alone, shows what was printed, and hides nothing on paper."""

import base64
import re
from typing import Any

import nbformat.v4 as v4
import pytest

from inkwise.figures.inspection.loss import render_loss_of_confidence
from inkwise.lessons.handout import render_handout

PNG = base64.b64encode(render_loss_of_confidence()._repr_png_()).decode()


def code(source: str, *outputs: Any, tag: str = "") -> Any:
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": [tag] if tag else []})


@pytest.fixture
def notebook() -> Any:
    cells = [
        v4.new_markdown_cell(
            "# Title\n\n<!-- buttons -->\nWords and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |"
        ),
        code("import inkwise  # is it here?", tag="install"),
        code("for x in y:  # a < b\n    pass", v4.new_output("stream", text="1 < 2\n")),
        code("x\ndraw(1 < 2)", v4.new_output("display_data", data={"image/png": PNG, "text/plain": "<A>"})),
        code(
            "1 / 0", v4.new_output("error", ename="ZeroDivisionError", evalue="<0>", traceback=["\x1b[31m"])
        ),
        code("answer = ...", tag="exercise"),
        code("answer = 5", tag="solution"),
        code(
            "check_value(answer, 5)",
            v4.new_output("display_data", data={"text/plain": "Right."}),
            tag="check",
        ),
        code("table", v4.new_output("display_data", data={"text/html": "<table></table>", "text/plain": ""})),
    ]
    return v4.new_notebook(cells=cells)


@pytest.fixture
def page(notebook: Any) -> str:
    return render_handout(notebook, title="A & B")


def test_page_stands_alone(page: str) -> None:
    assert page.count("<!doctype html>") == 1
    assert not re.search(r"(?:src|href)=[\"'](?!data:)", page)
    assert "<script" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_page_shows_words_code_and_what_was_printed(page: str) -> None:
    assert "<title>A &amp; B</title>" in page
    assert "<h1>Title</h1>" in page
    assert "<table>\n<thead>" in page
    assert '<span class="k">for</span>' in page
    assert "1 &lt; 2" in page
    assert "<table></table>" in page


def test_comments_and_the_install_cell_are_left_out(page: str) -> None:
    assert "buttons" not in page
    assert "is it here?" not in page


def test_picture_is_in_the_page_with_its_size_and_words(page: str) -> None:
    # 6.6 x 4.2 inches: 96 pixels of a page each
    assert (
        f'<img src="data:image/png;base64,{PNG}" width="634" height="403" alt="Drawn by: draw(1 &lt; 2)">'
        in page
    )


def test_error_is_one_line_without_colours(page: str) -> None:
    assert '<pre class="out error" tabindex="0">ZeroDivisionError: &lt;0&gt;</pre>' in page
    assert "\x1b" not in page


def test_exercise_solution_and_check_are_told_apart(page: str) -> None:
    assert page.index("Your turn") < page.index("One solution") < page.index("<summary>The check</summary>")
    assert "Right." in page


def test_worksheet_tells_no_answer_and_has_room_to_write(notebook: Any) -> None:
    page = render_handout(notebook, title="A & B", worksheet=True)
    assert "Your turn" in page
    assert "answer = 5" not in page
    assert "check(answer)" not in page
    assert "Right." not in page
    assert '<article class="lesson worksheet">' in page
    assert re.search(r"@media print \{[^@]*\.worksheet details \{ display: none; \}", page)
