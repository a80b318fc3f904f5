"""The page's normalisation against the reader's, over glyphs of every size and kind."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.page.exchange import Exchange

from inkwise.data.load import load_dataset
from inkwise.handwriting.normalise import normalise_glyph
from inkwise.handwriting.synthesis.character import cover
from inkwise.handwriting.synthesis.redrawn import redraw
from inkwise.handwriting.synthesis.strokes import write_digit

Glyph = NDArray[np.uint8]

_RUN = """async ({address, sizes}) => {
    const {normaliseGlyph} = await import("inkwise/normalise.js");
    const bytes = new Uint8Array(await fetchBytes(address));
    const images = new Uint8Array(784 * sizes.length);
    let start = 0;
    sizes.forEach(([height, width], i) => {
        const coverage = bytes.subarray(start, start += height * width);
        images.set(normaliseGlyph(coverage, width, height), 784 * i);
    });
    await sendBytes("images", images);
}"""


def in_page(js: Page, exchange: Exchange, glyphs: list[Glyph]) -> NDArray[np.uint8]:
    """Return (N, 28, 28) uint8: what the page makes of each glyph."""
    content = b"".join(glyph.tobytes() for glyph in glyphs)
    js.evaluate(_RUN, {"address": exchange.give(content), "sizes": [list(glyph.shape) for glyph in glyphs]})
    return np.frombuffer(exchange.take("images"), np.uint8).reshape(-1, 28, 28)


def written(generator: np.random.Generator, *, height: tuple[float, float], width: float) -> Glyph:
    """A digit from parametric strokes; width is the greatest of the pen, as a share of the height."""
    unit = float(np.exp(generator.uniform(*np.log(height))))
    pen = float(generator.uniform(0.01, width)) * unit
    digit = write_digit(int(generator.integers(10)), generator)
    return cover(digit, unit_px=unit, stroke_px=max(1.0, pen))


def assert_equal(ours: NDArray[np.uint8], glyphs: list[Glyph]) -> None:
    reference = np.stack([normalise_glyph(glyph) for glyph in glyphs])
    furthest = np.abs(ours.astype(int) - reference).max(axis=(1, 2))
    assert (furthest <= 2).all(), [glyphs[i].shape for i in np.flatnonzero(furthest > 2)]


@pytest.mark.parametrize("height", [(8, 40), (40, 120), (120, 200), (200, 500)])
def test_written_digits_are_as_in_python(js: Page, exchange: Exchange, height: tuple[float, float]) -> None:
    generator = np.random.default_rng(int(height[0]))
    glyphs = [written(generator, height=height, width=0.3) for _ in range(60)]
    assert_equal(in_page(js, exchange, glyphs), glyphs)


def test_redrawn_mnist_digits_are_as_in_python(js: Page, exchange: Exchange, mnist_folder: Path) -> None:
    generator = np.random.default_rng(1)
    glyphs = []
    for image in np.asarray(load_dataset("mnist").test.images[:50]):
        unit = float(generator.uniform(15, 300))
        glyphs.append(redraw(image, unit_px=unit, stroke_px=float(generator.uniform(0.03, 0.2)) * unit))
        glyphs.append(image)
        side = int(generator.integers(20, 200))
        glyphs.append(np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8))
    assert_equal(in_page(js, exchange, glyphs), glyphs)


def test_dots_and_lines_are_as_in_python(js: Page, exchange: Exchange) -> None:
    generator = np.random.default_rng(2)
    glyphs = []
    for _ in range(60):
        height, width = np.exp(generator.uniform(np.log(6), np.log(400), 2)).astype(int)
        glyph = np.zeros((height, width), np.uint8)
        points = (generator.uniform(0.1, 0.9, (2, 1, 2)) * (width, height)).astype(np.int32)
        cv2.polylines(glyph, [points], False, 255, int(generator.integers(1, 12)), cv2.LINE_AA)
        glyphs.append(glyph)
    for side in (1, 2, 3, 7, 30):
        glyphs += [np.full((side, side), level, np.uint8) for level in (1, 60, 127, 128, 255)]
        glyphs += [np.full((side, 9 * side), 255, np.uint8), np.full((200, side), 200, np.uint8)]
    assert_equal(in_page(js, exchange, glyphs), glyphs)


def test_faint_and_noisy_ink_is_as_in_python(js: Page, exchange: Exchange) -> None:
    generator = np.random.default_rng(3)
    glyphs = []
    for _ in range(60):
        glyph = written(generator, height=(20, 200), width=0.15)
        strength = generator.uniform(0.1, 1.0) * np.clip(generator.normal(1, 0.2, glyph.shape), 0, 1.2)
        glyphs.append(np.clip(glyph * strength, 0, 255).astype(np.uint8))
    assert_equal(in_page(js, exchange, glyphs), glyphs)


def test_no_ink_gives_an_empty_image(js: Page, exchange: Exchange) -> None:
    assert not in_page(js, exchange, [np.zeros((5, 7), np.uint8)]).any()
