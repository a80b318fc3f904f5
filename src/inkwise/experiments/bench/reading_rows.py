"""What `inkwise bench reading` puts on paper: a row of the table each, MNIST's test digits drawn again.

Every picture comes from a digit (or digits) and a generator alone, so that anybody gets the same pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.synthesis.camera import Camera
from inkwise.handwriting.synthesis.page import Layout, write_page
from inkwise.handwriting.synthesis.paper import Paper
from inkwise.handwriting.synthesis.pen import Pen
from inkwise.handwriting.synthesis.picture import put_ink
from inkwise.handwriting.synthesis.redrawn import redraw
from inkwise.handwriting.synthesis.shapes.points import Chance

GOAL, GOAL_THIN, GOAL_STRINGS = 0.97, 0.93, 0.93
STRING_LENGTHS = (3, 10)
_SIDE = 280  # pixels of a picture of one digit: ten times MNIST's
_SHIFT = 3  # pixels of 28, of the row off-centre

Image = NDArray[np.uint8]  # (28, 28), MNIST's form
Pixels = NDArray[np.uint8]  # (H, W) or (H, W, 3)
DrawDigit = Callable[[Image, np.random.Generator], Pixels]
DrawString = Callable[[list[tuple[Image, int]], np.random.Generator], Pixels]


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: for scripts.
        title: for people.
        goal: the share of digits to be read right.
        draw_digit: makes a picture of one digit; None for strings.
        draw_string: makes a picture of several; None for one.
    """

    name: str
    title: str
    goal: float
    draw_digit: DrawDigit | None = None
    draw_string: DrawString | None = None


def as_it_is(image: Image, _: np.random.Generator) -> Pixels:
    """Return the image, light on black."""
    return image


def black_on_white(image: Image, _: np.random.Generator) -> Pixels:
    """Return the image with black ink on white."""
    return ~image


def white_paper(image: Image, _: np.random.Generator) -> Pixels:
    """Return the digit ten times as large on white."""
    return ~_centred(redraw(image, unit_px=_SIDE * 20 / 28))


