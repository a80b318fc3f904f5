"""The rules from any picture to 28x28 grey, by values worked out by hand, and every bad picture's message."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkwise.data.formats.picture import as_uint8, decode_grey, decode_image, fit_image, fit_images
from inkwise.errors import DataError, ShapeError


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims this size, with no pixels behind it."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    )


def test_decode_28x28_is_left_alone() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    np.testing.assert_array_equal(decode_image(encode(Image.fromarray(pixels))), pixels)


def test_grey_is_itu_601_luma() -> None:
    """0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2."""
    assert decode_grey(encode(Image.new("RGB", (2, 2), (200, 100, 50)))).tolist() == [[124, 124]] * 2


def test_transparency_is_laid_on_white() -> None:
    """Black at half cover: 255 * (1 - 128 / 255) = 127; fully transparent black is white."""
    half = encode(Image.new("RGBA", (2, 2), (0, 0, 0, 128)))
    none = encode(Image.new("LA", (2, 2), (0, 0)))
    assert decode_grey(half).tolist() == [[127, 127]] * 2
    assert decode_grey(none).tolist() == [[255, 255]] * 2


def test_transparent_palette_is_laid_on_white() -> None:
    image = Image.new("P", (2, 2), 0)
    image.putpalette([10, 10, 10, 20, 20, 20])
    image.putpixel((0, 0), 1)
    assert decode_grey(encode(image, transparency=0)).tolist() == [[20, 255], [255, 255]]


def test_16_bits_are_divided_by_257() -> None:
    pixels = np.array([[0, 65535], [257 * 7, 257 * 7 + 129]], np.uint16)
    assert decode_grey(encode(Image.fromarray(pixels))).tolist() == [[0, 255], [7, 8]]


def test_black_and_white_becomes_0_and_255() -> None:
    image = Image.new("1", (2, 2), 0)
    image.putpixel((1, 0), 1)
    assert decode_grey(encode(image)).tolist() == [[0, 255], [0, 0]]


def test_exif_orientation_is_applied() -> None:
    """Orientation 3 is a half turn, so the marked corner moves to the opposite one."""
    pixels = np.zeros((16, 16), np.uint8)
    pixels[:8, :8] = 255
    exif = Image.Exif()
    exif[0x0112] = 3
    turned = decode_grey(encode(Image.fromarray(pixels), "JPEG", exif=exif, quality=100))
    assert turned[12, 12] > 250
    assert turned[3, 3] < 5


def test_fit_wide_picture_is_centred_on_border_grey() -> None:
    """56x28 shrinks to 28x14: rows 7 to 20 hold the picture, the rest its border's median, 90."""
    grey = np.full((28, 56), 90, np.uint8)
    grey[8:20, 16:40] = 200
    fitted = fit_image(grey)
    assert set(np.unique(fitted[:7])) == set(np.unique(fitted[21:])) == {90}
    assert fitted[14, 14] == 200


def test_fit_fills_with_median_not_extremes_of_border() -> None:
    """Of the border's 56 + 56 + 26 + 26 values, the 57 in the top row and corner differ from 90."""
    grey = np.full((28, 56), 90, np.uint8)
    grey[0] = 10
    grey[-1, 0] = 250
    assert np.unique(fit_image(grey)[:7]).tolist() == [90]


def test_fit_never_leaves_own_range() -> None:
    grey = np.random.default_rng(1).integers(40, 61, (13, 9), np.uint8)
    fitted = fit_image(grey)
    assert fitted.shape == (28, 28)
    assert fitted.min() >= 40
    assert fitted.max() <= 60


def test_fit_flipped_is_flipped_fit() -> None:
    grey = np.random.default_rng(2).integers(0, 256, (40, 20), np.uint8)
    np.testing.assert_allclose(fit_image(grey[:, ::-1])[:, ::-1].astype(int), fit_image(grey), atol=1)


def test_fit_images_equals_fit_of_each() -> None:
    images = np.random.default_rng(3).integers(0, 256, (3, 16, 12), np.uint8)
    np.testing.assert_array_equal(fit_images(images), [fit_image(image) for image in images])
    np.testing.assert_array_equal(fit_images(images[..., None]), fit_images(images))
    same = np.repeat(images[..., None], 3, axis=3)  # equal colours: luma is that grey
    np.testing.assert_array_equal(fit_images(same), fit_images(images))


