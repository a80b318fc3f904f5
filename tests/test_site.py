"""The site: what dev/site.py makes of a page, what Sphinx makes of that, and that it needs no network."""

import base64
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from dev import pages, reference_python, site, site_lessons, site_reference
from filelock import FileLock
from tests.browser.visit import DESK, PHONE, chromium, visiting

# Elements that make a browser fetch something by themselves; a link waits until somebody clicks.
LOADING = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("link", "href"),
    ("object", "data"),
}


class Addresses(HTMLParser):
    """Collects what a page would fetch, and the files that it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and (tag, name) in LOADING:
                self.loaded.append(value)
            if value and (tag, name) == ("a", "href"):
                self.linked.append(value)


def read_addresses(page: Path) -> Addresses:
    found = Addresses()
    found.feed(page.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once for all workers of a test session, with what is kept of the lessons."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "site-of-the-session"
    with FileLock(f"{shared}.lock"):
        if not (shared / "built").is_dir():
            assert site.build(site.assemble(shared / "source", lessons="kept"), shared / "built") == 0
    return shared / "built"


@pytest.mark.slow
class TestBuilt:
    def test_every_page_is_there(self, built: Path) -> None:
        names = [site.place_of(page) for page in [*pages.page_files(), *site_lessons.lesson_files()]]
        assert [name for name in names if not (built / f"{name}.html").is_file()] == []

    def test_no_page_loads_anything_from_elsewhere(self, built: Path) -> None:
        loaded = [address for page in built.rglob("*.html") for address in read_addresses(page).loaded]
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []

    def test_no_style_loads_anything_from_elsewhere(self, built: Path) -> None:
        for style in built.rglob("*.css"):
            assert (
                re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text(encoding="utf-8"))
                == []
            )

    def test_every_link_to_a_file_leads_somewhere(self, built: Path) -> None:
        lost = []
        for page in built.rglob("*.html"):
            for address in read_addresses(page).linked:
                path = address.partition("#")[0].partition("?")[0]
                if path and not re.match(r"[a-z]+:", path) and not (page.parent / path).resolve().exists():
                    lost.append(f"{page.name}: {address}")
        assert lost == []

    def test_every_picture_opens_its_file(self, built: Path) -> None:
        shown = [
            (page.name, href, src)
            for page in built.rglob("*.html")
            for href, src in re.findall(
                r'(?:<a [^>]*href="([^"]+)">)?<img [^>]*src="([^"]*_images/[^"]+)"',
                page.read_text(encoding="utf-8"),
            )
        ]
        assert shown
        assert [(page, src) for page, href, src in shown if href != src] == []

    def test_every_public_name_has_its_entry(self, built: Path) -> None:
        for name in reference_python.INTRODUCTIONS:
            html = (built / "reference" / f"{name}.html").read_text(encoding="utf-8")
            assert [n for n in reference_python.names_of(name) if f'id="{n}"' not in html] == []

    def test_search_finds_a_word_offline(self, built: Path) -> None:
        with chromium() as browser, visiting(browser, built / "index.html") as visit:
            visit.page.fill("input.sidebar-search", "calibration")
            visit.page.keyboard.press("Enter")
            visit.page.wait_for_selector("#search-results li a")
            titles = visit.page.locator("#search-results li a").all_inner_texts()
        assert "Expected calibration error" in titles

    @pytest.mark.parametrize("width", [DESK, PHONE])
    @pytest.mark.parametrize("name", ["index", "tutorial", "how-to/serve", "reference/recipes", "results"])
    def test_page_fits_its_window(self, built: Path, name: str, width: int) -> None:
        with chromium() as browser, visiting(browser, built / f"{name}.html", width=width) as visit:
            assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
            assert visit.broken() == []
            assert [address for address in visit.requests if not address.startswith("file:")] == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_code_can_be_told_from_its_ground(self, built: Path, scheme: str) -> None:
        """axe's contrast of 4.5, of code in the colours of both schemes."""
        page = built / "explanation" / "loss.html"
        with chromium() as browser, visiting(browser, page, scheme=scheme) as visit:
            assert [fault for fault in visit.barriers() if fault.startswith("color-contrast")] == []


