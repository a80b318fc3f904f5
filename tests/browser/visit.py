"""A visit to a page in Chromium, offline: what it asked for, what it complained of, how it lies."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

# No call home, no first-run page, no graphics card: the browser alone with the file.
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
)
DESK, PHONE = 1280, 390  # widths in CSS pixels

_OVERFLOWING = """
    [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .filter(element => !element.parentElement.closest('.scroll, pre, svg'))
        .map(element => element.outerHTML.slice(0, 120))
"""
_UNDESCRIBED = """
    [...document.querySelectorAll('img, svg')]
        .filter(picture => !(picture.getAttribute('alt') || picture.getAttribute('aria-label')
                             || picture.closest('[role=img]')))
        .map(picture => picture.outerHTML.slice(0, 120))
"""
_BROKEN = """
    [...document.images].filter(image => !(image.complete && image.naturalWidth))
        .map(image => image.outerHTML.slice(0, 120))
"""
# A class is often called by a single letter, which axe leaves out of its look at contrast unless it is told.
_STRICT = """
    axe.configure({checks: [{id: 'color-contrast', options: {
        ignoreUnicode: true, ignoreLength: true, ignorePseudo: false, boldValue: 700, boldTextPt: 14,
        largeTextPt: 18, contrastRatio: {normal: {expected: 4.5}, large: {expected: 3}},
        pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.2, textStrokeEmMin: 0.03
    }}]})
"""


def chromium_program() -> str:
    """Return Debian's Chromium, or skip; the one without windows, if there: it opens pages with less work."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return program


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium for the block; a running one keeps an event loop to itself."""
    program = chromium_program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """An open page with everything folded away unfolded.

    Attributes:
        page: Playwright's.
        requests: every address asked for beside the page itself and data: addresses.
        complaints: errors and warnings of the console, and exceptions.
    """

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def overflowing(self) -> list[str]:
        """Return the elements that stick out at the right of the window; those inside a scroller may."""
        elements: list[str] = self.page.evaluate(_OVERFLOWING)
        if not elements and self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            return ["the page is wider than the window"]
        return elements

    def undescribed(self) -> list[str]:
        """Return the pictures without words for those who cannot see them."""
        return list(self.page.evaluate(_UNDESCRIBED))

    def broken(self) -> list[str]:
        """Return the images that could not be drawn."""
        return list(self.page.evaluate(_BROKEN))

    def barriers(self) -> list[str]:
        """Return what axe-core finds serious or critical, a line an element."""
        self.page.evaluate(AXE_SCRIPT)
        self.page.evaluate(_STRICT)
        violations = self.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        return [
            f"{violation['id']}: {node['html'][:200]} {[check['message'] for check in node['any']]}"
            for violation in violations
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]


@contextmanager
def visiting(browser: Browser, path: Path, *, scheme: str = "light", width: int = DESK) -> Iterator[Visit]:
    """Open the file at path, offline, in a colour scheme and a window of width CSS pixels."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 844},
        offline=True,
    )
    try:
        visit = Visit(context.new_page())
        address = path.absolute().as_uri()
        visit.page.on("request", lambda request: _note_request(visit, request.url, address))
        visit.page.on("console", lambda message: _note_message(visit, message))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.goto(address, wait_until="load")
        visit.page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        yield visit
    finally:
        context.close()


def _note_request(visit: Visit, url: str, address: str) -> None:
    if not url.startswith("data:") and url.partition("#")[0] != address:
        visit.requests.append(url)


def _note_message(visit: Visit, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        visit.complaints.append(message.text)
