"""Pictures of digits that nobody wrote, for tests of reading: clean pages with what they say."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.handwriting.synthesis.page import Layout, WrittenPage, write_page
from inkwise.handwriting.synthesis.strokes import write_digit

PLAIN_SHAPES = {1: "one_long_flag", 5: "five_one_stroke", 0: "zero_round"}


def written_page(*lines: str, seed: int = 0, unit_px: float = 60.0) -> WrittenPage:
    """Return a page of well-spaced digits, black on white, a digit about unit_px pixels high."""
    generator = np.random.default_rng(seed)
    digits = [
        [(write_digit(int(d), generator, shape=PLAIN_SHAPES.get(int(d))), int(d)) for d in line]
        for line in lines
    ]
    return write_page(digits, generator, layout=Layout(unit_px=unit_px, gap=(0.3, 0.5)))


def written(*lines: str, seed: int = 0) -> NDArray[np.uint8]:
    """Return the picture of such a page, (H, W, 3) uint8."""
    return written_page(*lines, seed=seed).pixels


def save_written(path: Path, *lines: str, seed: int = 0) -> Path:
    """Write the picture of such a page to path and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(written(*lines, seed=seed)).save(path)
    return path
