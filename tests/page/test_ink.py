"""A drawing read in the page against the same drawing saved as PNG and read by Python."""

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.page.drawings import COLOURS, Drawing, draw_digit, drawn
from tests.page.exchange import Exchange

from inkwise.handwriting.ink import find_ink
from inkwise.handwriting.normalise import normalise_glyph
from inkwise.handwriting.picture import load_picture


def coverage_in_python(png: bytes) -> NDArray[np.uint8]:
    return find_ink(load_picture(png).pixels).coverage


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("is_raw", [True, False])
def test_drawing_gives_the_image_that_python_reads(
    js: Page, exchange: Exchange, ratio: int, colours: tuple[str, str], is_raw: bool
) -> None:
    generator = np.random.default_rng([ratio, COLOURS.index(colours), is_raw])
    drawings = [draw_digit(generator, ratio=ratio, colours=colours, is_raw=is_raw) for _ in range(5)]
    for made in drawn(js, exchange, drawings):
        reference = normalise_glyph(coverage_in_python(made.png))
        assert reference.any()
        assert np.abs(made.image.astype(int) - reference).max() <= 2


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("colours", COLOURS)
def test_drawing_has_the_coverage_that_python_finds(
    js: Page, exchange: Exchange, ratio: int, colours: tuple[str, str]
) -> None:
    generator = np.random.default_rng([7, ratio, COLOURS.index(colours)])
    drawings = [draw_digit(generator, ratio=ratio, colours=colours, is_raw=bool(i % 2)) for i in range(5)]
    for made in drawn(js, exchange, drawings):
        reference = coverage_in_python(made.png)
        assert reference.max() == 255
        assert np.abs(made.coverage.astype(int) - reference).max() <= 1


def test_line_that_fades_ends_where_it_does_in_python(js: Page, exchange: Exchange) -> None:
    picture = np.full((200, 300), 255, np.uint8)
    picture[90:106, 30:270] = np.linspace(0, 255, 240).astype(np.uint8)
    rgba = np.dstack([picture] * 3 + [np.full_like(picture, 255)])
    js.evaluate(
        """async address => {
            const {coverageOfDrawing} = await import("inkwise/ink.js");
            await sendBytes("faded", coverageOfDrawing(new Uint8Array(await fetchBytes(address)), 300, 200));
        }""",
        exchange.give(rgba.tobytes()),
    )
    ours = np.frombuffer(exchange.take("faded"), np.uint8).reshape(200, 300)
    reference = find_ink(picture).coverage
    # Where it ends: to the pixel; the grey levels in between as on other drawings.
    assert abs(int((ours > 0).any(axis=0).sum()) - int((reference > 0).any(axis=0).sum())) <= 2
    assert (np.abs(ours.astype(int) - reference) > 1).sum() <= 40


def test_empty_drawing_gives_no_ink(js: Page, exchange: Exchange) -> None:
    [made] = drawn(js, exchange, [Drawing([], (280, 280))])
    assert not made.coverage.any()
    assert not made.image.any()


def test_ink_that_nobody_sees_is_none(js: Page, exchange: Exchange) -> None:
    generator = np.random.default_rng(0)
    faint = draw_digit(generator, ratio=1, colours=("#ffffff", "#f4f4f4"), is_raw=False)
    [made] = drawn(js, exchange, [faint])
    assert not made.coverage.any()
    assert not coverage_in_python(made.png).any()
