"""find_ink on drawn pictures, where every pixel's truth is known."""

import cv2
import numpy as np
import pytest
from tests.handwriting.drawn import grainy, overlap, ring, seven, shaded

from inkwise.handwriting.ink import drop_debris, fill_blots, find_ink, has_light_ink, ink_mask, stroke_width

TRUTH = seven() < 137


def test_ink_of_clean_drawing_is_the_drawing() -> None:
    ink = find_ink(seven())
    assert overlap(ink.coverage, TRUTH) > 0.9
    assert not ink.is_light_on_dark
    assert ink.stroke_px == pytest.approx(9, abs=2)


def test_ink_of_negative_is_the_same() -> None:
    dark, light = find_ink(seven()), find_ink(~seven())
    assert light.is_light_on_dark
    np.testing.assert_array_equal(light.coverage, dark.coverage)


@pytest.mark.parametrize("least", [0.75, 0.5, 0.35])
def test_light_that_falls_off_leaves_the_writing(least: float) -> None:
    picture = shaded(seven(), least=least)
    assert overlap(find_ink(picture).coverage, TRUTH) > 0.85
    global_threshold, _ = cv2.threshold(picture, 0, 255, cv2.THRESH_OTSU)
    if least == 0.35:  # the picture on which one threshold for all of it fails
        assert overlap(((picture <= global_threshold) * 255).astype(np.uint8), TRUTH) < 0.5


def test_hard_shadow_is_no_ink() -> None:
    picture = seven(240)
    picture[:, 150:] = (picture[:, 150:] * 0.6).astype(np.uint8)
    coverage = find_ink(picture).coverage
    assert overlap(coverage, seven(240) < 137) > 0.8
    assert not coverage[:, 175:].any()


@pytest.mark.parametrize("degrees", [60, 120, 150, 210, 240])
def test_line_across_the_edge_of_a_shadow_is_found_whole(degrees: int) -> None:
    lit = seven(280, stroke_px=10, paper=170, ink=60)
    y, x = np.mgrid[:280, :280] / 280 - 0.5
    across = x * np.cos(np.radians(degrees)) + y * np.sin(np.radians(degrees))
    shadowed = lit * (1 - 0.45 / (1 + np.exp(-60 * across)))
    ink = find_ink(grainy(shadowed.astype(np.uint8), spread=7))
    assert overlap(ink.coverage, lit < 110) > 0.9
    assert ink.stroke_px == pytest.approx(find_ink(grainy(lit, spread=7)).stroke_px, abs=2)


def test_grain_of_paper_is_no_ink() -> None:
    assert overlap(find_ink(grainy(seven(), spread=12)).coverage, TRUTH) > 0.85


@pytest.mark.parametrize(
    ("paper", "pen"),
    [((250, 190, 200), (40, 50, 190)), ((200, 210, 90), (20, 70, 110)), ((30, 60, 40), (230, 225, 235))],
    ids=["blue on pink", "teal on yellow", "chalk on a blackboard"],
)
def test_colours_do_not_matter(paper: tuple[int, int, int], pen: tuple[int, int, int]) -> None:
    is_ink = (seven() < 137)[..., None]
    picture = np.where(is_ink, np.uint8(pen), np.uint8(paper)).astype(np.uint8)
    assert overlap(find_ink(picture).coverage, TRUTH) > 0.9


def test_red_on_green_of_equal_grey_is_found() -> None:
    """Their luma is the same to a level, so grey alone shows nothing: 0.299 R + 0.587 G + 0.114 B."""
    paper, pen = np.uint8((60, 150, 80)), np.uint8((230, 65, 78))
    picture = np.where((seven() < 137)[..., None], pen, paper).astype(np.uint8)
    grey = picture @ np.array([0.299, 0.587, 0.114])
    assert np.ptp(grey) < 3
    assert overlap(find_ink(picture).coverage, TRUTH) > 0.9


@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_page_holds_no_ink(value: int) -> None:
    ink = find_ink(np.full((90, 120), value, np.uint8))
    assert not ink.coverage.any()
    assert ink.stroke_px == 0
    assert "Nothing stands out" in ink.steps[-1].text


def test_blank_page_of_grain_holds_no_ink() -> None:
    page = grainy(np.full((300, 300), 200, np.uint8), spread=8)
    assert not find_ink(page).coverage.any()


