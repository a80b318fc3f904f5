from itertools import pairwise

import cv2
import numpy as np
import pytest
from tests.handwriting.synthesis.given_digits import count_pieces, given_digits

from inkwise.errors import HandwritingError
from inkwise.handwriting.synthesis.camera import Camera
from inkwise.handwriting.synthesis.page import Layout, WrittenPage, write_page
from inkwise.handwriting.synthesis.strokes import Writing, write_digit


def _digits(text: str, seed: int = 0) -> list[tuple[Writing, int]]:
    generator = np.random.default_rng(seed)
    shapes = {1: "one_long_flag", 5: "five_one_stroke", 0: "zero_round"}
    return [(write_digit(int(d), generator, shape=shapes.get(int(d))), int(d)) for d in text]


def _page(
    *lines: str, layout: Layout | None = None, camera: Camera | None = None, seed: int = 0
) -> WrittenPage:
    return write_page(
        [_digits(line, seed) for line in lines], np.random.default_rng(seed), layout=layout, camera=camera
    )


def test_lines_say_what_was_written() -> None:
    assert _page("1729", "50").lines == ("1729", "50")


def test_every_digit_has_a_box_in_reading_order() -> None:
    page = _page("312", "50")
    assert [len(line) for line in page.boxes] == [3, 2]
    assert [box[0] for box in page.boxes[0]] == sorted(box[0] for box in page.boxes[0])
    assert page.boxes[0][0][1] < page.boxes[1][0][1]


@pytest.mark.parametrize("camera", [None, Camera(turn=0.1, perspective=0.05)])
@pytest.mark.parametrize("touching", [0.0, 1.0])
def test_boxes_hold_all_ink_and_no_more(camera: Camera | None, touching: float) -> None:
    for seed in range(4):
        page = _page("3705", "2018", layout=Layout(touching=touching), camera=camera, seed=seed)
        ink = page.truth > 140
        inside = np.zeros_like(ink)
        for x, y, width, height in (box for line in page.boxes for box in line):
            inside[y : y + height, x : x + width] = True
            cut = ink[y : y + height, x : x + width]
            # Its ink reaches every side of the box, but for the rounding of a picture that was turned.
            assert cut[:3].any()
            assert cut[-3:].any()
            assert cut[:, :3].any()
            assert cut[:, -3:].any()
        assert not (ink & ~inside).any()


def test_spaced_digits_are_pieces_of_their_own() -> None:
    page = _page("3705", layout=Layout(gap=(0.2, 0.3)))
    assert count_pieces(page.truth) >= 4
    edges = [(x, x + width) for x, _, width, _ in page.boxes[0]]
    assert all(end < start for (_, end), (start, _) in pairwise(edges))


def test_touching_digits_are_one_piece() -> None:
    for seed in range(6):
        page = _page("3056", layout=Layout(touching=1.0, unevenness=0.0), seed=seed)
        assert count_pieces(page.truth) == 1, seed


def test_ink_on_the_picture_is_darker_than_its_paper() -> None:
    page = _page("84")
    grey = cv2.cvtColor(page.pixels, cv2.COLOR_RGB2GRAY)
    assert grey[page.truth == 255].max() < 60
    assert grey[page.truth == 0].min() == 255


def test_given_images_are_written_too() -> None:
    images, labels = given_digits(4)
    line = [(image, int(label)) for image, label in zip(images, labels, strict=True)]
    page = write_page([line], np.random.default_rng(0), layout=Layout(unit_px=40))
    assert page.lines == ("0123",)
    # Their drawing was about 16 of MNIST's 20 pixels high.
    assert all(24 <= height <= 44 for _, _, _, height in page.boxes[0])


def test_same_seed_writes_the_same_page() -> None:
    first, second = (_page("42", camera=Camera(noise=5, jpeg_quality=60)) for _ in range(2))
    np.testing.assert_array_equal(first.pixels, second.pixels)


def test_page_without_digits_is_refused() -> None:
    with pytest.raises(HandwritingError, match="lines holds no digit, expected at least one"):
        write_page([[]], np.random.default_rng(0))
