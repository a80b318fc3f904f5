"""Any kind of picture as upright pixels, by values worked out by hand, and every bad picture's message."""

import io
import math
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inkwise.errors import DataError, HandwritingError, ShapeError
from inkwise.handwriting.picture import GOOD_PIXELS, LEAST_PIXELS, MOST_PIXELS, load_picture


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int, *, colour_type: int = 0) -> tuple[bytes, bytes]:
    """Return what stands before and after the pixels of a PNG that claims this size; 0 is grey, 2 RGB."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header), png_chunk(b"IEND", b"")


def marked(width: int = 48, height: int = 32) -> Image.Image:
    """Return a white picture with a black upper left corner."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((0, 0, 0), (0, 0, 16, 16))
    return image


def strokes(colour: tuple[int, ...]) -> Image.Image:
    """Return two strokes of one colour on nothing."""
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    drawing = ImageDraw.Draw(image)
    drawing.line([(10, 5), (10, 35)], fill=colour, width=4)
    drawing.line([(30, 5), (50, 35)], fill=colour, width=4)
    return image


def contrast(pixels: np.ndarray) -> int:
    """Return by how many grey levels the stroke of strokes() differs from the ground of its picture."""
    grey = pixels.astype(int).mean(axis=2)
    return int(abs(grey[20, 10] - grey[20, 1]))


