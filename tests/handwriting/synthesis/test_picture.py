from collections.abc import Callable

import numpy as np
import pytest

from inkwise.handwriting.synthesis.character import Tile, cover
from inkwise.handwriting.synthesis.pen import Pen
from inkwise.handwriting.synthesis.picture import (
    Shot,
    clean_drawing,
    mouse_drawing,
    photo_crop,
    put_ink,
    small_scan,
    take_picture,
)
from inkwise.handwriting.synthesis.strokes import write_digit

KINDS = [mouse_drawing, clean_drawing, photo_crop, small_scan]
SEEDS = range(12)


def _draw_tile(seed: int) -> Callable[[float, float, bool], Tile]:
    writing = write_digit(3, np.random.default_rng(seed), shape="three_round")
    return lambda unit_px, stroke_px, is_smooth: cover(
        writing, unit_px=unit_px, stroke_px=stroke_px, is_smooth=is_smooth
    )


def _shot(kind: Callable[..., Shot], seed: int) -> Shot:
    return kind(_draw_tile(seed), np.random.default_rng(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_come_with_a_truth_of_their_size(kind: Callable[..., Shot]) -> None:
    for seed in SEEDS:
        shot = _shot(kind, seed)
        assert shot.pixels.dtype == shot.truth.dtype == np.uint8
        assert shot.pixels.shape[:2] == shot.truth.shape
        assert shot.truth.max() > 30


@pytest.mark.parametrize("kind", KINDS)
def test_ink_differs_from_the_paper_beside_it(kind: Callable[..., Shot]) -> None:
    for seed in SEEDS:
        shot = _shot(kind, seed)
        grey = shot.pixels if shot.pixels.ndim == 2 else shot.pixels.mean(axis=2)
        ink = shot.truth > 0.7 * shot.truth.max()
        assert abs(float(np.median(grey[ink])) - float(np.median(grey[shot.truth == 0]))) > 8


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_takes_the_same_picture(kind: Callable[..., Shot]) -> None:
    np.testing.assert_array_equal(_shot(kind, 3).pixels, _shot(kind, 3).pixels)


def test_small_scans_are_28_pixels_a_side() -> None:
    assert {_shot(small_scan, seed).pixels.shape for seed in SEEDS} == {(28, 28)}


def test_most_mouse_drawings_are_28_pixels_a_side_and_without_grey() -> None:
    shots = [_shot(mouse_drawing, seed) for seed in range(40)]
    assert sum(shot.pixels.shape == (28, 28) for shot in shots) > 20
    assert sum(len(np.unique(shot.pixels)) == 2 for shot in shots) > 20


@pytest.mark.parametrize("kind", [mouse_drawing, clean_drawing])
def test_drawings_come_in_either_polarity(kind: Callable[..., Shot]) -> None:
    grounds = [float(np.median(_shot(kind, seed).pixels)) for seed in range(20)]
    assert min(grounds) < 60
    assert max(grounds) > 195


def test_photos_come_grey_and_in_colour() -> None:
    assert {_shot(photo_crop, seed).pixels.ndim for seed in SEEDS} == {2, 3}


def test_some_photos_end_right_beside_the_digit() -> None:
    margins = []
    for seed in range(30):
        rows, columns = np.nonzero(_shot(photo_crop, seed).truth > 127)
        margins.append(min(rows.min(), columns.min()) / np.ptp(rows))
    assert min(margins) < 0.05
    assert max(margins) > 0.3


def test_any_picture_may_be_any_kind() -> None:
    shapes = {take_picture(_draw_tile(seed), np.random.default_rng(seed)).pixels.shape for seed in range(30)}
    assert (28, 28) in shapes
    assert len(shapes) > 5


def test_ink_too_pale_for_the_paper_is_made_darker() -> None:
    scene = np.full((20, 20, 3), 90, dtype=np.float32)
    pale = Pen("ballpoint", 0.1, 1.0, (80.0, 80.0, 80.0), 0.0, 0.0)
    put_ink(scene, np.full((20, 20), 255, dtype=np.uint8), pale, generator=np.random.default_rng(0))
    assert scene.max() <= 90 - 34
