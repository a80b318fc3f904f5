"""The page as a whole: nothing barred, nothing cut, nothing complained of, nothing asked of strangers."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.visit import Visit as Look
from tests.page.whole.visits import ADDRESS, PATIENCE, READER, Visit, visiting_file, visiting_page

from inkwise.page import single_file

TWO = (("reader", READER), ("the same, by a long title that has to wrap somewhere", READER))
SIZES = {"phone": (390, 844), "small phone": (320, 568), "phone on its side": (844, 390),
         "desk": (1280, 800), "projector": (1920, 1080)}  # fmt: skip
each_size = pytest.mark.parametrize("size", SIZES)


def _settings(size: str, scheme: str = "light") -> dict[str, Any]:
    width, height = SIZES[size]
    return {"viewport": {"width": width, "height": height}, "color_scheme": scheme}


def _show_all(visit: Visit) -> None:
    """Draw two digits, compare two classifiers, work a value out, unfold everything."""
    visit.write("27")
    visit.expect_answer("27")
    visit.find("#compared").select_option("1")
    expect(visit.find(".bar-column h3")).to_have_count(2, timeout=PATIENCE)
    visit.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    for layer in (0, 3, 19):
        visit.find(".layer .chart canvas").nth(layer).focus()
        visit.page.keyboard.press("ArrowRight")
    expect(visit.find(".sum")).to_have_count(3, timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_page_has_no_barriers(browser: Browser, size: str, scheme: str) -> None:
    with visiting_page(browser, classifiers=TWO, bypass_csp=True, **_settings(size, scheme)) as visit:
        _show_all(visit)
        assert Look(visit.page).barriers() == []
        assert visit.complaints == []


def test_empty_page_has_no_barriers(browser: Browser) -> None:
    with visiting_page(browser, bypass_csp=True) as visit:
        expect(visit.find("#stage")).to_be_visible(timeout=PATIENCE)
        assert Look(visit.page).barriers() == []


@pytest.mark.slow
@each_size
def test_page_fits_its_window(browser: Browser, size: str) -> None:
    with visiting_page(browser, classifiers=TWO, **_settings(size)) as visit:
        _show_all(visit)
        stuck_out = visit.page.evaluate(
            """[...document.querySelectorAll('body *')]
                .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
                .filter(element => !element.closest('.arithmetic'))
                .map(element => element.outerHTML.slice(0, 120))"""
        )
        assert stuck_out == []
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_page_asks_for_its_own_files_alone(browser: Browser) -> None:
    with visiting_page(browser) as visit:
        visit.write("9")
        visit.expect_answer("9")
        assert [url for url in visit.requests if not url.startswith(ADDRESS)] == []
        assert len(visit.requests) == len(set(visit.requests))
        assert visit.complaints == []


def test_single_file_reads_and_looks_inside_without_a_network(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(single_file({}, [("reader", READER), ("twin", READER)]), encoding="utf-8")
    with visiting_file(browser, path) as visit:
        visit.write("64")
        visit.expect_answer("64")
        visit.find("#unfold").click()
        visit.find("#compared").select_option("twin")
        expect(visit.find(".compared")).to_have_text("= Both read 4", timeout=PATIENCE)
        expect(visit.find(".layer details[open]")).to_have_count(20)
        for hidden in ("#choose-picture", "#take-photo", "#correct"):
            expect(visit.find(hidden)).to_be_hidden()
        assert visit.requests == [path.as_uri()]
        assert visit.complaints == []
