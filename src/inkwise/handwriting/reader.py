"""From a picture to what is written on it: lines of digits, how sure each is, what to be careful about."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.ink import Ink, Step, find_ink, stroke_width
from inkwise.handwriting.normalise import is_mnist_form
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.recogniser import Recogniser
from inkwise.handwriting.segment import Glyph, Page, segment_page

NO_DIGIT = 0.25  # a mark whose likeliest digit is less likely than this is left out of the lines
_SMALL_PX = 12.0  # digits lower than this have lost their shape
_THIN = 0.04  # width of the line in heights of a digit, below which it is a hair
_BROAD_PX = 4.0  # a line so broad has pixels of full ink
_BLURRED = 0.7  # haze of a broad line, above which the picture is blurred
_LEAST_MEAN = 0.6  # of the probabilities on a page, below which it is a drawing, not digits


@dataclass(frozen=True)
class ReadGlyph:
    """One mark on the picture and what it was read as.

    Attributes:
        box: x, y, width, height in pixels of the original picture.
        label: the likeliest digit.
        probability: of that digit, 0 to 1.
        accepted: False where the reader would rather ask than guess; so of all that was cut off another mark.
        image: (28, 28) uint8, what the recogniser saw.
        line: index into Reading.lines; -1 where it is clearly no digit and left out of them.
    """

    box: tuple[int, int, int, int]
    label: int
    probability: float
    accepted: bool
    image: NDArray[np.uint8]
    line: int


@dataclass(frozen=True)
class Reading:
    """What is written on a picture.

    Attributes:
        lines: the digits of each line, top to bottom.
        glyphs: every mark that was read, in reading order.
        warnings: what to be careful about, one sentence each.
        ink: the writing that was found, and by which steps.
    """

    lines: tuple[str, ...]
    glyphs: tuple[ReadGlyph, ...]
    warnings: tuple[str, ...]
    ink: Ink


def read_picture(picture: Picture, recogniser: Recogniser) -> Reading:
    """Return what is written on picture.

    A picture that is already in MNIST's form goes to the recogniser as it is.

    Args:
        picture: as load_picture returns it.
        recogniser: as load_recogniser returns it.
    """
    grey = _one_channel(picture.pixels)
    if is_mnist_form(grey):
        ink, page = _as_it_is(grey, recogniser)
    else:
        ink = find_ink(picture.pixels)
        page = segment_page(ink, recogniser.probabilities)
    glyphs, lines = _read_glyphs(page, recogniser, picture.reduction)
    return Reading(lines, glyphs, tuple(_warnings(page, glyphs, ink)), ink)


def _one_channel(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the first channel of a picture without colour, (H, W); a coloured one as it is."""
    is_grey = pixels.shape == (28, 28, 3) and bool((pixels == pixels[..., :1]).all())
    return np.ascontiguousarray(pixels[..., 0]) if is_grey else pixels


def _as_it_is(pixels: NDArray[np.uint8], recogniser: Recogniser) -> tuple[Ink, Page]:
    probabilities = recogniser.probabilities(pixels[None])[0]
    x, y, width, height = cv2.boundingRect((pixels > 0).astype(np.uint8))
    step = Step("form", "Already as MNIST's images are: read as it is.")
    ink = Ink(pixels, stroke_width(pixels > 127), True, (step,))
    return ink, Page([[Glyph((x, y, width, height), pixels, probabilities)]])


