"""Figures as files: PNG bytes for anywhere, or SVG text that takes the colours of the page around it."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from markupsafe import escape
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from inkwise.figures import style

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What the page may restyle: the words take its text colour, the lines its variables.
_THEMED = {
    style.INK: "currentColor",
    style.BLUE: f"var(--blue, {style.BLUE})",
    style.ORANGE: f"var(--orange, {style.ORANGE})",
    style.GREEN: f"var(--green, {style.GREEN})",
}


def to_png(figure: Figure, *, dots_per_inch: int = 144) -> bytes:
    """Return figure as a PNG on white."""
    stream = io.BytesIO()
    with _missing_glyphs_allowed():
        figure.savefig(stream, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return stream.getvalue()


def draw_pixels(figure: Figure, *, dots_per_inch: int = 144) -> NDArray[np.uint8]:
    """Return figure as (H, W, 4) uint8 pixels on white, for encode_png, which another thread may do."""
    usual = figure.dpi
    figure.set_dpi(dots_per_inch)
    try:
        # A letter that matplotlib's font lacks becomes a box.
        with _missing_glyphs_allowed():
            raw, (width, height) = FigureCanvasAgg(figure).print_to_buffer()  # type: ignore[no-untyped-call]
    finally:
        figure.set_dpi(usual)
    return np.frombuffer(raw, dtype=np.uint8).reshape(height, width, 4)


def encode_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return what draw_pixels drew as a PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels[..., :3]).save(stream, format="png")
    return stream.getvalue()


def to_inline_svg(figure: Figure, *, name: str, description: str) -> str:
    """Return figure as an <svg> element to put into an HTML page: draw_svg, then theme_svg.

    Args:
        figure: drawn with the colours of inkwise.figures.style.
        name: goes before every id, so that two figures of a page cannot meet.
        description: what a reader who cannot see it should know.
    """
    return theme_svg(draw_svg(figure, name=name), description=description)


def draw_svg(figure: Figure, *, name: str) -> str:
    """Return figure as an <svg> element on a clear ground, its text as text in the reader's own font.

    The same figure gives the same text.

    Args:
        figure: what to draw.
        name: goes before every id.
    """
    stream = io.StringIO()
    # The reader's fonts write the words; that matplotlib's own lacks a letter does not matter here.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), _missing_glyphs_allowed():
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        # Not savefig: it draws everything once more beforehand, to no use here.
        with _without_ground(figure):
            FigureCanvasSVG(figure).print_svg(stream, metadata=nothing)  # type: ignore[no-untyped-call]
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # a rule for *, which is the whole page
    svg = re.sub(r"(font(?:-family)?): ?(\d+px )?'DejaVu Sans'[^;\"]*", _page_font, svg)
    svg = re.sub(r' id="image[0-9a-f]+"', "", svg)  # equal pictures would have equal ones
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)


@contextmanager
def _missing_glyphs_allowed() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


@contextmanager
def _without_ground(figure: Figure) -> Iterator[None]:
    patches = [figure.patch, *(axes.patch for axes in figure.axes)]
    shown = [patch for patch in patches if patch.get_visible()]
    for patch in shown:
        patch.set_visible(False)
    try:
        yield
    finally:
        for patch in shown:
            patch.set_visible(True)


def theme_svg(svg: str, *, description: str) -> str:
    """Return what draw_svg made as a part of a page, which decides between light and dark.

    Black becomes currentColor and the three colours become --blue, --orange and --green.
    """
    for colour, themed in _THEMED.items():
        svg = svg.replace(colour, themed)
    opening = f'<svg role="img" aria-label="{escape(description)}" style="max-width:100%;height:auto"'
    return svg.replace("<svg", opening, 1)


def to_svg_file(svg: str) -> str:
    """Return what draw_svg made as a file of its own: on white, in a sans serif font."""
    ground = '<rect width="100%" height="100%" fill="white"/>'
    opened = svg.replace("<svg", '<svg font-family="sans-serif"', 1)
    place = opened.index(">", opened.index("<svg")) + 1
    return f"{_XML}{opened[:place]}{ground}{opened[place:]}\n"


def _page_font(match: re.Match[str]) -> str:
    return f"font-size: {match[2].strip()}" if match[2] else "font-family: inherit"
