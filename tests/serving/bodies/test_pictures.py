"""What a picture would cost is known before it is decoded."""

import io

import numpy as np
import pytest
from PIL import Image

from inkwise.errors import DataError
from inkwise.serving.bodies.parts import Part
from inkwise.serving.bodies.pictures import check_pictures
from inkwise.serving.problems import ProblemError


def file(kind: str, *, side: int = 20, frames: int = 1) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.fromarray(np.full((side, side), grey, np.uint8)) for grey in range(frames)]
    words = {"save_all": True, "append_images": rest} if rest else {}
    first.save(out, kind, **words)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM", "TGA", "ICO"])
def test_still_pictures_pass(kind: str) -> None:
    check_pictures([Part("a", file(kind, side=16))], pixels=256)


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_moving_picture_is_refused(kind: str) -> None:
    with pytest.raises(
        DataError, match="a: several frames, expected one still picture; save one frame as PNG"
    ):
        check_pictures([Part("a", file(kind, frames=3))], pixels=10**6)


def test_pixels_of_all_pictures_count() -> None:
    parts = [Part(name, file("PNG", side=100)) for name in "abc"]
    check_pictures(parts, pixels=30_000)
    with pytest.raises(ProblemError, match="c: 30,000 pixels with those before it, expected at most 29,999"):
        check_pictures(parts, pixels=29_999)


def test_format_that_is_slow_to_decode_may_be_small_alone() -> None:
    out = io.BytesIO()
    Image.new("1", (1104, 1000)).save(out, "MSP")
    with pytest.raises(ProblemError, match=r"a: 1104x1000 pixels as MSP, expected at most 1,000,000 of that"):
        check_pictures([Part("a", out.getvalue())], pixels=10**9)


def test_what_is_no_picture_is_left_to_the_decoder() -> None:
    check_pictures([Part("a", b"hello")], pixels=1)
