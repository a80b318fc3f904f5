"""A part of a picture with scales of its own, drawn on the one pair of axes that a whole figure shares.

matplotlib's axes take some milliseconds each, and a page of figures would have more than a hundred.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, StepPatch
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import NDArray

from inkwise.figures.inspection.panels.scale import Colours

Numbers = NDArray[np.number[Any]]


@dataclass(frozen=True)
class Plot:
    """A rectangle of the sheet, in inches from its upper left corner, and the values at its edges.

    Attributes:
        sheet: axes that cover the figure, one unit an inch, y downwards.
        left, top, width, height: inches.
        x_range: the values at the left and the right edge.
        y_range: the values at the lower and the upper edge.
    """

    sheet: Axes
    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    @property
    def bottom(self) -> float:
        """Inches from the figure's upper edge."""
        return self.top + self.height

    @property
    def transform(self) -> Transform:
        """From values to the figure's dots."""
        (x_low, x_high), (y_low, y_high) = self.x_range, self.y_range
        x_inches, y_inches = self.width / (x_high - x_low), self.height / (y_high - y_low)
        placed = Affine2D().translate(-x_low, -y_low).scale(x_inches, -y_inches)
        return placed.translate(self.left, self.bottom) + self.sheet.transData

    def image(self, colours: Colours) -> None:
        """Fill the rectangle with colours (H, W, 4); the place of pixel (row, column) is x column, y row."""
        height, width = colours.shape[:2]
        extent = (-0.5, width - 0.5, height - 0.5, -0.5)
        picture = AxesImage(self.sheet, interpolation="none", extent=extent)
        picture.set_data(colours)
        self._add(picture)

    def bars(self, places: Numbers, values: Numbers, *, width: float, colour: str) -> None:
        """Draw upright bars from 0 to values, places in their middle."""
        left, right, zero = places - width / 2, places + width / 2, np.zeros(len(places))
        corners = [(left, zero), (right, zero), (right, values), (left, values)]
        outlines = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)  # (N, 4, 2)
        self._add(PolyCollection(list(outlines), facecolors=colour))

    def steps(self, values: Numbers, edges: Numbers, *, colour: str, fill: bool = True) -> None:
        """Draw a histogram as one outline, filled or as a line."""
        if fill:
            self._add(StepPatch(values, edges, facecolor=colour, linewidth=0))
        else:
            self._add(StepPatch(values, edges, fill=False, edgecolor=colour, linewidth=0.9, alpha=0.75))

    def line(self, *, y: float, alpha: float = 0.6, colour: str) -> None:
        """Draw a line at y from the left to the right edge."""
        self._add(Line2D(self.x_range, (y, y), color=colour, linewidth=0.8, alpha=alpha, zorder=0.5))

    def frame(
        self, *, corner: tuple[float, float], width: float, height: float, colour: str, line: float
    ) -> None:
        """Draw the outline of a rectangle from a corner of the least x and y."""
        self._add(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=line))

    def block(self, *, x: float, y: float, height: float, colour: str, alpha: float = 1.0) -> None:
        """Draw a lying bar from 0 to x, y in its middle."""
        self._add(Rectangle((0, y - height / 2), x, height, facecolor=colour, alpha=alpha))

    def outline(self, image: NDArray[np.uint8], *, level: float, colour: str) -> None:
        """Draw where the pixels of a picture that fills the rectangle pass level."""
        self.sheet.contour(
            image, levels=[level], colors=[colour], linewidths=0.7, alpha=0.55, transform=self.transform
        )

    def word(self, text: str, *, x: float, y: float, size: float, colour: str) -> None:
        """Write text with its middle at x and y."""
        self.sheet.text(
            x, y, text, ha="center", va="center", fontsize=size, color=colour, transform=self.transform
        )

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self.transform)
        self.sheet.add_artist(artist)
