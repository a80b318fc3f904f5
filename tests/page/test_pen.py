"""The pen of the page: what it draws, and the ink of one digit alone."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page
from tests.page.drawings import Drawing, drawn, strokes_of
from tests.page.exchange import Exchange
from tests.page.strings import write_lines

from inkwise.handwriting.picture import load_picture
from inkwise.handwriting.reader import read_picture
from inkwise.handwriting.recogniser import load_recogniser
from inkwise.handwriting.synthesis.strokes import write_digit

_GROUPS = """async ({strokes, groups, scale}) => {
    const {renderGroup} = await import("inkwise/pen.js");
    const {normaliseGlyph} = await import("inkwise/normalise.js");
    return groups.map(group => {
        const {coverage, width, height, x, y} = renderGroup(strokes, group, {scale});
        return {image: [...normaliseGlyph(coverage, width, height)], box: [x, y, width, height]};
    });
}"""


def picture_of(js: Page, exchange: Exchange, drawing: Drawing) -> NDArray[np.uint8]:
    """Return a drawing as grey, (H, W) uint8."""
    [made] = drawn(js, exchange, [drawing])
    return np.asarray(Image.open(io.BytesIO(made.png)).convert("L"))


def test_tap_draws_a_disc_as_wide_as_the_pen(js: Page, exchange: Exchange) -> None:
    tap = {"points": [{"x": 50, "y": 40, "pressure": 0.5}], "width": 20}
    picture = picture_of(js, exchange, Drawing([tap], (100, 80)))
    y, x = np.mgrid[:80, :100] + 0.5
    distance = np.hypot(x - 50, y - 40)
    assert (picture[distance < 9] == 0).all()
    assert (picture[distance > 11] == 255).all()


def test_even_stroke_is_as_the_canvas_draws_it(js: Page, exchange: Exchange) -> None:
    generator = np.random.default_rng(1)
    for digit in range(10):
        writing = write_digit(digit, generator)
        strokes = strokes_of(writing, corner=(40, 40), height=180, width=16)
        for stroke in strokes:
            for point in stroke["points"]:
                point["pressure"] = 0.5
        ours, canvas = (
            picture_of(js, exchange, Drawing(strokes, (280, 280), is_raw=is_raw)).astype(int)
            for is_raw in (False, True)
        )
        # Corners are smoothed a little by the page's pen, and only there the two may differ.
        assert (np.abs(ours - canvas) > 60).sum() < 0.02 * (canvas < 128).sum()


@pytest.mark.parametrize(("pressure", "width"), [(0.0, 10), (0.5, 20), (1.0, 30)])
def test_harder_pressed_pen_draws_a_wider_line(
    js: Page, exchange: Exchange, pressure: float, width: int
) -> None:
    points = [{"x": x, "y": 50, "pressure": pressure} for x in (20, 60, 100)]
    picture = picture_of(js, exchange, Drawing([{"points": points, "width": 20}], (120, 100)))
    assert (picture[:, 60] < 128).sum() == width


def test_line_that_swells_is_as_wide_as_pressed_everywhere(js: Page, exchange: Exchange) -> None:
    points = [{"x": x, "y": 50, "pressure": (x - 20) / 200} for x in range(20, 221, 10)]
    picture = picture_of(js, exchange, Drawing([{"points": points, "width": 30}], (240, 100)))
    for x in (60, 120, 180):
        assert (picture[:, x] < 128).sum() == pytest.approx(15 + 30 * (x - 20) / 200, abs=2)


def test_quick_stroke_of_two_points_swells_between_them(js: Page, exchange: Exchange) -> None:
    points = [{"x": 20, "y": 50, "pressure": 0}, {"x": 220, "y": 50, "pressure": 1}]
    picture = picture_of(js, exchange, Drawing([{"points": points, "width": 20}], (240, 100)))
    for x in (60, 120, 180):
        assert (picture[:, x] < 128).sum() == pytest.approx(10 + 20 * (x - 20) / 200, abs=2)


def test_crossing_stroke_has_no_seam(js: Page, exchange: Exchange) -> None:
    """Where pieces of a stroke overlap the canvas must not be darker at their edges, nor leave a gap."""
    points = [{"x": 20 + 2 * i, "y": 50.5, "pressure": 0.4 + 0.001 * i} for i in range(50)]
    picture = picture_of(js, exchange, Drawing([{"points": points, "width": 20}], (140, 100)))
    inside = picture[43:58, 25:115]
    assert (inside == 0).all()


@pytest.mark.parametrize("scale", [1, 2])
def test_digit_alone_is_what_python_reads_on_the_whole_drawing(
    js: Page, exchange: Exchange, scale: int
) -> None:
    generator = np.random.default_rng(2)
    recogniser = load_recogniser()
    num_compared = 0
    for _ in range(6):
        string = write_lines(generator, space=(0.25, 0.5), pen=(10, 20))
        drawing = Drawing(string.strokes, (1000, 320), scale)
        [whole] = drawn(js, exchange, [drawing])
        reading = read_picture(load_picture(whole.png), recogniser)
        groups = string.lines[0]
        made = js.evaluate(_GROUPS, {"strokes": string.strokes, "groups": groups, "scale": scale})
        if len(reading.glyphs) != len(groups):
            continue  # the reader cut or joined otherwise
        for glyph, mine in zip(reading.glyphs, made, strict=True):
            image = np.array(mine["image"], np.uint8).reshape(28, 28)
            assert np.abs(image.astype(int) - glyph.image).max() <= 2
            assert mine["box"][0] <= glyph.box[0]
            assert mine["box"][1] <= glyph.box[1]
            num_compared += 1
    assert num_compared >= 12
