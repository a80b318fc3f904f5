"""Take docs/images/report.png, the first screens of a run's report: `python dev/screens.py RUN [PICTURE]`.

Chromium shows the page offline: on a desk in light, and below one another on a phone in dark.
"""

import argparse
import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "report.png"
DESK, PHONE = (1200, 1180), (390, 860)  # windows, in CSS pixels
MARGIN, BACKGROUND = 40, "#c9ccd1"


def take_screens(page: Path, *, chromium: str, act: Callable[[Page], None] = lambda tab: None) -> Image.Image:
    """Return a picture of page, an HTML file: on a desk in light beside a phone in dark, the phone larger.

    Args:
        act: what is done on the page before each of the two.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        desk = _take(browser, page, act, window=DESK, scheme="light")
        scale = DESK[1] / PHONE[1]
        phone = _take(browser, page, act, window=PHONE, scheme="dark", pixels_per_pixel=scale)
        browser.close()
    sheet = Image.new("RGB", (desk.width + phone.width + 3 * MARGIN, desk.height + 2 * MARGIN), BACKGROUND)
    sheet.paste(desk, (MARGIN, MARGIN))
    sheet.paste(phone, (desk.width + 2 * MARGIN, MARGIN))
    return sheet


def _take(
    browser: Browser,
    page: Path,
    act: Callable[[Page], None],
    *,
    window: tuple[int, int],
    scheme: str,
    pixels_per_pixel: float = 1.0,
) -> Image.Image:
    context = browser.new_context(
        viewport={"width": window[0], "height": window[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=pixels_per_pixel,
        offline=True,
    )
    tab = context.new_page()
    tab.goto(page.absolute().as_uri())
    act(tab)
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    context.close()
    return picture


def main() -> int:
    """Take the screens and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="a finished run")
    parser.add_argument("picture", type=Path, nargs="?", default=PICTURE)
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print(
            "no chromium on the PATH; install it, on Debian with: apt-get install chromium", file=sys.stderr
        )
        return 1
    screens = take_screens(arguments.run / "report.html", chromium=chromium)
    save_screens(screens, arguments.picture)
    return 0


def save_screens(screens: Image.Image, path: Path) -> None:
    """Write a picture of screens with few colours, for a repository keeps every version."""
    screens.quantize(method=Image.Quantize.FASTOCTREE).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
