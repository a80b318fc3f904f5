"""A picture with what was read on it: boxes and digits, what the network saw of each, and what was done."""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.handwriting.kinds import KINDS, kind_of, long_words, short_words
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.reader import ReadGlyph, Reading

WIDTH = 12.0  # inches: a page fills a projector's picture
_MARGIN, _GAP = 0.3, 0.2
_HEADING = 0.8
_MOST_HIGH, _LEAST_SIDE = 9.0, 3.5  # of the picture
_COLUMNS, _LEAST_COLUMNS = 14, 8  # of the 28x28 below the picture; fewer are drawn larger
_MOST_CELLS = 12 * _COLUMNS
_CELL_WORDS = 0.52  # above and below each
_INK_WIDE, _INK_HIGH = 3.4, 2.6
_NOTE_HIGH, _NOTE_LETTERS = 0.2, 95
_PAGE_NOTE = "Left: the ink that was found. Above: the 28x28 pixels the network saw of each mark."
_THIRD, _THIRD_HIGH = (WIDTH - 4 * _MARGIN) / 3, 6.0  # of the row of panels where there is one mark

Size = tuple[float, float]
"""Inches: across, down."""


def render_overlay(picture: Picture, reading: Reading) -> style.Picture:
    """Return a drawing of what was read on picture, 12 inches wide and as high as it takes.

    Accepted digits have a solid frame, doubtful ones a broken one and a "?", marks that are no digit a
    dotted one and a cross, so that the three differ without colour too.
    """
    return (_render_page if len(reading.glyphs) > 1 else _render_one)(picture, reading)


def _render_one(picture: Picture, reading: Reading) -> style.Picture:
    """Return picture, ink and what the network saw side by side, of one mark or none."""
    shape, notes = picture.pixels.shape, _notes(reading)
    photo = _fit_size(shape, _THIRD, _THIRD_HIGH)
    row_high = max(photo[1], _THIRD if reading.glyphs else 0.0) + _CELL_WORDS
    sheet = _Sheet(2 * _MARGIN + _HEADING + row_high + _GAP + _NOTE_HIGH * (len(notes) + 1))
    sheet.write_heading(_heading(picture, reading))
    top = _MARGIN + _HEADING
    lefts = [_MARGIN + (_THIRD + _MARGIN) * column for column in range(3)]
    _draw_photo(sheet.panel(lefts[0], top + 0.2, photo), picture, reading)
    _draw_ink(sheet.panel(lefts[1], top + 0.2, photo), reading.ink.coverage)
    for glyph in reading.glyphs:
        sheet.draw_cell(glyph, (lefts[2], top), side=_THIRD)
    titles = ("the picture", "the ink that was found", "the 28x28 pixels the network saw")
    for left, title in zip(lefts, titles[: 2 + len(reading.glyphs)], strict=False):
        sheet.write(title, left, top - 0.03, size=10)
    sheet.write("\n".join(notes), _MARGIN, top + row_high + _GAP, linespacing=1.45)
    return sheet.figure


def _render_page(picture: Picture, reading: Reading) -> style.Picture:
    """Return the picture as large as it goes, what the network saw in rows below, and the ink."""
    photo, notes = _photo_size(picture), [_PAGE_NOTE, *_notes(reading)]
    ink = _fit_size(reading.ink.coverage.shape, _INK_WIDE, _INK_HIGH)
    cells = _worth_showing(reading.glyphs)
    columns = min(max(len(cells), _LEAST_COLUMNS), _COLUMNS)
    cell = (WIDTH - 2 * _MARGIN) / columns
    cells_high = (cell + _CELL_WORDS) * -(-len(cells) // columns)
    below = max(ink[1], _NOTE_HIGH * (len(notes) + 1))
    sheet = _Sheet(2 * _MARGIN + _HEADING + photo[1] + 3 * _GAP + cells_high + below)
    sheet.write_heading(_heading(picture, reading))
    top = _MARGIN + _HEADING
    _draw_photo(sheet.panel(_MARGIN, top, photo), picture, reading)
    top += photo[1] + _GAP
    for place, glyph in enumerate(cells):
        row, column = divmod(place, columns)
        corner = (_MARGIN + cell * column, top + (cell + _CELL_WORDS) * row)
        sheet.draw_cell(glyph, corner, side=0.88 * cell)
        if glyph.line >= 0 and glyph.line not in {one.line for one in cells[:place]}:
            sheet.write(f"line {glyph.line + 1}", *corner, size=9)
    top += cells_high + _GAP
    _draw_ink(sheet.panel(_MARGIN, top, ink), reading.ink.coverage)
    sheet.write("\n".join(notes), _MARGIN + _INK_WIDE + 0.3, top, linespacing=1.45)
    return sheet.figure


class _Sheet:
    """A white figure on which places are inches from the upper left corner."""

    def __init__(self, high: float) -> None:
        self.high = high
        self.figure = style.Picture(figsize=(WIDTH, high), facecolor="white")

    def panel(self, left: float, top: float, size: Size) -> Axes:
        """Return empty axes."""
        bottom = self.high - top - size[1]
        axes = self.figure.add_axes((left / WIDTH, bottom / self.high, size[0] / WIDTH, size[1] / self.high))
        axes.set_xticks(())
        axes.set_yticks(())
        for spine in axes.spines.values():
            spine.set_color("#9aa0a6")
        return axes

    def write(self, words: str, left: float, top: float, *, size: float = 10.5, **options: Any) -> None:
        """Write words below and right of a place."""
        options = {"color": style.INK, "va": "top", "parse_math": False, **options}
        self.figure.text(left / WIDTH, 1 - top / self.high, words, fontsize=size, **options)

    def write_heading(self, words: str) -> None:
        """Write the digits above the picture, and the key below them."""
        self.write(words, _MARGIN, _MARGIN, size=15)
        handles = [
            Line2D([], [], color=kind.colour, linestyle=kind.line, linewidth=2.2, label=kind.name)
            for kind in KINDS
        ]
        self.figure.legend(
            handles=handles, loc="upper left", ncols=3, frameon=False, fontsize=11, labelcolor=style.INK,
            bbox_to_anchor=(_MARGIN / WIDTH, 1 - (_MARGIN + 0.38) / self.high), borderaxespad=0, borderpad=0,
            handlelength=2.4,
        )  # fmt: skip

    def draw_cell(self, glyph: ReadGlyph, corner: Size, *, side: float) -> None:
        """Draw the 28x28 that the network saw of one glyph, framed as on the picture."""
        kind = kind_of(glyph)
        left, top = corner
        axes = self.panel(left, top + 0.2, (side, side))
        axes.imshow(glyph.image, cmap="gray", vmin=0, vmax=255, interpolation="none")
        for spine in axes.spines.values():
            spine.set(color=kind.colour, linestyle=kind.line, linewidth=2)
        self.write(long_words(glyph), left + side / 2, top + 0.24 + side, size=10, ha="center")


def _photo_size(picture: Picture) -> Size:
    """Return the width and height in inches that the picture gets: all there are, less for a tiny one."""
    high, wide = picture.pixels.shape[:2]
    most = max(_LEAST_SIDE, max(high, wide) / 72)
    return _fit_size((high, wide), min(WIDTH - 2 * _MARGIN, most), min(_MOST_HIGH, most))


def _fit_size(shape: tuple[int, ...], most_wide: float, most_high: float) -> Size:
    scale = min(most_wide / shape[1], most_high / shape[0])
    return shape[1] * scale, shape[0] * scale


def _heading(picture: Picture, reading: Reading) -> str:
    name = picture.name.replace("\\", "/").rsplit("/", 1)[-1]
    return f"{_short(name, 30)}:  {_short(' / '.join(reading.lines) or 'no digits', 36)}"


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 3]}..."


