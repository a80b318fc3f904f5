"""From values to colours: one scale for a whole picture, so that equal colours mean equal values."""

from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Colours = NDArray[np.uint8]
"""(..., 4) red, green, blue, opacity, 0 to 255."""


@dataclass(frozen=True)
class Scale:
    """The values from low to high as the colours of one of matplotlib's maps."""

    colours: str
    low: float
    high: float

    def paint(self, values: Values) -> Colours:
        """Return the colour of each value; one that is not a number gets none."""
        span = self.high - self.low
        shares = (values - self.low) / span if span > 0 else np.full(values.shape, 0.5)
        painted: Colours = mpl.colormaps[self.colours](np.ma.masked_invalid(shares), bytes=True)
        return painted

    def marks(self) -> list[float]:
        """Return the values to write beside the colours: both ends, and 0 where it lies well between."""
        low, high = self.low, self.high
        near = 0.15 * (high - low)
        return [low, 0.0, high] if low + near < 0 < high - near else [low, high]


def grey_scale(values: Values) -> Scale:
    """Return black to white over the true range of values: for the picture that a network is given."""
    return Scale("gray", *_range(values))


def even_scale(values: Values) -> Scale:
    """Return viridis over the true range of values, for what layers put out: equal steps look equal."""
    return Scale("viridis", *_range(values))


def signed_scale(values: Values) -> Scale:
    """Return blue over white to red with 0 in the middle, for weights and attributions.

    Both ends are the largest size of a value: a pale picture of small values stays pale.
    """
    low, high = _range(values)
    largest = max(abs(low), abs(high))
    return Scale("RdBu_r", -largest, largest)


def _range(values: Values) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def say_value(value: float) -> str:
    """Return a value in the few digits that fit beside a colour.

    >>> [say_value(value) for value in (0.0, 0.12345, 12.3456, 1234.5, 1.0)]
    ['0', '0.12', '12.3', '1234', '1']
    """
    size = abs(value)
    if size and size < 0.001:
        text = f"{value:.1e}"
    elif size >= 100:
        text = f"{value:.0f}"
    else:
        text = f"{value:.{1 if size >= 10 else 2 if size >= 0.01 else 3}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "\N{MINUS SIGN}")