def corner(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a digit a fifth of the picture high, near one of its corners."""
    tile = redraw(image, unit_px=_SIDE / 5)
    free = np.array((_SIDE, _SIDE)) - tile.shape
    away = generator.integers(6, 20, 2)
    return ~_placed(tile, np.where(generator.random(2) < 0.5, away, free - away))


def small_centred(image: Image, _: np.random.Generator) -> Pixels:
    """Return a digit a fifth of the picture high, in its middle."""
    return ~_centred(redraw(image, unit_px=_SIDE / 5))


def fills(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a picture that ends a few pixels beside the digit's ink."""
    return ~np.pad(redraw(image, unit_px=200), int(generator.integers(1, 5)))


def off_centre(image: Image, generator: np.random.Generator) -> Pixels:
    """Return the image, light on black, moved by three pixels up or down and to a side; no ink is cut off."""
    rows, columns = np.nonzero(image)
    moved = image
    for axis, where in ((0, rows), (1, columns)):
        free = (int(where.min()), 27 - int(where.max()))
        is_back = free[0] > free[1] if min(free) < _SHIFT else generator.random() < 0.5
        step = -min(_SHIFT, free[0]) if is_back else min(_SHIFT, free[1])
        moved = np.roll(moved, step, axis=axis)
    return moved


def thin_pen(image: Image, _: np.random.Generator) -> Pixels:
    """Return the digit with a line of two pixels, a hundredth of its height."""
    return ~_centred(redraw(image, unit_px=200, stroke_px=2))


def fat_marker(image: Image, _: np.random.Generator) -> Pixels:
    """Return the digit with a line a fifth as wide as the digit is high."""
    return ~_centred(redraw(image, unit_px=_SIDE * 20 / 28, stroke_px=_SIDE * 4 / 28))


def photo(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a small digit, off centre, on grey paper, with noise."""
    return _photographed(image, generator)


def photo_gradient(image: Image, generator: np.random.Generator) -> Pixels:
    """Return the same under light that falls off to a side."""
    return _photographed(image, generator, camera=replace(_CAMERA, gradient=0.5))


def ruled(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a digit on ruled paper."""
    return _photographed(image, generator, paper=replace(_PAPER, ruling="ruled", spacing=1.4, contrast=0.8))


def squared(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a digit on squared paper."""
    return _photographed(
        image, generator, paper=replace(_PAPER, ruling="squared", spacing=0.55, contrast=0.6)
    )


def shadow(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a digit with a shadow's edge across the paper."""
    return _photographed(image, generator, camera=replace(_CAMERA, shadow=0.45))


def perspective(image: Image, generator: np.random.Generator) -> Pixels:
    """Return a digit on paper seen at an angle and turned a little."""
    turn = Chance(generator).between(-0.12, 0.12)
    return _photographed(image, generator, camera=replace(_CAMERA, perspective=0.12, turn=turn))


def string_spaced(digits: list[tuple[Image, int]], generator: np.random.Generator) -> Pixels:
    """Return digits side by side, apart."""
    return _string(digits, generator, touching=0.0)


def string_touching(digits: list[tuple[Image, int]], generator: np.random.Generator) -> Pixels:
    """Return digits side by side, half of them touching the next."""
    return _string(digits, generator, touching=0.5)


_PAPER = Paper(colour=(172.0, 170.0, 165.0), grain=2.0, clouds=2.0)
_CAMERA = Camera(noise=7.0, colour_noise=3.0, blur_px=0.9, jpeg_quality=80)
_PEN = Pen("ballpoint", 0.1, 0.85, (45.0, 45.0, 60.0), grain=0.05, skips=0.0)


def _photographed(
    image: Image, generator: np.random.Generator, *, paper: Paper = _PAPER, camera: Camera = _CAMERA
) -> Pixels:
    u = Chance(generator)
    unit_px = u.between(70, 110)
    tile = redraw(image, unit_px=unit_px, stroke_px=_PEN.width * unit_px)
    # Far enough from the border that perspective leaves it whole.
    free = np.array((_SIDE, _SIDE)) - tile.shape
    truth = _placed(tile, free * generator.uniform(0.2, 0.8, 2))
    scene = paper.lay((_SIDE, _SIDE), generator, unit_px=unit_px)
    put_ink(scene, truth, _PEN, generator=generator)
    return camera.photograph(scene, truth, generator).pixels


def _string(digits: list[tuple[Image, int]], generator: np.random.Generator, *, touching: float) -> Pixels:
    layout = Layout(unit_px=70, gap=(0.12, 0.45), touching=touching)
    page = write_page(
        [digits], generator, layout=layout, pen=_PEN, paper=_PAPER, camera=replace(_CAMERA, gradient=0.2)
    )
    return page.pixels


def _centred(tile: Pixels) -> Pixels:
    return _placed(tile, (np.array((_SIDE, _SIDE)) - tile.shape) / 2)


def _placed(tile: Pixels, corner: NDArray[np.float64]) -> Pixels:
    """Return a black picture with the tile's upper left corner at `corner` (row, column)."""
    top, left = np.round(corner).astype(int).clip(0)
    canvas = np.zeros((_SIDE, _SIDE), dtype=np.uint8)
    canvas[top : top + tile.shape[0], left : left + tile.shape[1]] = tile[: _SIDE - top, : _SIDE - left]
    return canvas


ROWS: tuple[Row, ...] = (
    Row("mnist", "MNIST test as it is", GOAL, as_it_is),
    Row("black-on-white", "black ink on white", GOAL, black_on_white),
    Row("white-paper", "right size, on white", GOAL, white_paper),
    Row("corner", "small, in a corner", GOAL, corner),
    Row("small-centred", "small, in the middle", GOAL, small_centred),
    Row("fills", "fills the canvas", GOAL, fills),
    Row("off-centre", "off centre by 3 of 28", GOAL, off_centre),
    Row("thin-pen", "thin pen", GOAL_THIN, thin_pen),
    Row("fat-marker", "fat marker", GOAL, fat_marker),
    Row("photo", "photo: grey paper, small", GOAL, photo),
    Row("photo-gradient", "photo, lit from one side", GOAL, photo_gradient),
    Row("ruled", "photo of ruled paper", GOAL, ruled),
    Row("squared", "photo of squared paper", GOAL, squared),
    Row("shadow", "photo with a shadow", GOAL, shadow),
    Row("perspective", "photo at an angle", GOAL, perspective),
    Row("string", "3 to 10 digits, apart", GOAL_STRINGS, draw_string=string_spaced),
    Row("string-touching", "3 to 10 digits, touching", GOAL_STRINGS, draw_string=string_touching),
)