def _draw_photo(axes: Axes, picture: Picture, reading: Reading) -> None:
    high, wide = (side * picture.reduction for side in picture.pixels.shape[:2])
    _show(axes, picture.pixels, extent=(0, wide, high, 0))  # boxes are in original pixels
    points_per_pixel = float(axes.get_position().width * WIDTH * 72 / wide)
    for glyph in reading.glyphs:
        _draw_box(axes, glyph, points_per_pixel=points_per_pixel)


def _draw_ink(axes: Axes, coverage: NDArray[np.uint8]) -> None:
    _show(axes, 255 - coverage, extent=(0, coverage.shape[1], coverage.shape[0], 0))


def _show(axes: Axes, pixels: NDArray[np.uint8], *, extent: tuple[float, float, float, float]) -> None:
    is_small = max(pixels.shape[:2]) < 400
    axes.imshow(
        pixels, cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto",
        interpolation="none" if is_small else "antialiased",
    )  # fmt: skip


def _draw_box(axes: Axes, glyph: ReadGlyph, *, points_per_pixel: float) -> None:
    kind = kind_of(glyph)
    left, top, right, bottom = _frame_around(axes, glyph.box, pad=3 / points_per_pixel)
    frame = Rectangle(
        (left, top), right - left, bottom - top, fill=False, linewidth=1.8, edgecolor=kind.colour
    )
    frame.set_linestyle(kind.line)
    # A light rim keeps the frame in sight on dark pictures and on writing of its own colour.
    frame.set_path_effects([Stroke(linewidth=4, foreground="white", alpha=0.75), Normal()])
    frame.set_clip_on(False)
    axes.add_patch(frame)
    size = float(np.clip(0.3 * (bottom - top) * points_per_pixel, 7, 15))  # points
    is_above = top * points_per_pixel > 1.6 * size  # otherwise the words would leave the picture
    axes.annotate(
        short_words(glyph), (left, top if is_above else bottom), xytext=(0, 2 if is_above else -2),
        textcoords="offset points", va="bottom" if is_above else "top", fontsize=size, fontweight="bold",
        color="white", bbox={"boxstyle": "square,pad=0.12", "facecolor": kind.colour, "edgecolor": "white"},
    )  # fmt: skip


def _frame_around(
    axes: Axes, box: tuple[int, int, int, int], *, pad: float
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom: pad off the box, so that a 1 is not hidden, and in the picture."""
    x, y, width, height = box
    right, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
    return max(x - pad, 0), max(y - pad, 0), min(x + width + pad, right), min(y + height + pad, bottom)


def _worth_showing(glyphs: tuple[ReadGlyph, ...]) -> list[ReadGlyph]:
    """Return the glyphs there is room for, in reading order: the doubtful before the accepted."""
    places = sorted(range(len(glyphs)), key=lambda place: glyphs[place].accepted)
    return [glyphs[place] for place in sorted(places[:_MOST_CELLS])]


def _notes(reading: Reading) -> list[str]:
    """Return lines of words: what was done, then what to know."""
    found = []
    if len(reading.glyphs) > _MOST_CELLS:
        found.append(f"{len(reading.glyphs) - _MOST_CELLS} more accepted digits are not shown above.")
    found += [f"{step.name}: {step.text}" for step in reading.ink.steps]
    found += [f"Note: {warning}" for warning in reading.warnings]
    return [line for words in found for line in textwrap.wrap(words, _NOTE_LETTERS)]
