"""Draw docs/images/reading.jpg and reading-line.jpg: digits that nobody wrote, and what is read of them.

`python dev/reading_picture.py`: shaded photos of ruled paper, with a mark that was struck out, are made, read
by the reader that inkwise ships, and drawn as `inkwise read --overlay` draws them.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PICTURES = {"reading.jpg": ("1729", "30#58"), "reading-line.jpg": ("1729#30458",)}  # a # is struck out
SEED = 4
DOTS_PER_INCH = 90


def written_photo(lines: Sequence[str], *, seed: int = SEED) -> Any:
    """Return a photo of lines of digits, (H, W, 3) uint8; a # is a mark that was struck out."""
    from inkwise.handwriting.synthesis.camera import Camera
    from inkwise.handwriting.synthesis.page import Layout, write_page
    from inkwise.handwriting.synthesis.paper import Paper
    from inkwise.handwriting.synthesis.pen import Pen
    from inkwise.handwriting.synthesis.shapes.hand import Hand
    from inkwise.handwriting.synthesis.shapes.scribbles import struck_out
    from inkwise.handwriting.synthesis.strokes import write, write_digit

    generator = np.random.default_rng(seed)

    def character(sign: str) -> tuple[Any, int]:
        if sign == "#":
            return write(struck_out, generator, hand=Hand.draw(generator), label=-1), -1
        return write_digit(int(sign), generator), int(sign)

    page = write_page(
        [[character(sign) for sign in line] for line in lines],
        generator,
        layout=Layout(unit_px=150, gap=(0.3, 0.6), line_gap=0.75, tilt=0.03),
        pen=Pen("ballpoint", 0.06, 0.95, (25.0, 40.0, 120.0), 0.1, 0.0),
        paper=Paper((238.0, 234.0, 222.0), grain=4, clouds=4, ruling="ruled", spacing=1.75, contrast=0.35),
        camera=Camera(gradient=0.35, shadow=0.25, noise=4, blur_px=1.2, jpeg_quality=85),
    )
    return page.pixels


def main() -> int:
    """Write, photograph, read and draw."""
    from PIL import Image

    from inkwise.experiments.read import read_each
    from inkwise.figures.encode import to_png
    from inkwise.figures.handwriting.overlay import render_overlay

    for name, lines in PICTURES.items():
        (answer,) = read_each(written_photo(lines))
        print(answer.summary().model_dump_json(indent=1, include={"lines", "warnings"}))
        drawn = to_png(render_overlay(answer.picture, answer.reading), dots_per_inch=DOTS_PER_INCH)
        with Image.open(io.BytesIO(drawn)) as image:
            image.convert("RGB").save(IMAGES / name, quality=85, optimize=True)
        print(f"{IMAGES / name}: {(IMAGES / name).stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
