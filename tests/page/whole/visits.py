"""Visits to the drawing page as a server gives it, in Chromium: drawn on by real pointer events."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, FloatRect, Locator, Page, Route, expect
from tests.page.drawings import strokes_of

from inkwise.handwriting.recogniser import SHIPPED
from inkwise.handwriting.synthesis.strokes import write_digit
from inkwise.page import asset_files, server_page

ADDRESS = "http://page.test/"
READER = (SHIPPED / "reader.safetensors").read_bytes()
PATIENCE = 30_000  # milliseconds; a machine that runs many tests at once is slow
Line = Sequence[tuple[float, float]]


@dataclass
class Visit:
    """An open page.

    Attributes:
        page: Playwright's.
        complaints: of the console, and exceptions.
        requests: every address asked for, data: ones left out.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def find(self, selector: str, **options: Any) -> Locator:
        """Return what a CSS selector finds."""
        return self.page.locator(selector, **options)

    def expect_answer(self, text: str) -> None:
        """Wait until the page reads text; its lines follow each other."""
        try:
            expect(self.find("#verdict .read")).to_have_text(text, timeout=PATIENCE)
        except AssertionError as error:
            raise AssertionError(f"{error}; complaints: {self.complaints}") from None

    def paper(self) -> FloatRect:
        """Return where the paper lies, once it lies still: x, y, width and height in CSS pixels."""
        self.find("#pad").scroll_into_view_if_needed()  # a click may have scrolled the page
        place = self.find("#pad").bounding_box()
        assert place is not None
        return place

    def draw_lines(self, lines: Sequence[Line]) -> None:
        """Draw lines with the mouse; points as shares of the paper's width and height."""
        paper = self.paper()
        for line in lines:
            places = [(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"]) for x, y in line]
            self.page.mouse.move(*places[0])
            self.page.mouse.down()
            for place in places[1:]:
                self.page.mouse.move(*place)
            self.page.mouse.up()

    def write(self, digits: str, *, seed: int = 5) -> None:
        """Write digits from left to right, each in a hand of its own."""
        generator = np.random.default_rng(seed)
        for number, digit in enumerate(digits):
            self.draw_lines(digit_lines(int(digit), generator, place=number, of=len(digits)))


def digit_lines(digit: int, generator: np.random.Generator, *, place: int = 0, of: int = 1) -> list[Line]:
    """Return a digit written by hand, as lines in shares of a paper of 4 to 3, in one of `of` columns."""
    height = min(0.7, 0.85 / of)  # of the paper's height
    corner = (0.1 + 1.2 * (place + 0.2) / of, 0.5 - height / 2)
    strokes = strokes_of(write_digit(digit, generator), corner=corner, height=height, width=0.04)
    # Every fourth point: each is a message to the browser, and it draws curves through them.
    return [
        [(point["x"] * 3 / 4, point["y"]) for point in (*stroke["points"][:-1:4], stroke["points"][-1])]
        for stroke in strokes
    ]


@contextmanager
def visiting_page(
    browser: Browser,
    *,
    classifiers: Sequence[tuple[str, bytes | None]] = (("reader", READER),),
    config: dict[str, Any] | None = None,
    **context: Any,
) -> Iterator[Visit]:
    """Open the page of a server with these classifiers, by title and file; None is one that is not there.

    Args:
        context: of the browser: viewport, color_scheme, has_touch and the like; a desk in light if left out.
    """
    entries = [
        {"title": title, "url": f"./classifiers/{number}/classifier.safetensors"}
        for number, (title, _) in enumerate(classifiers)
    ]
    files = [content for _, content in classifiers]
    made = server_page({"mode": "server", "classifiers": entries, **(config or {})})

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path == "":
            headers = {"Content-Security-Policy": made.csp}
            route.fulfill(body=made.html, content_type="text/html; charset=utf-8", headers=headers)
        elif path.removeprefix("assets/") in asset_files():
            content, kind = asset_files()[path.removeprefix("assets/")]
            route.fulfill(body=content, content_type=kind)
        elif path.startswith("classifiers/") and (file := files[int(path.split("/")[1])]) is not None:
            route.fulfill(body=file, content_type="application/octet-stream")
        else:
            route.fulfill(status=404, body="no such file")

    with _context_page(browser, **context) as visit:
        visit.page.route(f"{ADDRESS}**", answer)
        visit.page.goto(ADDRESS)
        yield visit


@contextmanager
def visiting_server(browser: Browser, url: str, **context: Any) -> Iterator[Visit]:
    """Open the page of a server that runs."""
    with _context_page(browser, **context) as visit:
        visit.page.goto(url)
        yield visit


@contextmanager
def visiting_file(browser: Browser, path: Path, **context: Any) -> Iterator[Visit]:
    """Open an HTML file from the disk, without a network."""
    with _context_page(browser, offline=True, **context) as visit:
        visit.page.goto(path.absolute().as_uri())
        yield visit


@contextmanager
def _context_page(browser: Browser, **settings: Any) -> Iterator[Visit]:
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | settings))
    try:
        visit = Visit(context.new_page())
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("console", lambda message: _note_message(visit, message.type, message.text))
        visit.page.on("request", lambda request: _note_request(visit, request.url))
        yield visit
    finally:
        context.close()


def _note_message(visit: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        visit.complaints.append(text)


def _note_request(visit: Visit, url: str) -> None:
    if not url.startswith("data:"):
        visit.requests.append(url)
