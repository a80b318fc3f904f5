"""Every page inkwise writes, in real Chromium: it loads nothing, complains of nothing, and is read by all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.visit import DESK, PHONE, Visit, chromium, visiting

from inkwise.experiments.explore import explore
from inkwise.experiments.inspect import inspect
from inkwise.experiments.train import train
from inkwise.runs.run import Run

SIZE_LIMIT = 3_000_000  # bytes; small enough for an e-mail


def _write_report(run: Run, folder: Path) -> Path:
    return run.report_path


def _write_report_with_findings(run: Run, folder: Path) -> Path:
    """The tutorial with ReLU on its output: classes never predicted, and a doctor who says why."""
    return train("mlp-wide-relu-output", data="digits", epochs=8, out=folder / "run").report_path


def _write_inspection(run: Run, folder: Path) -> Path:
    inspect(run, index=0, out=folder)
    return folder / "inspection.html"


def _write_exploration(run: Run, folder: Path) -> Path:
    explore("digits", out=folder)
    return folder / "exploration.html"


# Each page by name, as a function: a finished run, an empty folder -> the page's file.
PAGES: dict[str, Callable[[Run, Path], Path]] = {
    "report": _write_report,
    "report with findings": _write_report_with_findings,
    "inspection": _write_inspection,
    "exploration": _write_exploration,
}
each_page = pytest.mark.parametrize("name", PAGES)
each_view = pytest.mark.parametrize(
    ("scheme", "width"), [("light", DESK), ("dark", DESK), ("light", PHONE), ("dark", PHONE)]
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one browser for this module, for a running one keeps an event loop to itself."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real training of seconds, long enough to be curves and short enough to leave mistakes."""
    return train("cnn-lenet", data="digits", epochs=3, out=tmp_path_factory.mktemp("runs") / "digits-run")


@pytest.fixture(scope="module")
def page_of(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function: the name of a page -> its file, written when it is first asked for."""
    written: dict[str, Path] = {}

    def write(name: str) -> Path:
        if name not in written:
            written[name] = PAGES[name](run, tmp_path_factory.mktemp("page"))
        return written[name]

    return write


@each_page
def test_page_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, page_of: Callable[[str], Path], name: str
) -> None:
    with visiting(browser, page_of(name)) as visit:
        assert visit.requests == []
        assert visit.complaints == []
        assert visit.broken() == []


@each_page
@each_view
def test_page_is_accessible(
    browser: Browser, page_of: Callable[[str], Path], *, name: str, scheme: str, width: int
) -> None:
    with visiting(browser, page_of(name), scheme=scheme, width=width) as visit:
        assert visit.barriers() == []


@each_page
@pytest.mark.parametrize("width", [PHONE, 768, DESK])
def test_page_fits_its_window(
    browser: Browser, page_of: Callable[[str], Path], name: str, width: int
) -> None:
    with visiting(browser, page_of(name), width=width) as visit:
        assert visit.overflowing() == []


@each_page
def test_page_describes_each_picture(browser: Browser, page_of: Callable[[str], Path], name: str) -> None:
    with visiting(browser, page_of(name)) as visit:
        assert visit.page.locator("img, svg").count() > 0
        assert visit.undescribed() == []


@each_page
def test_page_has_one_title_and_one_main_heading(
    browser: Browser, page_of: Callable[[str], Path], name: str
) -> None:
    with visiting(browser, page_of(name)) as visit:
        assert visit.page.title()
        assert visit.page.locator("h1").count() == 1


@each_page
def test_page_leads_only_to_places_in_itself(
    browser: Browser, page_of: Callable[[str], Path], name: str
) -> None:
    with visiting(browser, page_of(name)) as visit:
        dead = visit.page.evaluate(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(link => link.getAttribute('href'))"
            ".filter(href => !document.querySelector(href))"
        )
        assert dead == []


@each_page
def test_page_is_dark_where_dark_is_wanted(
    browser: Browser, page_of: Callable[[str], Path], name: str
) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    lightness = {}
    for scheme in ("light", "dark"):
        with visiting(browser, page_of(name), scheme=scheme) as visit:
            numbers = visit.page.evaluate(colour).removeprefix("rgb(").removesuffix(")").split(",")
            lightness[scheme] = sum(map(int, numbers)) / 3
    assert lightness["dark"] < 60
    assert lightness["light"] > 200


def test_report_shows_what_the_doctor_found(browser: Browser, page_of: Callable[[str], Path]) -> None:
    with visiting(browser, page_of("report with findings")) as visit:
        assert visit.page.locator("#findings code").first.inner_text() == "dead-classes"
        assert visit.page.locator("#next li a").first.get_attribute("href") == "#findings"


@each_page
def test_page_is_small_enough_for_a_letter(page_of: Callable[[str], Path], name: str) -> None:
    assert page_of(name).stat().st_size < SIZE_LIMIT


@pytest.fixture
def bad_page(browser: Browser, tmp_path: Path) -> Iterator[Visit]:
    """A page with one of each fault, so that the checks above are known to notice them."""
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><html lang=en><title>bad</title><main><h1>Bad</h1>"
        "<p style='color:#ccc;background:#fff'>pale</p><div style='width:2000px'>wide</div>"
        "<img src='http://127.0.0.1:9/away.png'><script>missing()</script></main>",
        encoding="utf-8",
    )
    with visiting(browser, page, width=PHONE) as visit:
        yield visit


def test_checks_notice_each_fault_of_a_bad_page(bad_page: Visit) -> None:
    assert bad_page.requests == ["http://127.0.0.1:9/away.png"]
    assert any("missing is not defined" in complaint for complaint in bad_page.complaints)
    assert any("away.png" in image for image in bad_page.broken())
    assert any("wide" in element for element in bad_page.overflowing())
    assert any("away.png" in picture for picture in bad_page.undescribed())
    assert {barrier.split(":")[0] for barrier in bad_page.barriers()} >= {"color-contrast", "image-alt"}
