"""Strings of digits as strokes, each digit's own strokes known."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.page.drawings import strokes_of

from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.strokes import write_digit


@dataclass(frozen=True)
class WrittenString:
    """A drawing of one or more lines of digits.

    Attributes:
        strokes: as the page keeps them, in the order they were written.
        lines: the indices of the strokes of each digit of each line.
        digits: what was written, line by line.
    """

    strokes: list[dict[str, Any]]
    lines: list[list[list[int]]]
    digits: list[list[int]]


def write_lines(
    generator: np.random.Generator,
    *,
    space: tuple[float, float],
    num_lines: int = 1,
    pen: tuple[float, float] = (4, 26),
) -> WrittenString:
    """Return lines of 1 to 5 digits by one hand, a digit being about 150 pixels high.

    Args:
        generator: of everything that is left to chance.
        space: least and most empty space between two digits, in heights of a digit.
        num_lines: one below the other.
        pen: least and greatest width, pixels.
    """
    hand, height = Hand.draw(generator), 150.0
    width = float(generator.uniform(*pen))
    written = WrittenString([], [], [])
    for line in range(num_lines):
        left, groups, digits = 40.0, [], []
        for _ in range(int(generator.integers(1, 6))):
            label, size = int(generator.integers(10)), float(generator.normal(1, 0.06)) * height
            writing = write_digit(label, generator, hand=hand.varied(generator))
            x_first, y_first, x_last, _ = writing.box()
            top = 70 + line * 1.6 * height + (y_first + float(generator.normal(0, 0.05))) * height
            strokes = strokes_of(writing, corner=(left + width / 2, top), height=size, width=width)
            groups.append(list(range(len(written.strokes), len(written.strokes) + len(strokes))))
            digits.append(label)
            written.strokes.extend(strokes)
            left += (x_last - x_first) * size + width + float(generator.uniform(*space)) * height
        written.lines.append(groups)
        written.digits.append(digits)
    return written
