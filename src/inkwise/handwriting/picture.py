"""A picture of writing, of any kind, as upright pixels of a size that can be worked on.

What files are taken, and how 16 bits, palettes and EXIF are understood, is decided in
inkwise.data.formats.picture. Here a picture keeps its colours, transparency gets the ground on which its
strokes are seen, and a large photo is decoded small.
"""

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.formats.paths import IMAGE_SUFFIXES, printable
from inkwise.data.formats.picture import (
    as_uint8,
    check_header,
    clear_errors,
    exif_turn,
    grey_from_pil,
    open_picture,
)
from inkwise.errors import HandwritingError, ShapeError

# HEIC and PDF cannot be read, and yet are pages somebody wants read: that is said of each.
SUFFIXES = IMAGE_SUFFIXES | {".heic", ".heif", ".pdf"}
MIN_SIDE = 4  # pixels; a 1 cut out tightly may be this narrow
MAX_ELONGATION = 100  # a line of 60 digits is about 45 times as long as it is high
# A 12-megapixel photo becomes 2016x1512: a pen line on it is still some 5 pixels wide.
LEAST_PIXELS = 1600 * 1200  # JPEG is decoded at 1/2, 1/4 or 1/8 while this much is left
MOST_PIXELS = 2400 * 1800  # above it any picture is scaled down to ...
GOOD_PIXELS = 2000 * 1500  # ... this
_LIGHT = 128

Source = str | os.PathLike[str] | bytes | Image.Image | NDArray[Any]


@dataclass(frozen=True)
class Picture:
    """A picture as it is read.

    Attributes:
        pixels: (H, W) grey or (H, W, 3) RGB uint8, upright, nothing transparent.
        reduction: pixels of the upright original per pixel here, >= 1; times x + width it stays inside.
        name: what messages call it.
    """

    pixels: NDArray[np.uint8]
    reduction: float
    name: str


def load_picture(source: Source, *, name: str | None = None) -> Picture:
    """Return the picture in source: upright, laid on paper where it is transparent, small enough to work on.

    Args:
        source: a path; a file's bytes; a Pillow image; or an array (H, W), (H, W, 1), (H, W, 3) RGB or
            (H, W, 4) RGBA of uint8, or of floats from 0 to 1.
        name: what messages call it; None means the path, or "picture".
    Raises:
        DataError: missing, no picture, damaged, animated, or over 50 million pixels.
        HandwritingError: too small or too long to hold a digit.
        ShapeError: an array of another shape or range.
    """
    if isinstance(source, np.ndarray):
        name = name or "picture"
        return _from_pil(_from_array(source, name=name), name=name)
    if isinstance(source, Image.Image):
        return _from_pil(source, name=name or "picture")
    name = name or ("picture" if isinstance(source, bytes) else printable(source))
    with open_picture(source, name=name) as image:
        _check_size(image.size, name=name)
        size = image.size
        times = math.sqrt(math.prod(size) / LEAST_PIXELS)
        image.draft(None, (max(1, int(size[0] / times)), max(1, int(size[1] / times))))  # JPEG alone knows it
        return _decode(image, size, name=name)


def _from_array(array: NDArray[Any], *, name: str) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]  # (H, W)
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or not array.size:
        raise ShapeError(
            f"{name}: an array of shape {array.shape}, expected one picture: (H, W), (H, W, 3) or (H, W, 4); "
            "give pictures one by one"
        )
    return Image.fromarray(np.ascontiguousarray(as_uint8(array, name=name)))


def _from_pil(image: Image.Image, *, name: str) -> Picture:
    with clear_errors(name):
        check_header(image, name=name)
        _check_size(image.size, name=name)
        return _decode(image, image.size, name=name)


def _decode(image: Image.Image, size: tuple[int, int], *, name: str) -> Picture:
    """Return image as a Picture; size is its width and height before it was decoded small."""
    turn = exif_turn(image)
    small = _shrink(_to_grey_or_colour(image, name=name))
    reduction = max(1.0, min(size[0] / small.width, size[1] / small.height))
    if turn is not None:
        small = small.transpose(turn)
    return Picture(_lay(small), reduction, name)


def _check_size(size: tuple[int, int], *, name: str) -> None:
    width, height = size
    if min(size) < MIN_SIDE:
        raise HandwritingError(
            f"{name}: {width}x{height} pixels, expected at least {MIN_SIDE}x{MIN_SIDE} to read writing; "
            "take a larger picture"
        )
    if max(size) > MAX_ELONGATION * min(size):
        raise HandwritingError(
            f"{name}: {width}x{height} pixels, expected a side at most {MAX_ELONGATION} times the other; "
            "cut the picture into parts"
        )


def _to_grey_or_colour(image: Image.Image, *, name: str) -> Image.Image:
    """Return image in mode L, RGB or, where something is transparent, RGBA."""
    if image.mode in ("F", "I", "1") or image.mode.startswith("I;"):
        return Image.fromarray(grey_from_pil(image, name=name))
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _shrink(image: Image.Image) -> Image.Image:
    times = math.sqrt(image.width * image.height / GOOD_PIXELS)
    if image.width * image.height <= MOST_PIXELS:
        return image
    size = (max(MIN_SIDE, round(image.width / times)), max(MIN_SIDE, round(image.height / times)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _lay(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of image; a transparent one is laid on a ground on which its writing is seen."""
    if image.mode != "RGBA":
        return np.asarray(image)
    ground = Image.new("RGBA", image.size, _ground(image))
    return np.asarray(Image.alpha_composite(ground, image).convert("RGB"))


def _ground(image: Image.Image) -> tuple[int, int, int]:
    """Return the colour for what lies under image (RGBA).

    Strokes on nothing get white, or black where the strokes are light. A page of which only corners are
    transparent, so that most is opaque and of more than one grey, gets the page's own median colour.
    """
    pixels = np.asarray(image)  # (H, W, 4)
    cover = pixels[..., 3].astype(np.float32) / 255
    luma = np.asarray(image.convert("RGB").convert("L"))
    opaque = cover >= 0.5
    if opaque.mean() > 0.5 and luma[opaque].std() > 16:
        red, green, blue = np.median(pixels[opaque][:, :3], axis=0)
        return int(red), int(green), int(blue)
    mean = float((luma * cover).sum() / max(float(cover.sum()), 1e-6))
    return (0, 0, 0) if mean >= _LIGHT else (255, 255, 255)
