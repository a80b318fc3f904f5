import asyncio
import io

import numpy as np
import pytest
from PIL import Image
from starlette.datastructures import UploadFile
from starlette.requests import Request as AsgiRequest

from inkwise.experiments.bench.serving.asking.requests import KINDS, MANY, build_requests, read_labels

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), np.uint8)
LABELS = np.arange(7)


def split(content: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /predict HTTP/1.1"
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}, body


@pytest.mark.parametrize("name", KINDS)
def test_request_announces_the_length_it_has(name: str) -> None:
    for request in build_requests(KINDS[name], IMAGES, LABELS, port=80):
        headers, body = split(request.content)
        assert int(headers["content-length"]) == len(body)
        assert headers["host"] == "127.0.0.1:80"


def test_png_holds_the_pixels_and_the_requests_go_through_all_images() -> None:
    requests = build_requests(KINDS["png"], IMAGES, LABELS, port=80)
    shown = [np.asarray(Image.open(io.BytesIO(split(request.content)[1]))) for request in requests]
    np.testing.assert_array_equal(shown, IMAGES)
    assert [request.labels for request in requests] == [[label] for label in range(7)]


async def read_form(content: bytes) -> bytes:
    headers, body = split(content)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "headers": [(b"content-type", headers["content-type"].encode())]}
    async with AsgiRequest(scope, receive).form() as form:
        file = form["file"]
        assert isinstance(file, UploadFile)
        return await file.read()


def test_form_is_read_by_starlette_as_the_same_png() -> None:
    form, png = (build_requests(KINDS[name], IMAGES, LABELS, port=80)[3] for name in ("form", "png"))
    assert asyncio.run(read_form(form.content)) == split(png.content)[1]


@pytest.mark.parametrize("name", ["many-json", "many-binary"])
def test_many_images_are_in_order_and_come_again_where_there_are_too_few(name: str) -> None:
    (request,) = build_requests(KINDS[name], IMAGES, LABELS, port=80)
    pixels = np.frombuffer(split(request.content)[1], np.uint8).reshape(MANY, 28, 28)
    np.testing.assert_array_equal(pixels, np.resize(IMAGES, (MANY, 28, 28)))
    assert request.labels == np.resize(LABELS, MANY).tolist()


def test_labels_are_read_from_json_with_and_without_spaces() -> None:
    body = b'[{"path":"body","label":7,"class_name":"label"},{"label": 12}]'
    assert read_labels(KINDS["png"], body) == [7, 12]


def test_labels_are_read_from_bytes_as_the_largest_of_each_row() -> None:
    rows = np.eye(10, dtype="<f4")[np.arange(MANY) % 10]
    assert read_labels(KINDS["many-binary"], rows.tobytes()) == [label % 10 for label in range(MANY)]


def test_bytes_that_are_no_whole_rows_have_no_labels() -> None:
    assert read_labels(KINDS["many-binary"], np.zeros(MANY * 10 - 1, "<f4").tobytes()) == []
