"""One picture of any kind -> grey -> 28x28, by rules stated here and nowhere else.

Grey: the EXIF orientation is applied; transparency is laid on white; colour becomes luma by ITU-R 601
(0.299 R + 0.587 G + 0.114 B, Pillow's mode L); 16-bit values are divided by 257. Light and dark stay as
they are: nothing is inverted.
28x28: a picture of that size is left alone. Any other is scaled as a whole, keeping its shape, until its
longer side is 28 (Pillow's BILINEAR, a triangle filter widened over the source pixels, so it smooths when
shrinking and never leaves the picture's own range), and centred; the rest takes the median grey of its
border.
"""

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import printable
from inkwise.errors import DataError, InkwiseError, ShapeError

MAX_PIXELS = 50_000_000  # above a 48-megapixel camera; refused by the header, before any pixel is decoded
MIN_SIDE = 2
_EXPECTED = "expected PNG, JPEG or the like"
_ORIENTATION = 0x0112  # Exif 2.32, section 4.6.4: tag 274
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FOREIGN = {  # what people take for a picture, by its first bytes, and the way to one
    rb"%PDF": "a PDF, {expected}; save the page as PNG",
    rb".{4}ftyp(hei|hev|mif|msf)": "a HEIC photo, {expected}; export it as JPEG",
    rb"\s*<(\?xml|svg)": "an SVG drawing, {expected}; export it as PNG",
    rb"$": "an empty file, {expected}; take another copy",
}
RESIZE_NOTE = "scaled as a whole to a longer side of 28 (bilinear), centred on the median grey of its border"

GreyImage = NDArray[np.uint8]
"""(H, W) uint8, one grey channel."""


def decode_image(source: str | os.PathLike[str] | bytes, *, name: str | None = None) -> GreyImage:
    """Return the picture in a file as (28, 28) uint8, by the rules above.

    Args:
        source: a path, or the file's bytes.
        name: what error messages call it; None means the path.
    Raises:
        DataError: missing, no picture, damaged, animated, over MAX_PIXELS, or a side under 2 pixels.
    """
    name = name or ("image bytes" if isinstance(source, bytes) else printable(source))
    return fit_image(decode_grey(source, name=name), name=name)


def decode_grey(source: str | os.PathLike[str] | bytes, *, name: str = "image") -> GreyImage:
    """Return the picture in a file as (H, W) uint8 at its own size.

    Args and Raises: as decode_image.
    """
    with open_picture(source, name=name) as image:
        turn = exif_turn(image)
        return grey_from_pil(image if turn is None else image.transpose(turn), name=name)


@contextmanager
def open_picture(source: str | os.PathLike[str] | bytes, *, name: str = "image") -> Iterator[Image.Image]:
    """Give the one still picture in a file, judged by its header, to the block that will decode its pixels.

    Args:
        source: a path, or the file's bytes.
        name: what error messages call it.
    Raises:
        DataError: no ordinary file, no picture, animated, over MAX_PIXELS; or, of the block, damaged.
    """
    with clear_errors(name):
        if not isinstance(source, bytes):
            _check_ordinary(Path(source), name=name)
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            try:
                image = Image.open(file)
            except UnidentifiedImageError as error:
                raise DataError(f"{name}: {_foreign(file)}") from error
            with image:
                check_header(image, name=name)
                yield image


@contextmanager
def clear_errors(name: str) -> Iterator[None]:
    """Turn whatever Pillow raises in the block into a DataError that names the picture."""
    try:
        yield
    except InkwiseError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        found = re.search(r"\d+", str(error))  # Pillow's words: "Image size (900000000 pixels) exceeds ..."
        raise DataError(f"{name}: {_too_large(f'{int(found[0]):,}' if found else 'more')}") from error
    except FileNotFoundError as error:
        reason = error.strerror
        raise DataError(
            f"{name}: cannot be decoded ({reason}); expected a picture, check the path"
        ) from error
    except Exception as error:  # a damaged file makes Pillow's plugins raise almost anything
        reason = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
        raise DataError(
            f"{name}: cannot be decoded ({reason}); expected a whole picture, check or remove the file"
        ) from error


def check_header(image: Image.Image, *, name: str) -> None:
    """Refuse a picture that is too large, moves, or would run another program, before a pixel is decoded.

    Raises:
        DataError: over MAX_PIXELS, several frames, or PostScript.
    """
    if image.width * image.height > MAX_PIXELS:
        raise DataError(f"{name}: {_too_large(f'{image.width}x{image.height}')}")
    if image.format == "EPS":  # Pillow would start Ghostscript on it
        raise DataError(f"{name}: PostScript, {_EXPECTED}; save it as PNG")
    frames = getattr(image, "n_frames", 1)
    # A phone's JPEG (MPO) carries its previews and depth maps as further frames: the first is the photo.
    if frames > 1 and image.format != "MPO":
        raise DataError(f"{name}: {frames} frames, expected one still picture; save one frame as PNG")


def exif_turn(image: Image.Image) -> Image.Transpose | None:
    """Return how image must be turned to stand upright, None for not at all; damaged Exif counts as none.

    The picture is decoded, for Pillow turns some TIFF files by itself on the way.
    """
    image.load()
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # Exif is decoration: a photo whose pixels are whole is read without it
        return None


