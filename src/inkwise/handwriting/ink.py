"""Where a picture holds ink, how much, and by which steps that was found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Step:
    """One thing that was done to a picture on the way to its ink.

    Attributes:
        name: of the step, one or two words.
        text: what it found or did, one sentence for a person.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Ink:
    """The writing on a picture, everything else removed.

    Attributes:
        coverage: (H, W) uint8, 0 paper to 255 full ink, anti-aliased; 0 wherever there is no writing.
        stroke_px: the median width of the pen's line, in pixels of coverage.
        is_light_on_dark: the polarity that was found.
        steps: what was done, in order.
    """

    coverage: NDArray[np.uint8]
    stroke_px: float
    is_light_on_dark: bool
    steps: tuple[Step, ...]
