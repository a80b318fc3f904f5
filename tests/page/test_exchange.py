"""The workbench of the JavaScript tests itself: bytes arrive whole, both ways."""

import pytest
from playwright.sync_api import Browser, Error, Page
from tests.page.exchange import Exchange


def test_exchange_carries_bytes_both_ways(js: Page, exchange: Exchange) -> None:
    content = bytes(range(256)) * 300
    address = exchange.give(content)
    length = js.evaluate(
        """async address => {
            const bytes = new Uint8Array(await fetchBytes(address));
            await sendBytes("reversed", bytes.slice().reverse());
            return bytes.length;
        }""",
        address,
    )
    assert length == len(content)
    assert exchange.take("reversed") == content[::-1]


def test_module_not_there_is_refused(browser: Browser, exchange: Exchange) -> None:
    page = browser.new_page()
    page.goto(exchange.address)
    with pytest.raises(Error, match="Failed to fetch dynamically imported module"):
        page.evaluate("() => import('inkwise/nowhere.js')")
    page.close()