def fit_image(grey: GreyImage, *, name: str = "image") -> GreyImage:
    """Return grey ((H, W) uint8) as (28, 28) uint8: scaled until its longer side is 28, and centred.

    Raises:
        DataError: a side is shorter than 2 pixels.
    """
    height, width = grey.shape
    if (height, width) == (IMAGE_SIZE, IMAGE_SIZE):
        return grey
    if min(height, width) < MIN_SIDE:
        raise DataError(
            f"{name}: {width}x{height} pixels, expected at least {MIN_SIDE}x{MIN_SIDE}; remove or replace it"
        )
    scale = IMAGE_SIZE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BILINEAR))
    fitted = np.full((IMAGE_SIZE, IMAGE_SIZE), _border_grey(grey), np.uint8)
    top, left = (IMAGE_SIZE - size[1]) // 2, (IMAGE_SIZE - size[0]) // 2
    fitted[top : top + size[1], left : left + size[0]] = small
    return fitted


def fit_images(images: NDArray[np.uint8], *, name: str = "images") -> NDArray[np.uint8]:
    """Return a stack of pictures as (N, 28, 28) uint8, each by the rules above.

    Args:
        images: (N, H, W), (N, H, W, 1) or (N, H, W, 3) uint8; (N, 28, 28) is given back as it is.
    Raises:
        ShapeError: another type or shape.
        DataError: a side is shorter than 2 pixels.
    """
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]  # (N, H, W)
    is_colour = images.ndim == 4 and images.shape[3] == 3
    if images.dtype != np.uint8 or not (images.ndim == 3 or is_colour):
        raise ShapeError(
            f"{name}: images are {images.dtype} of shape {images.shape}, expected uint8 (0 to 255) of shape "
            "(N, H, W), (N, H, W, 1) or (N, H, W, 3); convert them first"
        )
    if images.shape[1:] == (IMAGE_SIZE, IMAGE_SIZE):
        return images
    fitted = np.empty((len(images), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    for index, image in enumerate(images):
        grey = np.asarray(Image.fromarray(image).convert("L")) if is_colour else np.asarray(image)
        fitted[index] = fit_image(grey, name=f"{name}, image {index}")
    return fitted


def as_uint8(images: NDArray[Any], *, name: str) -> NDArray[np.uint8]:
    """Return numbers of any type as uint8 pixels.

    Whole numbers from 0 to 255 stay as they are, also as floats; booleans become 0 and 255; floats from
    0 to 1, ToTensor's scale, are multiplied by 255 and rounded.

    Args:
        images: any shape.
    Raises:
        ShapeError: no numbers, or values outside 0 to 255, NaN, or fractions on another scale.
    """
    if images.dtype == np.uint8:
        return images
    if images.dtype == np.bool_:
        return images.astype(np.uint8) * np.uint8(255)
    if images.dtype.kind not in "iuf":
        raise ShapeError(f"{name}: pixels of type {images.dtype}, expected uint8 from 0 to 255; convert them")
    low, high = (images.min(), images.max()) if images.size else (0, 0)
    is_fraction = images.dtype.kind == "f" and high <= 1
    if not (low >= 0 and high <= 255) or not (is_fraction or np.all(images == np.floor(images))):
        raise ShapeError(
            f"{name}: pixels of type {images.dtype} from {low:g} to {high:g}, "
            "expected whole numbers from 0 to 255 or floats from 0 to 1; undo the normalisation first"
        )
    pixels: NDArray[np.uint8] = np.rint(images * (255 if is_fraction else 1)).astype(np.uint8)
    return pixels


def grey_from_pil(image: Image.Image, *, name: str = "image") -> GreyImage:
    """Return a Pillow image as (H, W) uint8, by the rules above.

    Raises:
        DataError: floating point pixels, or 32-bit ones past 65535.
    """
    if image.mode == "F":
        raise DataError(f"{name}: floating point pixels, expected 8 or 16 bits; save it as PNG")
    if image.mode == "I" or image.mode.startswith("I;"):
        return _from_16_bits(np.asarray(image), name=name)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    elif image.mode not in ("1", "L", "RGB"):
        image = image.convert("RGB")
    return np.asarray(image.convert("L"))


def _check_ordinary(path: Path, *, name: str) -> None:
    """Refuse what is no file: opening a pipe would wait for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{name}: a folder, expected a picture; give the files in it")
    if not stat.S_ISREG(mode):
        raise DataError(f"{name}: a pipe or device, expected a picture file; save the picture first")


def _foreign(file: IO[bytes]) -> str:
    file.seek(0)
    head = file.read(64)
    for pattern, words in _FOREIGN.items():
        if re.match(pattern, head, re.DOTALL):
            return words.format(expected=_EXPECTED)
    return f"no picture that Pillow can read; {_EXPECTED}, check or remove the file"


def _from_16_bits(pixels: NDArray[Any], *, name: str) -> GreyImage:
    low, high = int(pixels.min()), int(pixels.max())
    if low < 0 or high > 65535:
        raise DataError(f"{name}: pixels from {low} to {high}, expected 0 to 65535; save it with 16 bits")
    # A table and not arithmetic: 65535 = 255 * 257, so 0..255 exactly, without wide copies of the picture.
    table = ((np.arange(65536) + 128) // 257).astype(np.uint8)
    grey: GreyImage = table[pixels]
    return grey


def _border_grey(grey: GreyImage) -> int:
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    return int(np.median(border))


def _too_large(given: str) -> str:
    return f"{given} pixels, expected at most {MAX_PIXELS:,} in all; make the picture smaller"
