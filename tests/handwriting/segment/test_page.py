"""Pages written here, read by a recogniser that knows the writing by heart."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.handwriting.segment.written import STROKES, as_ink, draw, page, recognise, row

from inkwise.handwriting.segment import Glyph, segment_page
from inkwise.handwriting.segment.page import digit_score

Coverage = NDArray[np.uint8]


def lines_of(coverage: Coverage) -> list[list[Glyph]]:
    return segment_page(as_ink(coverage), recognise).lines


def glyphs_of(coverage: Coverage) -> list[Glyph]:
    return [glyph for line in lines_of(coverage) for glyph in line]


def texts(coverage: Coverage) -> list[str]:
    return ["".join(str(glyph.probabilities.argmax()) for glyph in line) for line in lines_of(coverage)]


def three_lines() -> Coverage:
    rows = [("314", 20.0, 20.0), ("15926", 30.0, 110.0), ("53", 10.0, 200.0)]
    return page((300, 420), *(digit for text, x, y in rows for digit in row(text, at=(x, y))))


@pytest.mark.parametrize("label", list(STROKES))
def test_each_digit_alone_is_one_glyph(label: str) -> None:
    assert texts(page((120, 120), (label, 30, 20, 80))) == [label]


def test_digits_are_read_in_lines_from_left_to_right() -> None:
    assert texts(three_lines()) == ["314", "15926", "53"]


@pytest.mark.parametrize("degrees", [-12, -5, 5, 12])
def test_tilted_page_has_the_same_lines(degrees: float) -> None:
    room = np.pad(three_lines(), 60)
    turn = cv2.getRotationMatrix2D((room.shape[1] / 2, room.shape[0] / 2), degrees, 1)
    assert texts(cv2.warpAffine(room, turn, room.shape[::-1])) == ["314", "15926", "53"]


def test_digits_of_other_heights_stay_in_line() -> None:
    digits = [("2", 20, 20, 90), ("0", 110, 50, 55), ("3", 180, 30, 70), ("6", 250, 10, 80)]
    assert texts(page((140, 340), *digits)) == ["2036"]


def test_moved_page_has_moved_boxes_and_nothing_else() -> None:
    here, there = glyphs_of(three_lines()), glyphs_of(np.pad(three_lines(), ((9, 0), (33, 12))))
    for glyph, moved in zip(here, there, strict=True):
        x, y, width, height = glyph.box
        assert moved.box == (x + 33, y + 9, width, height)
        np.testing.assert_array_equal(moved.image, glyph.image)
        np.testing.assert_array_equal(moved.probabilities, glyph.probabilities)


def test_box_of_a_glyph_is_that_of_its_ink() -> None:
    coverage = page((120, 120), ("4", 30, 20, 80))
    x, y, width, height = lines_of(coverage)[0][0].box
    assert (x, y, width, height) == cv2.boundingRect((coverage >= 64).astype(np.uint8))


@pytest.mark.parametrize("gap", [4, 8, 12])
def test_bar_apart_from_its_five_belongs_to_it(gap: int) -> None:
    coverage = page((120, 400), *row("2", at=(20, 30)))
    body, bar = STROKES["5"]
    draw(coverage, [body], at=(110, 30), height=60)
    draw(coverage, [bar], at=(110 + gap, 30 - gap), height=60)
    assert texts(coverage) == ["25"]


def test_four_in_two_strokes_is_one_digit() -> None:
    coverage = page((120, 300), *row("31", at=(20, 30)))
    corner, stem = STROKES["4"]
    draw(coverage, [[(x - 0.14, y) for x, y in corner[:2]] + [(0.3, 0.62)]], at=(130, 30), height=60)
    draw(coverage, [stem], at=(134, 30), height=60)
    assert texts(coverage) == ["314"]


def test_digit_in_dashes_is_one_glyph() -> None:
    coverage = page((120, 120), ("3", 30, 20, 80))
    coverage[:, 38:41] = coverage[45:48] = coverage[80:83] = 0
    assert texts(coverage) == ["3"]


@pytest.mark.parametrize(("label", "breaks"), [("0", ((52, 26),)), ("3", ((60, 24),)), ("8", ((42, 24),))])
def test_digit_alone_in_far_apart_pieces_is_one_glyph(
    label: str, breaks: tuple[tuple[int, int], ...]
) -> None:
    coverage = page((130, 130), (label, 35, 20, 90))
    for top, height in breaks:
        coverage[top : top + height] = 0
    assert texts(coverage) == [label]


def test_two_digits_alone_are_not_taken_for_pieces() -> None:
    assert texts(page((120, 160), *row("71", at=(30, 20)))) == ["71"]
    assert texts(page((220, 120), ("7", 30, 20, 70), ("3", 30, 120, 70))) == ["7", "3"]


@pytest.mark.parametrize("text", ["23", "56", "2026"])
def test_touching_digits_are_separated(text: str) -> None:
    coverage = page((100, 300), *row(text, gap=-4))
    count, _ = cv2.connectedComponents((coverage > 127).astype(np.uint8))
    assert count - 1 < len(text)
    glyphs = glyphs_of(coverage)
    assert "".join(str(glyph.probabilities.argmax()) for glyph in glyphs) == text
    assert any(glyph.is_cut for glyph in glyphs)


def test_wide_digit_is_not_cut() -> None:
    wide = [[(x * 2.2, y) for x, y in stroke] for stroke in STROKES["2"]]
    coverage = np.zeros((100, 200), np.uint8)
    draw(coverage, wide, at=(30, 20), height=60)
    assert texts(coverage) == ["2"]


def test_specks_and_dots_are_no_glyphs() -> None:
    coverage = page((120, 400), *row("407", at=(30, 30)))
    for x, y in ((10, 10), (300, 60), (360, 100), (200, 112)):
        cv2.circle(coverage, (x, y), 4, 255, -1, cv2.LINE_AA)
    assert texts(coverage) == ["407"]


def test_blank_page_has_no_lines() -> None:
    assert lines_of(np.zeros((50, 60), np.uint8)) == []


def test_texture_is_given_up_after_a_sample() -> None:
    generator = np.random.default_rng(5)
    coverage = np.zeros((900, 900), np.uint8)
    for corner in np.stack(np.meshgrid(*2 * [np.arange(10, 880, 35)]), axis=-1).reshape(-1, 1, 2):
        ends = corner + generator.integers(0, 22, (4, 2))
        cv2.polylines(coverage, [ends.astype(np.int32)], False, 255, 3, cv2.LINE_AA)
    asked: list[int] = []

    def counting(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.append(len(images))
        return recognise(images)

    found = segment_page(as_ink(coverage), counting)
    assert found.lines == []
    assert found.num_left_out > 300
    assert sum(asked) < 100


def test_score_falls_with_what_no_digit_has() -> None:
    sure, unsure = np.full(10, 0.01, np.float32), np.full(10, 0.06, np.float32)
    sure[3], unsure[3] = 0.91, 0.46
    whole = digit_score(sure, width=0.7, height=1.0)
    # log((0.91 - 0.1) / 0.9) = log 0.9, times the weight of 2.5
    assert whole == pytest.approx(2.5 * np.log(0.9), abs=1e-5)
    assert digit_score(unsure, width=0.7, height=1.0) < whole
    assert digit_score(sure, width=2.0, height=1.0) < whole
    assert digit_score(sure, width=0.3, height=0.3) < whole
