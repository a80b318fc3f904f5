"""Control points of strokes, and the chance by which a shape comes out a little different each time.

Coordinates: x to the right, y downwards; a digit is about 1 high (y 0 to 1) and 0.6 wide (x 0 to 0.6).
A point given twice is a corner; through all others the pen runs smoothly.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]
Strokes = list[list[Point]]  # one list a pen-down; in the order written


@dataclass(frozen=True)
class Chance:
    """Numbers drawn for one shape, from the generator of the caller."""

    generator: np.random.Generator

    def between(self, low: float, high: float) -> float:
        """Return a number from low to high, all equally likely."""
        return low + (high - low) * float(self.generator.random())

    def near(self, middle: float, spread: float) -> float:
        """Return a number around middle, normal with standard deviation spread, at most two of them away."""
        return middle + spread * min(2.0, max(-2.0, float(self.generator.standard_normal())))

    def happens(self, probability: float) -> bool:
        """Return True with this probability."""
        return float(self.generator.random()) < probability


Shape = Callable[[Chance], Strokes]


def arc(centre: Point, radii: Point, *, start: float, sweep: float, drift: float = 0.0) -> list[Point]:
    """Return points on an ellipse, one about every 35 degrees.

    Args:
        centre: of the ellipse.
        radii: horizontal and vertical.
        start: degrees; 0 is right of the centre, 90 below it, 180 left, 270 above.
        sweep: degrees; positive turns with the clock.
        drift: by what part of the radii the last point lies farther out (a spiral); negative: inside.
    """
    count = max(3, round(abs(sweep) / 35) + 1)
    points = []
    for k in range(count):
        part = k / (count - 1)
        angle = math.radians(start + sweep * part)
        size = 1 + drift * part
        points.append(
            (centre[0] + radii[0] * size * math.cos(angle), centre[1] + radii[1] * size * math.sin(angle))
        )
    return points


def corner(x: float, y: float) -> list[Point]:
    """Return a point at which the pen changes its direction at once."""
    return [(x, y), (x, y)]


def moved(points: list[Point], dx: float, dy: float) -> list[Point]:
    """Return points shifted by (dx, dy)."""
    return [(x + dx, y + dy) for x, y in points]
