import numpy as np
import pytest

from inkwise.handwriting.synthesis.character import Character, cover
from inkwise.handwriting.synthesis.outliers import NO_DIGIT, outlier_tile
from inkwise.handwriting.synthesis.shapes.hand import Hand
from inkwise.handwriting.synthesis.shapes.letters import LETTERS
from inkwise.handwriting.synthesis.shapes.points import Shape
from inkwise.handwriting.synthesis.shapes.scribbles import SCRIBBLES
from inkwise.handwriting.synthesis.strokes import write, write_digit


def _draw_digit(generator: np.random.Generator) -> tuple[Character, int]:
    label = int(generator.integers(10))
    return write_digit(label, generator), label


@pytest.mark.parametrize("seed", range(30))
def test_outliers_are_tiles_with_ink(seed: int) -> None:
    generator = np.random.default_rng(seed)
    tile = outlier_tile(generator, lambda: _draw_digit(generator), unit_px=50, stroke_px=4)
    assert tile.dtype == np.uint8
    assert tile.any()
    assert max(tile.shape) < 150


def test_same_seed_draws_the_same_outlier() -> None:
    tiles = []
    for _ in range(2):
        generator = np.random.default_rng(4)
        tiles.append(outlier_tile(generator, lambda g=generator: _draw_digit(g), unit_px=50, stroke_px=4))
    np.testing.assert_array_equal(*tiles)


@pytest.mark.parametrize("shape", [*LETTERS, *SCRIBBLES], ids=lambda shape: shape.__name__)
def test_every_letter_and_scribble_can_be_drawn(shape: Shape) -> None:
    for seed in range(4):
        generator = np.random.default_rng(seed)
        writing = write(shape, generator, hand=Hand.draw(generator), label=NO_DIGIT)
        tile = cover(writing, unit_px=60, stroke_px=4)
        assert tile.sum() > 255 * 20
        assert max(tile.shape) < 60 * 2
