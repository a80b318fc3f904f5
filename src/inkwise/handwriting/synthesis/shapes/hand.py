"""How one person's hand changes a shape: lean, proportions, sharpness of corners, tremor, pressure.

A Hand stays the same for all that its owner writes on a page; Hand.varied is what differs from one
character to the next.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from inkwise.handwriting.synthesis.shapes.points import Chance


@dataclass(frozen=True)
class Hand:
    """Lengths are parts of the height of a digit.

    Attributes:
        slant: shift to the right from the foot to the top; 0 is upright.
        width: factor of all horizontal lengths.
        turn: radians, with the clock.
        rounding: over which length of the path a corner is made round.
        tremor: how far the line shakes to either side.
        looseness: how far control points stray from where they belong.
        warp: how far the whole shape is bent.
        overshoot: by how much the ends of strokes are too long (or short: it is drawn around 0).
        parting: how far separate strokes miss each other.
        pressure: 0 for a line of even width, 1 for one that swells and thins by its speed.
    """

    slant: float
    width: float
    turn: float
    rounding: float
    tremor: float
    looseness: float
    warp: float
    overshoot: float
    parting: float
    pressure: float

    @classmethod
    def draw(cls, generator: np.random.Generator) -> Self:
        """Return the hand of somebody; a careless one is careless in everything."""
        u = Chance(generator)
        care = u.between(0.4, 1.5)
        return cls(
            slant=u.near(0.09, 0.13),
            width=float(np.exp(u.near(0.0, 0.14))),
            turn=u.near(0.0, 0.05),
            rounding=u.between(0.008, 0.035),
            tremor=0.005 * u.between(0.0, 1.0) ** 3 * care,
            looseness=0.012 * care,
            warp=0.045 * care,
            overshoot=0.018 * care,
            parting=0.012 * care,
            pressure=u.between(0.0, 1.0) ** 2,
        )

    def varied(self, generator: np.random.Generator) -> Self:
        """Return the same hand at another moment."""
        u = Chance(generator)
        return replace(
            self,
            slant=self.slant + u.near(0.0, 0.03),
            width=self.width * float(np.exp(u.near(0.0, 0.05))),
            turn=self.turn + u.near(0.0, 0.02),
        )
