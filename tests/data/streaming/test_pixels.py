"""The quick way of decoding gives what the careful one gives, and leaves to it all that is not plain."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from tests.data.formats.drawn import numbered, png

from inkwise.data.formats.picture import decode_image
from inkwise.data.streaming.pixels import decode_pixels, is_plain
from inkwise.errors import DataError

IMAGE = numbered(1)[0]


def saved(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, **{"format": "PNG", **options})
    return file.getvalue()


def test_plain_png_is_equal():
    for image in [*numbered(20), np.zeros((28, 28), np.uint8), np.eye(28, dtype=np.uint8) * 255]:
        assert is_plain(png(image))
        np.testing.assert_array_equal(decode_pixels(memoryview(png(image)), name="a"), image)


def test_what_is_not_plain_takes_the_careful_way():
    grey = Image.fromarray(IMAGE)
    turned = Image.Exif()
    turned[0x0112] = 6
    text = PngImagePlugin.PngInfo()
    text.add_text("a", "b")
    kinds = [
        saved(grey.convert("RGB")), saved(grey.convert("RGBA")), saved(grey.convert("P")),
        saved(grey.resize((20, 28))),
        saved(grey, exif=turned), saved(grey, pnginfo=text), saved(grey, transparency=int(IMAGE[0, 0])),
        saved(grey.convert("I;16")), saved(grey, format="JPEG"), saved(grey, format="BMP"),
    ]  # fmt: skip
    for raw in kinds:
        assert not is_plain(raw)
        np.testing.assert_array_equal(decode_pixels(raw, name="a"), decode_image(raw))


@pytest.mark.parametrize("cut", [0, 10, 45, 200])
def test_damaged_png_says_which(cut):
    with pytest.raises(DataError, match=r"shard 7, image 3: "):
        decode_pixels(png(IMAGE)[:cut], name="shard 7, image 3")


def test_png_with_damaged_pixels_says_which():
    raw = bytearray(png(IMAGE))
    raw[100:140] = bytes(40)
    with pytest.raises(DataError, match="a: cannot be decoded"):
        decode_pixels(bytes(raw), name="a")
