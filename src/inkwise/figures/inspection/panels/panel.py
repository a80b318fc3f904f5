"""Panels of equal width side by side: one Figure for a file, and cut apart again on a narrow page.

Everything is placed by hand, in inches from a panel's upper left corner, and words are plain text:
a layout engine and ticks would take four times as long, and a page has many of these figures.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from inkwise.figures import style
from inkwise.figures.inspection.panels.mosaic import MOST_TILES, count_columns, gap_of, lay_out
from inkwise.figures.inspection.panels.plot import Plot
from inkwise.figures.inspection.panels.scale import Colours, Scale, say_value

WIDTH, HEIGHT = 3.2, 4.1
LEFT, TOP, SIDE = 0.46, 0.8, 2.6  # of the square where a panel's picture goes
SMALL, TINY = 9.0, 7.8  # points
_HEAD = 0.5  # inches, where a panel's title and detail are
_MARGIN = 0.16  # inches kept below what is lowest


@dataclass(frozen=True)
class Panel:
    """One part of a figure; its upper left corner lies x and y inches from the figure's."""

    sheet: Axes
    x: float
    y: float

    def plot(
        self,
        *,
        left: float = LEFT,
        top: float = TOP,
        width: float = SIDE,
        height: float,
        x_range: tuple[float, float] = (0.0, 1.0),
        y_range: tuple[float, float] = (0.0, 1.0),
    ) -> Plot:
        """Return a rectangle to draw into; its place is counted from the panel's corner, in inches."""
        return Plot(self.sheet, self.x + left, self.y + top, width, height, x_range, y_range)

    def head(self, title: str, detail: str) -> None:
        """Write what the panel shows, and below it how much of it there is."""
        self.write(title, left=LEFT, top=0.2, size=style.FONT_SIZE + 2, weight="bold")
        self.write(detail, left=LEFT, top=0.44)

    def write(
        self,
        text: str,
        *,
        left: float,
        top: float,
        size: float = SMALL,
        align: str = "left",
        weight: str = "normal",
        colour: str = style.INK,
    ) -> None:
        """Write one line, its middle at top inches below the upper edge."""
        self.sheet.text(
            self.x + left, self.y + top, text,
            ha=align, va="center", fontsize=size, weight=weight, color=colour, parse_math=False,
        )  # fmt: skip

    def note(self, *lines: str, top: float) -> None:
        """Write lines below the scale of a picture that ends at top inches."""
        for number, line in enumerate(lines):
            self.write(line, left=LEFT, top=top + 0.48 + 0.16 * number, size=TINY)

    def image(self, colours: Colours, *, stretch: bool = False, framed: bool = False) -> Plot:
        """Draw a picture as large as the square allows, unstretched its pixels square.

        Args:
            colours: (H, W, 4) uint8.
            stretch: whether it fills the square.
            framed: whether a hair line goes around it, for white paper on a white page.
        """
        height, width = colours.shape[:2]
        share = SIDE / max(height, width)
        size = (SIDE, SIDE) if stretch else (width * share, height * share)
        plot = self.picture(colours, left=LEFT, top=TOP, width=size[0], height=size[1])
        if framed:
            plot.frame(corner=(-0.5, -0.5), width=width, height=height, colour=style.INK, line=0.4)
        return plot

    def picture(self, colours: Colours, *, left: float, top: float, width: float, height: float) -> Plot:
        """Draw colours (H, W, 4) into a rectangle; pixel (row, column) is at x column, y row."""
        num_rows, num_columns = colours.shape[:2]
        plot = self.plot(
            left=left, top=top, width=width, height=height,
            x_range=(-0.5, num_columns - 0.5), y_range=(num_rows - 0.5, -0.5),
        )  # fmt: skip
        plot.image(colours)
        return plot

    def mosaic(self, tiles: Colours) -> float:
        """Draw numbered tiles (N, H, W, 4); return how far down they reach.

        The number of a tile is the one before its row plus the one above its column.
        """
        tiles = tiles[:MOST_TILES]
        columns = count_columns(len(tiles))
        plot = self.image(lay_out(tiles, columns=columns), framed=len(tiles) == 1)
        if len(tiles) > 1:
            step = np.array(tiles.shape[1:3]) + gap_of(tiles)
            middles = (np.array(tiles.shape[1:3]) - 1) / 2
            rows = -(-len(tiles) // columns)
            self.number_columns(plot, [(middles[1] + i * step[1], f"+{i}") for i in range(columns)])
            self.number_rows(plot, [(middles[0] + i * step[0], f"{i * columns}") for i in range(rows)])
        return plot.bottom - self.y

    def number_columns(self, plot: Plot, numbers: list[tuple[float, str]]) -> None:
        """Write (x, text) above plot; every other where they would touch."""
        low, high = plot.x_range
        for place, text in _thin(numbers, most=int(plot.width / 0.24)):
            left = plot.left - self.x + plot.width * (place - low) / (high - low)
            self.write(text, left=left, top=plot.top - self.y - 0.09, size=TINY, align="center")

    def number_rows(self, plot: Plot, numbers: list[tuple[float, str]]) -> None:
        """Write (y, text) to the left of plot; every other where they would touch."""
        low, high = plot.y_range
        for place, text in _thin(numbers, most=int(plot.height / 0.12)):
            top = plot.bottom - self.y - plot.height * (place - low) / (high - low)
            self.write(text, left=plot.left - self.x - 0.05, top=top, size=TINY, align="right")

    def scale(self, scale: Scale, *, top: float) -> None:
        """Draw the colours of scale as a bar, the values at its ends and at 0 below it."""
        if not scale.high > scale.low:
            self.write(f"everywhere {say_value(scale.low)}", left=LEFT, top=top + 0.12)
            return
        ramp = np.linspace(scale.low, scale.high, 128, dtype=np.float32)[None]
        self.picture(scale.paint(ramp), left=LEFT, top=top, width=SIDE, height=0.09)
        for value in scale.marks():
            share = (value - scale.low) / (scale.high - scale.low)
            align = {0.0: "left", 1.0: "right"}.get(share, "center")
            self.write(say_value(value), left=LEFT + share * SIDE, top=top + 0.19, size=TINY, align=align)


def new_panels(count: int, *, columns: int | None = None) -> tuple[style.Picture, list[Panel]]:
    """Return an empty picture of count panels, and the panels row by row; columns None makes one row."""
    columns = columns or count
    return new_sheet(count, width=columns * WIDTH, height=-(-count // columns) * HEIGHT)


def new_sheet(count: int, *, width: float, height: float) -> tuple[style.Picture, list[Panel]]:
    """Return an empty picture of width x height inches, and count panels row by row."""
    figure = style.new_figure(width=width, height=height)
    figure.set_layout_engine("none")
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set_axis_off()
    sheet.set_xlim(0, width)
    sheet.set_ylim(height, 0)
    columns = round(width / WIDTH)
    return figure, [Panel(sheet, i % columns * WIDTH, i // columns * HEIGHT) for i in range(count)]


@dataclass(frozen=True)
class Box:
    """Where a panel lies in its figure, in points (1/72 inch), and the words at its head."""

    left: float
    top: float
    width: float
    height: float
    words: str

    @property
    def view_box(self) -> str:
        """The value of an SVG's viewBox that shows this panel alone."""
        return f"{self.left:g} {self.top:g} {self.width:g} {self.height:g}"


def find_panels(figure: Figure) -> list[Box]:
    """Return the panels of a figure of new_panels, row by row, each down to its lowest words or picture.

    Places where nothing was written are left out. A figure of another size than its panels is one panel.
    """
    width, height = (float(size) for size in figure.get_size_inches())
    columns, rows = round(width / WIDTH), round(height / HEIGHT)
    sheet = figure.axes[0]
    words = [(*text.get_position(), text.get_text()) for text in sheet.texts]
    if abs(rows * HEIGHT - height) > 0.01:
        return [Box(0, 0, 72 * width, 72 * height, _head(words, 0, 0))]
    corners = [(column * WIDTH, row * HEIGHT) for row in range(rows) for column in range(columns)]
    ends = [(x, y) for x, y, _ in words] + [_lower_left(image) for image in sheet.images]
    boxes = []
    for left, top in corners:
        depths = [y - top for x, y in ends if left < x < left + WIDTH and top <= y < top + HEIGHT]
        if depths:
            deep = min(HEIGHT, max(depths) + _MARGIN)
            boxes.append(Box(72 * left, 72 * top, 72 * WIDTH, 72 * deep, _head(words, left, top)))
    return boxes


def _lower_left(image: AxesImage) -> tuple[float, float]:
    """Return the place of a picture's lower left corner, in inches."""
    left, _, lower, _ = image.get_extent()
    x, y = (image.get_transform() - image.axes.transData).transform((left, lower))
    return float(x), float(y)


def _head(words: list[tuple[float, float, str]], left: float, top: float) -> str:
    """Return title and detail of the panel with that corner, "" where there is none."""
    return ": ".join(text for x, y, text in words if left < x < left + WIDTH and top <= y < top + _HEAD)


def _thin(numbers: list[tuple[float, str]], *, most: int) -> list[tuple[float, str]]:
    return numbers[:: -(-len(numbers) // max(1, most))]