def test_fit_images_wrong_shape_says_expected() -> None:
    with pytest.raises(ShapeError, match=r"uint8 of shape \(2, 3\), expected uint8 .* \(N, H, W\)"):
        fit_images(np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1)])
def test_one_pixel_image_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(
        DataError, match=r"dot\.png: \d+x\d+ pixels, expected at least 2x2; remove or replace"
    ):
        decode_image(encode(Image.new("L", size)), name="dot.png")


def test_30000_squared_is_refused_by_header() -> None:
    with pytest.raises(DataError, match=r"big\.png: 900,000,000 pixels, expected at most 50,000,000 in all"):
        decode_image(png_header(30_000, 30_000), name="big.png")


@pytest.mark.parametrize("side", [7_100, 9_600])
def test_over_own_limit_is_refused_by_header(side: int) -> None:
    """50.4 million pixels lie below Pillow's own limits, 92.2 million between its warning and its error."""
    with pytest.raises(
        DataError, match="pixels, expected at most 50,000,000 in all; make the picture smaller"
    ):
        decode_image(png_header(side, side))


def test_animated_gif_is_refused() -> None:
    frames = [Image.new("L", (8, 8), value) for value in (0, 100, 200)]
    raw = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(
        DataError, match=r"a\.gif: 3 frames, expected one still picture; save one frame as PNG"
    ):
        decode_image(raw, name="a.gif")


def test_still_gif_is_read() -> None:
    assert decode_grey(encode(Image.new("L", (8, 8), 100), "GIF")).tolist() == [[100] * 8] * 8


def test_truncated_picture_names_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    (tmp_path / "cut.png").write_bytes(encode(Image.fromarray(noise))[:2000])
    with pytest.raises(DataError, match=r"cut\.png: cannot be decoded \(.*; expected a whole picture"):
        decode_image(tmp_path / "cut.png")


def test_no_picture_names_file(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    with pytest.raises(DataError, match=r"text\.png: no picture that Pillow can read; expected PNG, JPEG"):
        decode_image(tmp_path / "text.png")


def test_missing_picture_names_file(tmp_path: Path) -> None:
    missing = (
        r"absent\.png: cannot be decoded \(No such file or directory\); expected a picture, check the path"
    )
    with pytest.raises(DataError, match=missing):
        decode_image(tmp_path / "absent.png")


def test_float_picture_is_refused() -> None:
    with pytest.raises(DataError, match="floating point pixels, expected 8 or 16 bits"):
        decode_grey(encode(Image.new("F", (4, 4)), "TIFF"))


def test_32_bit_picture_past_16_bits_is_refused() -> None:
    with pytest.raises(DataError, match="pixels from 70000 to 70000, expected 0 to 65535"):
        decode_grey(encode(Image.new("I", (4, 4), 70000), "TIFF"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.array([0, 255], np.int64), [0, 255]),
        (np.array([0.0, 255.0]), [0, 255]),
        (np.array([0.0, 0.5, 1.0], np.float32), [0, 128, 255]),
        (np.array([True, False]), [255, 0]),
    ],
)
def test_as_uint8_by_stated_rule(given: np.ndarray, expected: list[int]) -> None:
    assert as_uint8(given, name="x").tolist() == expected


def test_as_uint8_undoes_to_tensor_exactly() -> None:
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(as_uint8(every.astype(np.float32) / np.float32(255), name="x"), every)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.array([0, 256]), "x: pixels of type int64 from 0 to 256, expected whole numbers from 0 to 255"),
        (np.array([-1.0, 1.0]), "from -1 to 1, .* undo the normalisation first"),
        (np.array([0.5, 2.0]), "from 0.5 to 2, expected whole numbers"),
        (np.array([0.0, np.nan]), "from nan to nan"),
        (np.array(["a"]), "pixels of type <U1, expected uint8"),
    ],
)
def test_as_uint8_other_scales_are_refused(given: np.ndarray, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        as_uint8(given, name="x")
