"""Take docs/images/page.png, the drawing page while 72 is written on it: `python dev/drawing_picture.py`."""

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from scipy.interpolate import PchipInterpolator

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "page.png"
# Places on the paper, shares of its width and height; a 7 with its bar, and a 2.
STROKES = (
    ((0.14, 0.26), (0.25, 0.25), (0.38, 0.24), (0.33, 0.42), (0.27, 0.6), (0.22, 0.78)),
    ((0.18, 0.53), (0.27, 0.51), (0.36, 0.49)),
    (
        (0.56, 0.38), (0.6, 0.28), (0.68, 0.23), (0.76, 0.28), (0.77, 0.4), (0.71, 0.54), (0.62, 0.67),
        (0.55, 0.77), (0.66, 0.76), (0.8, 0.77),
    ),
)  # fmt: skip


def smooth(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 60 places on a smooth line through places, (N, 2), that keeps what corners it has."""
    along = np.arange(len(places))
    return np.asarray(PchipInterpolator(along, places)(np.linspace(0, along[-1], 60)))


def draw(tab: Page) -> None:
    """Write 72 on the page's paper with the pointer, and wait for the answer."""
    tab.wait_for_selector("#stage:not([hidden])")
    box = tab.locator("#pad").bounding_box()
    assert box is not None
    for stroke in STROKES:
        shares = smooth(np.array(stroke)) * (box["width"], box["height"]) + (box["x"], box["y"])
        (first, *others) = shares.tolist()
        tab.mouse.move(*first)
        tab.mouse.down()
        for place in others:
            tab.mouse.move(*place)
        tab.mouse.up()
    tab.wait_for_function("document.getElementById('verdict').textContent.includes('72')")


def main() -> int:
    """Export the reader that ships as a page, draw on it, and write the picture."""
    sys.path.insert(0, str(ROOT))
    from dev.screens import save_screens, take_screens

    from inkwise.exporting.export import export
    from inkwise.handwriting.recogniser import SHIPPED_FILE

    chromium = shutil.which("chromium")
    if chromium is None:
        print(
            "no chromium on the PATH; install it, on Debian with: apt-get install chromium", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        export(SHIPPED_FILE, page, to="page")
        save_screens(take_screens(page, chromium=chromium, act=draw), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
