"""What was read on a picture, as `inkwise read` prints it: JSON keys that scripts rely on, and words."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from inkwise.data.formats.paths import visible
from inkwise.figures.percent import say_percent

if TYPE_CHECKING:
    from inkwise.handwriting.reader import Reading


class GlyphReading(BaseModel):
    """One mark on a picture and the digit it was taken for.

    Attributes:
        box: x, y, width, height in pixels of the picture as it is seen upright.
        label: the digit, 0 to 9.
        probability: of that digit, in [0, 1].
        accepted: False where the reader would rather ask.
        line: which of the lines it stands in, from 0; -1 where it was left out of them. Not in the JSON.
    """

    model_config = ConfigDict(frozen=True)

    box: tuple[int, int, int, int]
    label: int
    probability: float
    accepted: bool
    line: int = Field(default=-1, exclude=True)


class PictureReading(BaseModel):
    """What was read on one picture; an entry of `inkwise read --json`.

    Attributes:
        path: the file as found, "-" for standard input, "picture" for one that came without a name.
        lines: the digits of each line of writing, top to bottom.
        glyphs: every mark in reading order, also those that are no digit (accepted False).
        warnings: what to know before relying on it, a sentence each.
        error: why the picture could not be read, None when it could; also the last warning. Not in the JSON.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    lines: list[str]
    glyphs: list[GlyphReading]
    warnings: list[str]
    error: str | None = Field(default=None, exclude=True)

    @classmethod
    def unread(cls, path: str, error: str) -> "PictureReading":
        """Return what there is to say of a picture that could not be read."""
        return cls(path=path, lines=[], glyphs=[], warnings=[error], error=error)


def summarise(path: str, reading: "Reading") -> PictureReading:
    """Return what `inkwise read --json` prints of a picture that was read."""
    glyphs = [
        GlyphReading(
            box=glyph.box, label=glyph.label, probability=glyph.probability, accepted=glyph.accepted,
            line=glyph.line,
        )
        for glyph in reading.glyphs
    ]  # fmt: skip
    return PictureReading(
        path=path, lines=list(reading.lines), glyphs=glyphs, warnings=list(reading.warnings)
    )


def tell_reading(reading: PictureReading) -> str:
    """Return a picture's digits for people: beside its path, or below it where there are several lines.

    Below a line a caret points at each doubtful digit.

    >>> one = GlyphReading(box=(9, 9, 12, 30), label=1, probability=0.99, accepted=True, line=0)
    >>> seven = GlyphReading(box=(40, 9, 12, 30), label=7, probability=0.61, accepted=False, line=0)
    >>> print(tell_reading(PictureReading(path="sum.jpg", lines=["17"], glyphs=[one, seven], warnings=[])))
    sum.jpg  17
              ^  doubtful, look at it: 61 %
    """
    is_one, path = len(reading.lines) == 1, visible(reading.path)
    told = [] if is_one else [path]
    for number, digits in enumerate(reading.lines):
        before = f"{path}  " if is_one else "  "
        told.append(before + digits)
        glyphs = [glyph for glyph in reading.glyphs if glyph.line == number]
        told += _point_at_doubtful(glyphs, " " * len(before))
    return "\n".join([*told, *(f"  note: {warning}" for warning in reading.warnings)])


def _point_at_doubtful(glyphs: list[GlyphReading], indent: str) -> list[str]:
    """Return the line that goes below a line of digits, or none."""
    shares = ", ".join(say_percent(glyph.probability, decimals=0) for glyph in glyphs if not glyph.accepted)
    if not shares:
        return []
    carets = "".join(" " if glyph.accepted else "^" for glyph in glyphs)
    them = "them" if carets.count("^") > 1 else "it"
    return [f"{indent}{carets}  doubtful, look at {them}: {shares}"]
