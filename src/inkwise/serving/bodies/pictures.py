"""What a picture costs to decode, known from its first bytes: refused before a pixel is."""

import io

from PIL import Image, UnidentifiedImageError

from inkwise.data.formats.picture import clear_errors
from inkwise.errors import DataError
from inkwise.serving.bodies.parts import Part
from inkwise.serving.problems import ProblemError

# Pillow decodes these in C. The others' decoders are written in Python, a second for a million pixels.
_QUICK = {
    "PNG", "JPEG", "MPO", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "DIB", "PPM", "TGA", "JPEG2000", "PCX", "ICO",
}  # fmt: skip
_SLOW_PIXELS = 1_000_000
_COUNT_FRAMES = {"GIF", "TIFF"}  # by going through them all, of which a small file may have a million


def check_pictures(parts: list[Part], *, pixels: int) -> None:
    """Refuse pictures that are too large together, or that take long to look through.

    Args:
        parts: files; those that are no pictures are left to the decoder, which says what they are.
        pixels: the most, of all pictures together.
    Raises:
        ProblemError: 413, too many pixels.
        DataError: a moving picture.
    """
    total = 0
    for part in parts:
        total += _check_one(part)
        if total > pixels:
            raise ProblemError(
                413, f"{part.name}: {total:,} pixels with those before it, expected at most {pixels:,}; "
                "send it smaller, or in several requests"
            )  # fmt: skip


def _check_one(part: Part) -> int:
    """Return how many pixels a picture has, 0 where it is none."""
    with clear_errors(part.name):
        try:
            image = Image.open(io.BytesIO(part.content))
        except UnidentifiedImageError:
            return 0
        with image:
            num_pixels = image.width * image.height
            if image.format not in _QUICK and num_pixels > _SLOW_PIXELS:
                raise ProblemError(
                    413, f"{part.name}: {image.width}x{image.height} pixels as {image.format}, expected at "
                    f"most {_SLOW_PIXELS:,} of that format; save it as PNG"
                )  # fmt: skip
            if image.format in _COUNT_FRAMES and getattr(image, "is_animated", False):
                raise DataError(
                    f"{part.name}: several frames, expected one still picture; save one frame as PNG"
                )
            return num_pixels