def _read_glyphs(
    page: Page, recogniser: Recogniser, reduction: float
) -> tuple[tuple[ReadGlyph, ...], tuple[str, ...]]:
    found = [(glyph, number) for number, line in enumerate(page.lines) for glyph in line]
    least = 1.1 if _is_no_writing(page) else NO_DIGIT
    digits: dict[int, str] = {}
    glyphs = []
    for glyph, number in found:
        label, probability = int(glyph.probabilities.argmax()), float(glyph.probabilities.max())
        is_digit = probability >= least
        if is_digit:
            digits[number] = digits.get(number, "") + str(label)
        # The likeliest of many ways to cut a mark looks like digits by choice: not to be trusted as they are.
        is_accepted = is_digit and probability >= recogniser.accept_probability and not glyph.is_cut
        line = list(digits).index(number) if is_digit else -1
        box = _original_box(glyph.box, reduction)
        glyphs.append(ReadGlyph(box, label, probability, is_accepted, glyph.image, line))
    return tuple(glyphs), tuple(digits.values())


def _is_no_writing(page: Page) -> bool:
    """Return whether so few marks look like digits that those are probably chance matches."""
    likely = [float(glyph.probabilities.max()) for line in page.lines for glyph in line]
    return len(likely) > 1 and sum(likely) < _LEAST_MEAN * len(likely)


def _original_box(box: tuple[int, int, int, int], reduction: float) -> tuple[int, int, int, int]:
    left, top = int(box[0] * reduction), int(box[1] * reduction)
    right, bottom = (box[0] + box[2]) * reduction, (box[1] + box[3]) * reduction
    return left, top, max(1, round(right) - left), max(1, round(bottom) - top)


def _warnings(page: Page, glyphs: tuple[ReadGlyph, ...], ink: Ink) -> list[str]:
    left_out = sum(glyph.line < 0 for glyph in glyphs)
    digits = [glyph for line in page.lines for glyph in line if float(glyph.probabilities.max()) >= NO_DIGIT]
    warnings = []
    if len(glyphs) == left_out:
        warnings.append(f"no digits found: {_why_none(page, ink)}")
    elif left_out:
        marks = "mark looks like no digit and was" if left_out == 1 else "marks look like no digit and were"
        warnings.append(f"{left_out} {marks} left out")
    if page.num_left_out and glyphs:
        warnings.append(f"{page.num_left_out} small marks were not looked at: more than writing has")
    if page.num_small and len(glyphs) > left_out:
        marks = (
            "mark that looks like a digit is" if page.num_small == 1 else "marks that look like digits are"
        )
        warnings.append(f"{page.num_small} {marks} less than half as high as the others, and left out")
    if glyphs and len(glyphs) > left_out:
        height = float(np.median([glyph.box[3] for glyph in digits]))
        warnings += _about_writing(height, ink, was_cut=any(glyph.is_cut for glyph in digits))
    return warnings


def _why_none(page: Page, ink: Ink) -> str:
    count = sum(len(line) for line in page.lines)
    if not count and page.num_left_out:
        return f"{page.num_left_out} marks, most of them unlike any digit"
    if not count:
        return (
            "nothing stands out from the ground" if not ink.stroke_px else "no mark is large enough to be one"
        )
    return f"{count} mark looks like none" if count == 1 else f"{count} marks, most of them unlike any digit"


def _about_writing(height: float, ink: Ink, *, was_cut: bool) -> list[str]:
    """Return what to be careful about.

    Args:
        height: of the digits, in pixels of ink.coverage.
        ink: of the page.
        was_cut: whether any digit was cut off another.
    """
    warnings = []
    if was_cut:
        warnings.append("touching digits were separated: compare them with the picture")
    if height < _SMALL_PX:
        warnings.append(f"the digits are very small, {height:.0f} pixels high: a closer picture reads better")
    elif ink.stroke_px < _THIN * height:
        warnings.append("the line is very thin: a broader pen reads better")
    if ink.stroke_px >= _BROAD_PX and _haze(ink.coverage) > _BLURRED:
        warnings.append("the picture is blurred: hold the camera still and let it focus")
    return warnings


def _haze(coverage: NDArray[np.uint8]) -> float:
    """Return how many pixels are neither ink nor paper, for each pixel of ink; 0: all edges are sharp."""
    is_between = (coverage > 40) & (coverage < 215)
    return float(is_between.sum() / max(1, (coverage >= 128).sum()))