class TestPage:
    def test_link_to_a_page_leads_to_its_place(self, tmp_path: Path) -> None:
        made = site.Site(tmp_path)
        page = pages.ROOT / "docs" / "how-to" / "export.md"
        text = "[a](../results.md#serving) [b](../../README.md) [c](https://example.org) [d](#here)"
        assert site.moved(text, page=page, site=made) == (
            "[a](../results.md#serving) [b](../readme.md) [c](https://example.org) [d](#here)"
        )

    def test_link_to_a_source_leads_to_a_page_that_shows_it(self, tmp_path: Path) -> None:
        made = site.Site(tmp_path)
        source = pages.ROOT / "src" / "inkwise" / "errors.py"
        text = site.moved("[e](src/inkwise/errors.py)", page=pages.ROOT / "README.md", site=made)
        assert text == "[e](files/src/inkwise/errors.py.md)"
        assert made.places[source] == "files/src/inkwise/errors.py"
        assert "class InkwiseError(Exception)" in site.shown(source, site=made)

    def test_link_to_nothing_is_a_fault(self, tmp_path: Path) -> None:
        made = site.Site(tmp_path)
        site.moved("[a](nothing.md)", page=pages.ROOT / "README.md", site=made)
        assert len(made.faults) == 1
        assert "README.md: nothing.md: there is no file" in made.faults[0]

    def test_comments_go_and_code_stays(self) -> None:
        text = "<!-- test: slow -->\na\n```html\n<!-- b -->\n```\n"
        assert site.without_comments(text) == "a\n```html\n<!-- b -->\n```\n"

    def test_every_section_of_the_map_is_a_part(self) -> None:
        _, parts = site.read_parts()
        titles = [part.title for part in parts]
        assert titles[:3] == ["Tutorial", "Lessons", "How to"]
        assert [part.slug for part in parts][2] == "how-to"
        assert [part.title for part in parts if not part.files] == []

    def test_every_lesson_is_on_the_map(self) -> None:
        _, parts = site.read_parts()
        (lessons,) = [part for part in parts if part.title == "Lessons"]
        assert [file for file in lessons.files if file.suffix == ".py"] == site_lessons.lesson_files()


class TestReference:
    def test_class_shows_its_fields_and_its_methods(self) -> None:
        from inkwise.preprocessing import Preprocessing

        text = site_reference.directive("inkwise.preprocessing.Preprocessing", Preprocessing)
        assert "class Preprocessing\n    mean: " in text
        assert ".. autoclass:: inkwise.preprocessing.Preprocessing\n   :members: " in text

    def test_error_is_an_exception(self) -> None:
        from inkwise.errors import DataError

        assert ".. autoexception:: inkwise.errors.DataError\n" in site_reference.directive(
            "inkwise.errors.DataError", DataError
        )


PNG = b"\x89PNG"


class TestLessonPage:
    @staticmethod
    def page_of(*outputs: dict[str, object], tags: tuple[str, ...] = ()) -> tuple[str, dict[str, bytes]]:
        import nbformat

        cell = {
            "cell_type": "code",
            "source": "x = 1",
            "metadata": {"tags": list(tags)},
            "outputs": list(outputs),
        }
        words = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
        return site_lessons.lesson_page(nbformat.from_dict({"cells": [words, cell]}), name="01-a")

    def test_what_is_printed_stands_below_the_code(self) -> None:
        text, _ = self.page_of({"output_type": "stream", "name": "stdout", "text": "\x1b[1m5\x1b[0m\n"})
        assert text == "# Title\n\n```python\nx = 1\n```\n\n```text\n5\n```\n"

    def test_picture_is_a_file(self) -> None:
        data = {"image/png": base64.b64encode(PNG).decode(), "text/plain": "<a [plot]>"}
        text, pictures = self.page_of({"output_type": "display_data", "data": data})
        assert pictures == {"01-a-1.png": PNG}
        assert "](01-a-1.png)" in text

    def test_mistake_is_shown_as_its_last_line(self) -> None:
        text, _ = self.page_of(
            {"output_type": "error", "ename": "RuntimeError", "evalue": "no", "traceback": []}
        )
        assert "```text\nRuntimeError: no\n```" in text

    def test_table_stays_html(self) -> None:
        data = {"text/html": "<table></table>", "text/plain": "t"}
        text, _ = self.page_of({"output_type": "execute_result", "data": data})
        assert "```{raw} html\n<table></table>\n```" in text

    def test_page_without_outputs_says_so(self) -> None:
        assert "without running the lesson" in self.page_of()[0]

    def test_cell_that_installs_is_left_out(self) -> None:
        assert "x = 1" not in self.page_of(tags=("install",))[0]

    def test_kept_notebook_is_read_again_for_the_same_words(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(site_lessons, "KEPT", tmp_path)
        site_lessons.keep("01-a", {"cells": []}, words="w", sources="s")
        assert site_lessons.read_kept("01-a", words="w", sources="s") == {"cells": []}
        assert site_lessons.read_kept("01-a", words="w", sources=None) == {"cells": []}
        assert site_lessons.read_kept("01-a", words="other", sources=None) is None
        assert site_lessons.read_kept("01-a", words="w", sources="other") is None
