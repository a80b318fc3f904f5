"""The documentation's picture of a page shows it in light on a desk and in dark on a phone."""

from pathlib import Path

import pytest
from dev.screens import DESK, MARGIN, PHONE, take_screens
from tests.browser.visit import chromium_program

PAGE = """<!doctype html><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>page</title>
<style>
body { background: white }
@media (prefers-color-scheme: dark) { body { background: black } }
</style>"""


def test_screens_show_both_schemes_side_by_side(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    screens = take_screens(page, chromium=chromium_program())
    phone_width = PHONE[0] * DESK[1] / PHONE[1]
    assert screens.height == DESK[1] + 2 * MARGIN
    assert screens.width == pytest.approx(DESK[0] + phone_width + 3 * MARGIN, abs=1)
    assert screens.getpixel((MARGIN + 5, MARGIN + 5)) == (255, 255, 255)
    assert screens.getpixel((screens.width - MARGIN - 5, MARGIN + 5)) == (0, 0, 0)