class TestForms:
    def test_small_picture_keeps_its_pixels_and_colours(self) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
        picture = load_picture(encode(Image.fromarray(pixels)))
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert (picture.reduction, picture.name) == (1.0, "picture")

    def test_grey_picture_stays_grey(self) -> None:
        assert load_picture(encode(Image.new("L", (40, 30), 7))).pixels.shape == (30, 40)

    def test_path_gives_the_name(self, tmp_path: Path) -> None:
        marked().save(tmp_path / "sum.png")
        assert load_picture(tmp_path / "sum.png").name == str(tmp_path / "sum.png")
        assert load_picture(tmp_path / "sum.png", name="mine").name == "mine"

    def test_path_bytes_image_and_array_are_one_picture(self, tmp_path: Path) -> None:
        image = marked()
        image.save(tmp_path / "a.png")
        sources = [tmp_path / "a.png", str(tmp_path / "a.png"), encode(image), image, np.asarray(image)]
        for source in sources:
            np.testing.assert_array_equal(load_picture(source).pixels, np.asarray(image))

    def test_array_with_one_channel_or_fractions_is_grey(self) -> None:
        grey = np.full((20, 30), 51, np.uint8)
        np.testing.assert_array_equal(load_picture(grey[..., None]).pixels, grey)
        np.testing.assert_array_equal(load_picture(grey / 255).pixels, grey)  # 51 is 0.2 of 255

    def test_palette_keeps_its_colours(self) -> None:
        pixels = load_picture(encode(Image.new("RGB", (20, 20), (200, 30, 40)).quantize(4))).pixels
        assert np.abs(pixels[0, 0].astype(int) - (200, 30, 40)).max() <= 4

    def test_16_bits_are_divided_by_257(self) -> None:
        deep = Image.fromarray(np.full((20, 20), 257 * 9, np.uint16))
        assert np.unique(load_picture(encode(deep)).pixels).tolist() == [9]

    def test_black_and_white_becomes_0_and_255(self) -> None:
        image = Image.new("1", (20, 20), 1)
        image.putpixel((3, 3), 0)
        assert np.unique(load_picture(encode(image, "TIFF")).pixels).tolist() == [0, 255]

    def test_cmyk_jpeg_is_seen_as_on_paper(self) -> None:
        raw = encode(marked(64, 64).convert("CMYK"), "JPEG", quality=95)
        pixels = load_picture(raw).pixels
        assert pixels.shape == (64, 64, 3)
        assert pixels[8, 8].max() < 20
        assert pixels[50, 50].min() > 235

    def test_phone_photo_with_a_preview_is_its_first_frame(self) -> None:
        """Phones write MPO: a JPEG with further pictures behind it."""
        raw = encode(marked(), "MPO", save_all=True, append_images=[Image.new("RGB", (16, 16))], quality=95)
        assert load_picture(raw).pixels.shape == (32, 48, 3)

    def test_animated_picture_of_one_frame_is_read(self) -> None:
        assert load_picture(encode(Image.new("L", (20, 20), 90), "GIF")).pixels.max() == 90


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_every_exif_orientation_stands_upright(self, orientation: int) -> None:
        """Stored turned the other way round and marked so, the corner comes back to the upper left."""
        undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
        stored = marked() if undo is None else marked().transpose(Image.Transpose(undo))
        exif = Image.Exif()
        exif[0x0112] = orientation
        pixels = load_picture(encode(stored, "JPEG", exif=exif, quality=95)).pixels
        assert pixels.shape == (32, 48, 3)
        assert pixels[8, 8].max() < 20
        assert pixels[28, 44].min() > 235

    def test_tiff_orientation_is_applied_once(self) -> None:
        raw = encode(marked().transpose(Image.Transpose.ROTATE_90), "TIFF", tiffinfo={0x0112: 6})
        assert load_picture(raw).pixels.shape == (32, 48, 3)
        assert load_picture(raw).pixels[8, 8].max() == 0

    @pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
    def test_damaged_exif_counts_as_none(self) -> None:
        raw = encode(marked(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + bytes(20), quality=95)
        assert load_picture(raw).pixels.shape == (32, 48, 3)


class TestTransparency:
    @pytest.mark.parametrize("colour", [(255, 255, 255, 255), (0, 0, 0, 255), (250, 240, 90, 255)])
    def test_strokes_on_nothing_are_seen(self, colour: tuple[int, ...]) -> None:
        assert contrast(load_picture(encode(strokes(colour))).pixels) > 150

    def test_strokes_half_transparent_are_seen(self) -> None:
        assert contrast(load_picture(encode(strokes((255, 255, 255, 128)))).pixels) > 100
        assert contrast(load_picture(encode(strokes((0, 0, 0, 128)))).pixels) > 100

    def test_dark_strokes_lie_on_white(self) -> None:
        assert load_picture(encode(strokes((20, 20, 90, 255)))).pixels[0, 0].tolist() == [255, 255, 255]

    def test_page_with_transparent_corners_gets_its_own_paper(self) -> None:
        """A light page that is mostly opaque must not get black corners."""
        image = Image.new("RGBA", (60, 40), (240, 235, 220, 255))
        ImageDraw.Draw(image).line([(20, 5), (20, 35)], fill=(0, 0, 0, 255), width=6)
        image.paste((0, 0, 0, 0), (0, 0, 8, 8))
        assert load_picture(encode(image)).pixels[2, 2].tolist() == [240, 235, 220]

    def test_wholly_transparent_picture_is_blank(self) -> None:
        pixels = load_picture(encode(Image.new("RGBA", (20, 20), (9, 9, 9, 0)))).pixels
        assert np.unique(pixels).tolist() == [255]

    def test_opaque_alpha_changes_nothing(self) -> None:
        np.testing.assert_array_equal(
            load_picture(encode(marked().convert("RGBA"))).pixels, np.asarray(marked())
        )


class TestReduction:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_phone_photo_becomes_smaller_by_the_stated_factor(self, kind: str) -> None:
        """Black from 800 to 1600 and 400 to 1000 of 4032x3024: found there again times the reduction."""
        image = Image.new("RGB", (4032, 3024), "white")
        image.paste((0, 0, 0), (800, 400, 1600, 1000))
        picture = load_picture(encode(image, kind, **({"quality": 90} if kind == "JPEG" else {})))
        height, width = picture.pixels.shape[:2]
        assert LEAST_PIXELS <= height * width <= MOST_PIXELS
        rows, columns = np.nonzero(picture.pixels[..., 0] < 128)
        edges = np.array([columns.min(), columns.max() + 1, rows.min(), rows.max() + 1]) * picture.reduction
        np.testing.assert_allclose(edges, [800, 1600, 400, 1000], atol=picture.reduction)

    def test_jpeg_is_decoded_at_half_its_size(self) -> None:
        picture = load_picture(encode(Image.new("L", (4032, 3024), 200), "JPEG"))
        assert (picture.pixels.shape, picture.reduction) == ((1512, 2016), 2.0)

    def test_turned_photo_keeps_its_reduction(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture = load_picture(encode(Image.new("L", (4032, 3024), 200), "JPEG", exif=exif))
        assert (picture.pixels.shape, picture.reduction) == ((2016, 1512), 2.0)

    @pytest.mark.parametrize("size", [(2617, 1999), (5001, 1013), (1013, 5001), (2401, 1801)])
    def test_reduced_pixels_stay_inside_the_original(self, size: tuple[int, int]) -> None:
        for kind in ("PNG", "JPEG"):
            picture = load_picture(encode(Image.new("L", size, 200), kind))
            height, width = picture.pixels.shape
            assert width * picture.reduction <= size[0]
            assert height * picture.reduction <= size[1]
            assert height * picture.reduction == pytest.approx(size[1], rel=0.002)
            assert height * width <= MOST_PIXELS

    def test_turned_tiff_keeps_its_reduction(self) -> None:
        """Stored 4000 wide and 2000 high, seen 2000 wide and 4000 high: 8 million pixels become 3."""
        raw = encode(Image.new("L", (4000, 2000), 200), "TIFF", tiffinfo={0x0112: 6})
        picture = load_picture(raw)
        assert picture.pixels.shape[0] == pytest.approx(2 * picture.pixels.shape[1], abs=2)
        assert picture.reduction == pytest.approx(math.sqrt(8e6 / GOOD_PIXELS), rel=0.002)

    def test_large_array_is_reduced_too(self) -> None:
        picture = load_picture(np.full((3000, 4000), 200, np.uint8))
        assert math.prod(picture.pixels.shape) == pytest.approx(GOOD_PIXELS, rel=0.01)
        assert picture.reduction == pytest.approx(2.0)

    def test_large_transparent_drawing_keeps_its_strokes(self) -> None:
        image = strokes((255, 255, 255, 255)).resize((3000, 2000), Image.Resampling.NEAREST)
        pixels = load_picture(encode(image)).pixels
        assert contrast(np.asarray(Image.fromarray(pixels).resize((60, 40)))) > 150


class TestRefusals:
    @pytest.mark.parametrize("size", [(1, 1), (3, 50), (50, 2)])
    def test_few_pixels_are_refused(self, size: tuple[int, int]) -> None:
        message = rf"dot: {size[0]}x{size[1]} pixels, expected at least 4x4 to read writing; take a larger"
        with pytest.raises(HandwritingError, match=message):
            load_picture(encode(Image.new("L", size)), name="dot")

    def test_thread_of_pixels_is_refused(self) -> None:
        with pytest.raises(
            HandwritingError, match=r"60000x10 pixels, expected a side at most 100 times the other; cut the"
        ):
            load_picture(encode(Image.new("L", (60_000, 10))))

    @pytest.mark.parametrize("side", [7_100, 9_600, 30_000])
    def test_bomb_is_refused_by_its_header(self, side: int) -> None:
        with pytest.raises(DataError, match=r"b\.png: .* pixels, expected at most 50,000,000 in all; make"):
            load_picture(b"".join(png_header(side, side)), name="b.png")

    def test_pictures_in_memory_are_judged_too(self) -> None:
        with pytest.raises(DataError, match="8000x7000 pixels, expected at most 50,000,000 in all"):
            load_picture(np.zeros((7000, 8000), np.uint8))
        frames = [Image.new("L", (20, 20), value) for value in (0, 100)]
        with (
            Image.open(
                io.BytesIO(encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
            ) as image,
            pytest.raises(DataError, match="picture: 2 frames, expected one still picture"),
        ):
            load_picture(image)

    @pytest.mark.skipif(sys.platform == "win32", reason="resource limits are Unix's")
    def test_bomb_does_not_fill_the_memory(self, tmp_path: Path) -> None:
        """13,000x13,000 black pixels pack into 2 MB and take 676 MB: it is refused in less than that."""
        rows = zlib.compressobj(1)
        packed = b"".join(rows.compress(bytes(1000 * (1 + 3 * 13_000))) for _ in range(13)) + rows.flush()
        header, end = png_header(13_000, 13_000, colour_type=2)
        (tmp_path / "bomb.png").write_bytes(header + png_chunk(b"IDAT", packed) + end)
        program = (
            "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (600_000_000,) * 2);"
            "from inkwise.handwriting.picture import load_picture; load_picture(sys.argv[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "bomb.png")],
            capture_output=True, text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        assert "bomb.png: 13000x13000 pixels, expected at most 50,000,000 in all" in done.stderr

    def test_truncated_jpeg_is_refused(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
        (tmp_path / "cut.jpg").write_bytes(encode(Image.fromarray(noise), "JPEG")[:3000])
        with pytest.raises(
            DataError,
            match=r"cut\.jpg: cannot be decoded \(image file is truncated.*expected a whole picture, check",
        ):
            load_picture(tmp_path / "cut.jpg")

    def test_animation_is_refused(self) -> None:
        frames = [Image.new("L", (20, 20), value) for value in (0, 100)]
        raw = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
        with pytest.raises(DataError, match="2 frames, expected one still picture; save one frame as PNG"):
            load_picture(raw)

    def test_tiff_of_nan_is_refused(self) -> None:
        raw = encode(Image.fromarray(np.full((20, 20), np.nan, np.float32)), "TIFF")
        with pytest.raises(DataError, match="floating point pixels, expected 8 or 16 bits; save it as PNG"):
            load_picture(raw)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"%PDF-1.7\n%\xe2\xe3", "a PDF, expected PNG, JPEG or the like; save the page as PNG"),
            (b"\0\0\0\x24ftypheic\0\0\0\0mif1", "a HEIC photo, expected PNG, .*; export it as JPEG"),
            (b"\n<svg xmlns='http://www.w3.org/2000/svg'>", "an SVG drawing, .*; export it as PNG"),
            (b"", "an empty file, .*; take another copy"),
            (b"hello", "no picture that Pillow can read; expected PNG, JPEG or the like, check or remove"),
        ],
    )
    def test_foreign_file_says_what_it_is(self, content: bytes, message: str, tmp_path: Path) -> None:
        (tmp_path / "x.png").write_bytes(content)
        with pytest.raises(DataError, match=rf"x\.png: {message}"):
            load_picture(tmp_path / "x.png")

    def test_postscript_is_refused_before_ghostscript_runs(self) -> None:
        raw = encode(marked(), "EPS")
        with pytest.raises(DataError, match="PostScript, expected PNG, JPEG or the like; save it as PNG"):
            load_picture(raw)

    def test_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="a folder, expected a picture; give the files in it"):
            load_picture(tmp_path)

    def test_missing_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"none\.png: cannot be decoded \(No such file or directory\)"):
            load_picture(tmp_path / "none.png")

    @pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
    def test_link_to_itself_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.png").symlink_to(tmp_path / "a.png")
        with pytest.raises(
            DataError, match=r"a\.png: cannot be decoded \(Too many levels of symbolic links\)"
        ):
            load_picture(tmp_path / "a.png")

    @pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
    def test_pipe_and_device_are_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.png")
        for path in (tmp_path / "pipe.png", Path("/dev/zero")):
            with pytest.raises(
                DataError, match="a pipe or device, expected a picture file; save the picture"
            ):
                load_picture(path)

    @pytest.mark.parametrize("shape", [(3, 28, 28), (28,), (2, 28, 28, 3), (0, 10), (10, 10, 2)])
    def test_array_of_another_shape_is_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(
            ShapeError, match=r"picture: an array of shape \(.*\), expected one picture: \(H, W\)"
        ):
            load_picture(np.zeros(shape, np.uint8))

    def test_array_of_nan_is_refused(self) -> None:
        with pytest.raises(
            ShapeError, match="from nan to nan, expected whole numbers from 0 to 255 or floats"
        ):
            load_picture(np.full((20, 20), np.nan))
