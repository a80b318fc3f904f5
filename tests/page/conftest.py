"""The JavaScript of the page in real Chromium, without the page: modules are imported by their own names."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.visit import chromium
from tests.page.exchange import Exchange, serving_modules


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one browser a module, for a running one keeps an event loop to itself."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    """The server of the modules; `give` and `take` carry bytes between a test and its page."""
    with serving_modules() as exchange:
        yield exchange


@pytest.fixture(scope="module")
def js(browser: Browser, exchange: Exchange) -> Iterator[Page]:
    """An empty page with the import map set up, one a module; it may complain of nothing.

    js.evaluate("async pixels => (await import('inkwise/normalise.js')).normaliseGlyph(...)", pixels)
    returns what the function does; a Float32Array is to be returned as [...array].
    """
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(exchange.address)
    yield page
    page.close()
    assert complaints == []
