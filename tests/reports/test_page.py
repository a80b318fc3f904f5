"""What every page shares: nothing forgotten, nothing loaded, words escaped."""

import base64
import io

import numpy as np
import pytest
from jinja2 import UndefinedError
from PIL import Image

from inkwise.reports.page import picture_address, render_page


def test_page_forbids_itself_to_load_and_to_run_anything() -> None:
    page = render_page("page.html")
    assert "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\"" in page
    assert "prefers-color-scheme: dark" in page


def test_page_with_a_value_forgotten_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="is undefined"):
        render_page("report.html")


def test_picture_address_holds_the_pixels() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    kind, _, coded = picture_address(image).partition(",")
    assert kind == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(coded)))), image)
