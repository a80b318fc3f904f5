"""JSON of images: whole numbers from 0 to 255 and nothing else."""

import json

import numpy as np
import pytest

from inkwise.serving.bodies.strict_json import parse_images
from inkwise.serving.problems import ProblemError

IMAGE = np.arange(784).reshape(28, 28) % 256


def document(images: object) -> bytes:
    return json.dumps({"images": images}).encode()


def test_pixels_arrive_as_they_were_sent() -> None:
    np.testing.assert_array_equal(
        parse_images(document(IMAGE.tolist()), most=1), IMAGE[None].astype(np.uint8)
    )


@pytest.mark.parametrize("images", [IMAGE.tolist(), [IMAGE.tolist()] * 2], ids=["one", "two"])
def test_numbers_may_come_alone(images: list) -> None:
    named, alone = parse_images(document(images), most=2), parse_images(json.dumps(images).encode(), most=2)
    np.testing.assert_array_equal(named, alone)


def test_whole_numbers_may_be_written_with_a_point() -> None:
    """JSON Schema calls 7.0 an integer too."""
    found = parse_images(document(IMAGE.astype(float).tolist()), most=1)
    np.testing.assert_array_equal(found[0], IMAGE)


def changed(value: object) -> object:
    rows = IMAGE.tolist()
    rows[3][5] = value
    return rows


BAD = {
    "256": (document(changed(256)), 422, r"pixels from 0 to 256, expected \{\"images\": N x 28 x 28 whole"),
    "-1": (document(changed(-1)), 422, "pixels from -1 to 255"),
    "fraction": (document(changed(0.5)), 422, "pixels from 0 to 255, expected"),
    "huge": (document(changed(10**30)), 422, "hold no numbers"),
    "endless": (document(changed(7.5)).replace(b"7.5", b"1e999"), 422, "pixels from 0 to inf"),
    "text": (document(changed("7")), 422, "hold no numbers"),
    "null": (document(changed(None)), 422, "hold no numbers"),
    "true": (document(changed(True)), 422, "hold true or false"),
    "list": (document(changed([1])), 422, "lists of unequal length"),
    "object": (document({"a": 1}), 422, r"images of shape \[\]"),
    "no image": (document([]), 422, r"images of shape \[0\]"),
    "27 rows": (document(IMAGE[:27].tolist()), 422, r"images of shape \[27, 28\]"),
    "unequal": (document([*IMAGE.tolist()[:27], [1, 2]]), 422, "lists of unequal length"),
    "too deep": (document([[IMAGE.tolist()]]), 422, r"images of shape \[1, 1, 28, 28\]"),
    "too many": (document([IMAGE.tolist()] * 3), 413, "3 images, expected at most 2; send several"),
    "a list": (b"[]", 422, r"images of shape \[0\]"),
    "a number": (b"7", 422, "a number, expected"),
    "null alone": (b"null", 422, "null, expected"),
    "other key": (b'{"image": 1}', 422, r"an object with the keys 'image', expected"),
    "further key": (b'{"images": 1, "name": 2}', 422, r"the keys 'images', 'name'"),
    "no key": (b"{}", 422, "an empty object, expected"),
    "NaN": (b'{"images": NaN}', 400, "NaN is not in the standard"),
    "Infinity": (b'{"images": [-Infinity]}', 400, "-Infinity is not in the standard"),
    "cut off": (b'{"images": [', 400, "no JSON document"),
    "no UTF-8": (b'{"images": "\xff"}', 400, "no JSON document"),
    "5,000 digits": (b'{"images": ' + b"9" * 5000 + b"}", 400, "no JSON document"),
    "nested": (b'{"images": ' + b"[" * 100_000, 400, "nested too deep"),
    "nested whole": (b'{"images": ' + b"[" * 500 + b"]" * 500 + b"}", 422, "images"),
    "surrogate": (b'{"\\ud800": 1}', 422, "an object with the keys"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status", "detail"), BAD.values(), ids=BAD)
def test_what_is_no_image_is_refused_in_words(body: bytes, status: int, detail: str) -> None:
    with pytest.raises(ProblemError, match=detail) as caught:
        parse_images(body, most=2)
    assert caught.value.status == status
    caught.value.response()  # it can be sent
