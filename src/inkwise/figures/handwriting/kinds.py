"""The three kinds of mark on a picture, told apart by frame and words as well as by colour."""

from dataclasses import dataclass
from typing import Literal

from inkwise.figures import style
from inkwise.figures.percent import say_percent
from inkwise.handwriting.reader import ReadGlyph


@dataclass(frozen=True)
class Kind:
    """How a mark is drawn.

    Attributes:
        name: for the key.
        colour: of its frame and the ground of its words.
        line: of its frame: solid, or an offset and the lengths of dashes and gaps in widths of the line.
    """

    name: str
    colour: str
    line: Literal["-"] | tuple[float, tuple[float, ...]]


ACCEPTED = Kind("accepted", style.BLUE, "-")
DOUBTFUL = Kind("doubtful: look at it", style.ORANGE, (0, (4.0, 1.6)))
NO_DIGIT = Kind("no digit, left out", "#5f6368", (0, (1.0, 1.4)))
KINDS = (ACCEPTED, DOUBTFUL, NO_DIGIT)


def kind_of(glyph: ReadGlyph) -> Kind:
    """Return which kind glyph is."""
    if glyph.accepted:
        return ACCEPTED
    return NO_DIGIT if glyph.line < 0 else DOUBTFUL


def short_words(glyph: ReadGlyph) -> str:
    """Return what stands at a mark's frame: 7 accepted, 7? doubtful, a cross for what is no digit."""
    return {ACCEPTED: str(glyph.label), DOUBTFUL: f"{glyph.label}?", NO_DIGIT: "\N{MULTIPLICATION SIGN}"}[
        kind_of(glyph)
    ]


def long_words(glyph: ReadGlyph) -> str:
    """Return what stands below the 28x28 of a mark: its digit and probability."""
    if kind_of(glyph) is NO_DIGIT:
        return "no digit"
    # A probability of 1 is one that float32 has rounded: a network is never certain.
    probability = say_percent(min(glyph.probability, 0.9999), decimals=0)
    return f"{short_words(glyph)}  {probability}".replace("over ", ">")
