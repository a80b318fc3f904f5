"""read_picture on pictures drawn here, with a recogniser that knows the writing by heart."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.handwriting.segment.written import STROKES, page, recognise, row

from inkwise.handwriting.normalise import is_mnist_form
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.reader import Reading, read_picture
from inkwise.handwriting.recogniser import Recogniser
from inkwise.handwriting.segment import marks

RECOGNISER = Recogniser(recognise, 0.9)


def on_paper(coverage: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(230 - coverage * 0.8, np.uint8)


def read(
    pixels: NDArray[np.uint8], *, reduction: float = 1.0, recogniser: Recogniser = RECOGNISER
) -> Reading:
    return read_picture(Picture(pixels, reduction, "a test"), recogniser)


def two_lines() -> NDArray[np.uint8]:
    return on_paper(page((260, 400), *row("2036", at=(40, 30)), *row("514", at=(40, 150))))


def test_lines_and_glyphs_say_the_same() -> None:
    reading = read(two_lines())
    assert reading.lines == ("2036", "514")
    assert [glyph.line for glyph in reading.glyphs] == [0, 0, 0, 0, 1, 1, 1]
    assert "".join(str(glyph.label) for glyph in reading.glyphs) == "2036514"
    assert all(0.5 < glyph.probability <= 1 for glyph in reading.glyphs)
    assert reading.warnings == ()


def test_boxes_are_in_pixels_of_the_original() -> None:
    small, large = read(two_lines()), read(two_lines(), reduction=2.5)
    for at_one, at_more in zip(small.glyphs, large.glyphs, strict=True):
        assert np.abs(np.array(at_more.box) - 2.5 * np.array(at_one.box)).max() <= 1
    x, y, width, height = large.glyphs[-1].box
    assert x + width <= 400 * 2.5
    assert y + height <= 260 * 2.5


@pytest.mark.parametrize("reduction", [1.0, 1.37, 2.5])
def test_box_holds_the_ink_of_its_digit(reduction: float) -> None:
    pixels = on_paper(page((120, 120), ("7", 30, 20, 80)))
    (glyph,) = read(pixels, reduction=reduction).glyphs
    x, y, width, height = glyph.box
    left, top, wide, high = cv2.boundingRect((pixels < 100).astype(np.uint8))
    assert x <= left * reduction
    assert y <= top * reduction
    assert x + width >= (left + wide) * reduction - 1
    assert y + height >= (top + high) * reduction - 1


def test_wider_margin_changes_the_place_alone() -> None:
    here = read(two_lines())
    there = read(np.pad(two_lines(), ((20, 44), (60, 0)), constant_values=230))
    assert there.lines == here.lines
    for glyph, moved in zip(here.glyphs, there.glyphs, strict=True):
        x, y, width, height = glyph.box
        assert np.abs(np.subtract(moved.box, (x + 60, y + 20, width, height))).max() <= 1


def test_light_writing_on_dark_reads_the_same() -> None:
    assert read(~two_lines()).lines == ("2036", "514")


def test_doubtful_digit_stays_in_its_line_unaccepted() -> None:
    reading = read(two_lines(), recogniser=Recogniser(recognise, 1.0))
    assert reading.lines == ("2036", "514")
    assert not any(glyph.accepted for glyph in reading.glyphs)


def test_mark_that_is_no_digit_is_left_out_and_told() -> None:
    pixels = two_lines()
    cv2.line(pixels, (330, 40), (380, 90), 40, 6, cv2.LINE_AA)  # a large cross
    cv2.line(pixels, (330, 90), (380, 40), 40, 6, cv2.LINE_AA)
    reading = read(pixels)
    assert reading.lines == ("2036", "514")
    (cross,) = [glyph for glyph in reading.glyphs if glyph.line < 0]
    assert not cross.accepted
    assert cross.box[0] == pytest.approx(327, abs=4)
    assert reading.warnings == ("1 mark looks like no digit and was left out",)


def test_blank_page_says_that_no_digits_were_found() -> None:
    reading = read(np.full((90, 120), 240, np.uint8))
    assert (reading.lines, reading.glyphs) == ((), ())
    assert reading.warnings == ("no digits found: nothing stands out from the ground",)


def test_drawing_without_digits_is_not_read() -> None:
    pixels = np.full((300, 300), 235, np.uint8)
    for x, y in ((60, 60), (180, 60), (60, 180), (180, 180)):
        for turn in range(0, 180, 30):
            away = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]) * 35
            start, end = np.array([x, y]) - away, np.array([x, y]) + away
            cv2.line(pixels, start.astype(int).tolist(), end.astype(int).tolist(), 30, 4, cv2.LINE_AA)
    reading = read(pixels)
    assert reading.lines == ()
    assert len(reading.glyphs) == 4
    assert not any(glyph.accepted for glyph in reading.glyphs)
    assert reading.warnings == ("no digits found: 4 marks, most of them unlike any digit",)


def test_touching_digits_are_told() -> None:
    reading = read(
        on_paper(page((120, 200), *row("23", gap=-4, at=(40, 30)))), recogniser=Recogniser(recognise, 0.3)
    )
    assert reading.lines == ("23",)
    assert not any(glyph.accepted for glyph in reading.glyphs)
    assert reading.warnings == ("touching digits were separated: compare them with the picture",)


@pytest.mark.parametrize("count", [1, 2])
def test_digits_much_lower_than_the_others_are_told(count: int) -> None:
    small = [("2", 250 + 50 * place, 60, 18) for place in range(count)]
    reading = read(on_paper(page((140, 400), *row("407", at=(30, 30)), *small)))
    assert reading.lines == ("407",)
    (warning,) = reading.warnings
    assert warning.startswith(f"{count} mark")
    assert warning.endswith("half as high as the others, and left out")


def test_small_digits_are_told() -> None:
    pixels = cv2.resize(two_lines(), None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA)
    assert any("very small" in warning for warning in read(np.asarray(pixels, np.uint8)).warnings)


def test_hair_thin_line_is_told() -> None:
    coverage = np.zeros((220, 200), np.uint8)
    for stroke in STROKES["7"]:
        points = np.array([(60 + 150 * x, 30 + 150 * y) for x, y in stroke], np.int32)
        cv2.polylines(coverage, [points], False, 255, 2, cv2.LINE_AA)
    reading = read(on_paper(coverage))
    assert reading.lines == ("7",)
    assert reading.warnings == ("the line is very thin: a broader pen reads better",)


def test_marks_beyond_those_of_writing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_MAX_MARKS", 5)  # of the 7 there are
    assert "2 small marks were not looked at: more than writing has" in read(two_lines()).warnings


def test_blurred_picture_is_told() -> None:
    blurred = np.asarray(cv2.GaussianBlur(two_lines(), (0, 0), 4), np.uint8)
    assert any("blurred" in warning for warning in read(blurred).warnings)


def test_image_in_mnist_form_goes_to_the_recogniser_as_it_is() -> None:
    (glyph,) = read(on_paper(page((120, 120), ("4", 30, 20, 80)))).glyphs
    image = np.where(glyph.image > 50, glyph.image, 0).astype(np.uint8)  # 20 pixels high, as MNIST's are
    assert is_mnist_form(image)
    again = read(image)
    assert again.lines == ("4",)
    np.testing.assert_array_equal(again.glyphs[0].image, image)
    assert again.glyphs[0].probability == float(recognise(image[None]).max())
    assert again.glyphs[0].box == cv2.boundingRect(image)
    assert [step.name for step in again.ink.steps] == ["form"]
    in_colour = read(np.stack([image] * 3, axis=-1))  # as many programs save it
    np.testing.assert_array_equal(in_colour.glyphs[0].image, image)