@pytest.mark.parametrize("shape", [(2, 2), (1, 40), (40, 1), (3, 500)])
def test_tiny_picture_of_any_shape_is_answered(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    assert find_ink(picture).coverage.shape == shape


def test_specks_are_dropped_and_strokes_apart_are_kept() -> None:
    """A 5 whose bar stands apart: the bar is 60 long; the speck has 5 pixels and lies far off."""
    picture = np.full((200, 200), 240, np.uint8)
    cv2.ellipse(picture, (100, 130), (35, 35), 0, -90, 140, 30, 8)
    cv2.line(picture, (105, 60), (165, 60), 30, 8)
    cv2.circle(picture, (20, 20), 2, 30, -1)
    ink = find_ink(picture)
    assert ink.coverage[60, 135] > 200
    assert not ink.coverage[10:30, 10:30].any()
    assert any(step.name == "debris" and "Specks left out: 1;" in step.text for step in ink.steps)


def test_mark_along_the_edge_is_dropped() -> None:
    picture = seven()
    picture[:, :5] = 60
    ink = find_ink(picture)
    assert not ink.coverage[:, :5].any()
    assert overlap(ink.coverage, TRUTH) > 0.85


def test_fat_stroke_in_a_tiny_picture_is_filled() -> None:
    picture = np.zeros((28, 28), np.uint8)
    cv2.line(picture, (14, 4), (14, 23), 255, 7)
    coverage = find_ink(picture).coverage
    assert (coverage[6:22, 12:17] == 255).all()


def test_tight_crop_of_a_broad_stroke_is_found_whole() -> None:
    """A 1 of a marker, cut out to its edges: 24 of 34 columns are ink."""
    picture = np.full((200, 34), 255, np.uint8)
    cv2.line(picture, (17, 16), (17, 183), 0, 24)
    ink = find_ink(picture)
    assert ink.coverage.shape == picture.shape
    assert overlap(ink.coverage, picture < 128) > 0.9


def test_blot_wider_than_the_pen_is_filled_and_a_loop_is_not() -> None:
    mask = np.zeros((60, 120), np.bool_)
    mask[10:50, 10:50] = mask[10:50, 70:110] = True
    mask[16:44, 16:44] = mask[16:44, 76:104] = False
    channel = np.where(mask, 30, 230).astype(np.float32)
    channel[16:44, 16:44] = 40  # as dark as the ink around it
    filled = fill_blots(mask, channel, 200.0)
    assert filled[30, 30]
    assert not filled[30, 90]


def test_polarity_of_sheet_on_a_dark_table_is_that_of_the_writing() -> None:
    table = np.full((400, 400), 40, np.uint8)
    table[60:340, 70:330] = 225
    cv2.putText(table, "27", (130, 230), cv2.FONT_HERSHEY_SIMPLEX, 3, 60, 5)
    assert not has_light_ink(table)


def test_stroke_width_of_bar_is_its_width() -> None:
    mask = np.zeros((40, 100), np.bool_)
    mask[10:17, 5:95] = True
    assert stroke_width(mask) == 7
    assert stroke_width(np.zeros((5, 5), np.bool_)) == 0


def test_stroke_width_is_not_outvoted_by_specks() -> None:
    mask = np.zeros((100, 200), np.bool_)
    mask[10:19, 5:95] = True
    mask[40::6, ::6] = True  # 340 specks of one pixel beside 82 pixels of the middle of a bar 9 wide
    assert stroke_width(mask) == 9


def test_faint_end_of_a_line_goes_with_its_strong_beginning() -> None:
    """Hysteresis: 0.4 of the level alone is no ink, joined to a line it is."""
    strength = np.zeros((40, 60), np.float32)
    strength[10:13, 5:30] = 100
    strength[10:13, 30:50] = 40
    strength[30:33, 5:50] = 40
    mask, level = ink_mask(strength, grain=0.0)
    assert level == pytest.approx(100)
    assert mask[11, 5:50].all()
    assert not mask[30:33].any()


def test_debris_keeps_grain_beside_a_line() -> None:
    mask = np.zeros((60, 60), np.bool_)
    mask[20:24, 5:50] = True
    mask[27, 20] = True  # three pixels from the line: broken pencil
    mask[55, 55] = True  # alone
    kept, num_specks, num_edges = drop_debris(mask, 4.0)
    assert kept[27, 20]
    assert not kept[55, 55]
    assert (num_specks, num_edges) == (1, 0)


def test_moved_writing_gives_moved_ink() -> None:
    page = np.full((400, 400), 235, np.uint8)
    page[100:300, 50:250] = ring()
    moved = np.full((400, 400), 235, np.uint8)
    moved[130:330, 90:290] = ring()
    here, there = find_ink(page).coverage, find_ink(moved).coverage
    difference = np.abs(here[100:300, 50:250].astype(int) - there[130:330, 90:290])
    assert difference.mean() < 1
