"""Figures as files: same figure, same bytes; an SVG that keeps to itself in a page."""

import re
from io import BytesIO
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from inkwise.figures import style
from inkwise.figures.encode import (
    draw_pixels,
    draw_svg,
    encode_png,
    theme_svg,
    to_inline_svg,
    to_png,
    to_svg_file,
)


@pytest.fixture
def figure() -> Figure:
    figure = style.new_figure(width=5, height=3)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=style.BLUE)
    style.dress_axes(axes, x_label="epoch", y_label="loss")
    return figure


def test_png_has_the_size_asked_for(figure: Figure) -> None:
    assert Image.open(BytesIO(to_png(figure, dots_per_inch=100))).size == (500, 300)


def test_figure_encoded_twice_gives_the_same_bytes(figure: Figure) -> None:
    assert to_png(figure) == to_png(figure)
    svg = to_inline_svg(figure, name="loss", description="loss")
    assert to_inline_svg(figure, name="loss", description="loss") == svg


def test_svg_takes_the_colours_of_the_page(figure: Figure) -> None:
    svg = to_inline_svg(figure, name="loss", description="loss")
    assert "currentColor" in svg
    assert f"var(--blue, {style.BLUE})" in svg
    assert style.INK not in svg


def test_svg_is_well_formed_and_described(figure: Figure) -> None:
    root = ElementTree.fromstring(to_inline_svg(figure, name="loss", description='loss < 1 & "more"'))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == 'loss < 1 & "more"'


def test_svg_keeps_its_words_as_text_in_the_page_font(figure: Figure) -> None:
    svg = to_inline_svg(figure, name="loss", description="loss")
    assert re.search(r"<text[^>]*>epoch</text>", svg)
    assert "DejaVu" not in svg


def test_svg_ids_of_two_figures_never_meet(figure: Figure) -> None:
    one, two = (
        set(re.findall(r'\bid="([^"]+)"', to_inline_svg(figure, name=name, description="")))
        for name in ("one", "two")
    )
    assert one
    assert not one & two


def test_svg_refers_to_ids_that_exist(figure: Figure) -> None:
    svg = to_inline_svg(figure, name="loss", description="loss")
    referred = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))
    assert referred
    assert referred <= set(re.findall(r'\bid="([^"]+)"', svg))


def test_svg_has_no_rule_for_the_whole_page(figure: Figure) -> None:
    assert "<style" not in to_inline_svg(figure, name="loss", description="loss")


def test_drawing_leaves_the_settings_of_matplotlib_alone(figure: Figure) -> None:
    before = mpl.rcParams.copy()
    to_inline_svg(figure, name="loss", description="loss")
    assert mpl.rcParams.copy() == before


def test_svg_file_stands_alone_on_white(figure: Figure) -> None:
    """Its own ground and font: a viewer in dark mode still shows black words on white."""
    text = to_svg_file(draw_svg(figure, name="loss"))
    root = ElementTree.fromstring(text.encode())
    assert root.attrib["font-family"] == "sans-serif"
    assert root[0].attrib == {"width": "100%", "height": "100%", "fill": "white"}
    assert style.INK in text
    assert "var(" not in text


def test_svg_drawn_once_serves_page_and_file(figure: Figure) -> None:
    drawn = draw_svg(figure, name="loss")
    assert theme_svg(drawn, description="loss") == to_inline_svg(figure, name="loss", description="loss")


def test_pixels_drawn_are_those_of_the_png(figure: Figure) -> None:
    pixels = draw_pixels(figure, dots_per_inch=100)
    shown = Image.open(BytesIO(to_png(figure, dots_per_inch=100))).convert("RGB")
    assert np.array_equal(Image.open(BytesIO(encode_png(pixels))), shown)
    assert figure.dpi == Figure().dpi
