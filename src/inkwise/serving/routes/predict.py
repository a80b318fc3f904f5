"""POST /predict: the class of images that look like those of the training set.

A few images are classified in the event loop itself, beside those of other requests: handing them to a thread
and waiting for it takes longer than most networks do.
"""

import json
import struct
from functools import partial
from typing import Any

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from inkwise.serving.bodies.images import (
    BODY,
    IMAGE_BYTES,
    JSON,
    RAW,
    Body,
    Given,
    check_kind,
    decode_pictures,
    find_pictures,
    read_given,
)
from inkwise.serving.bodies.receiving import header, media_type
from inkwise.serving.classifiers import Served, choose
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import BYTES, OF_BODIES, RUN, listed, operation, pictures, refer
from inkwise.serving.service import Service, service_of
from inkwise.serving.settings import Limits
from inkwise.serving.work import Deadline

router = APIRouter()
_FEW = 16  # images
_FEW_PICTURES = 4
_SHORT = 16 * 1024  # bytes of JSON, or of a PNG file or two
_SMALL_PICTURE = 256 * 256  # pixels
_PNG = b"\x89PNG\r\n\x1a\n"
SHAPE_HEADER = "X-Inkwise-Shape"
_OPERATION = operation(
    body={**pictures(), JSON: refer(schemas.OneOrManyImages), RAW: BYTES},
    answer={JSON: listed(schemas.Prediction), RAW: BYTES},
    refusals=OF_BODIES,
    parameters=(RUN,),
)


@router.post("/predict", openapi_extra=_OPERATION, response_class=Response)
async def predict(request: Request) -> Response:
    """Name the class of every image, each with its probability.

    Pictures are only scaled to 28x28; a photo of handwriting is for /read. application/octet-stream is 784
    bytes an image, row by row, 0 to 255. With Accept: application/octet-stream the answer is the
    probabilities alone, little-endian float32 row by row; X-Inkwise-Shape says how many rows and columns.
    """
    service = service_of(request)
    served = choose(service.served, chosen(request))
    kind = media_type(request)
    check_kind(kind, pixels=True)
    as_raw = RAW.encode() in header(request, b"accept")
    async with service.receive(request, kind) as content:
        body = Body(kind, header(request, b"content-type"), content)
        if served.is_quick and (given := _read_at_once(body, service.settings.limits)) is not None:
            found = await service.gathering.probabilities(served, given.images)
            return _answer(given, found, classes=served.classes, as_raw=as_raw)
        job = partial(_classify, service=service, served=served, body=body, as_raw=as_raw)
        return await service.work.run(job)


def chosen(request: Request) -> str | None:
    """Return ?run=, None where it is not there."""
    return request.query_params.get("run") if request.scope["query_string"] else None


def _read_at_once(body: Body, limits: Limits) -> Given | None:
    """Return the images of a body that takes the event loop less than a millisecond; None for any other.

    Raises:
        ProblemError: it holds no images.
        DataError: a picture that cannot be read.
    """
    length = len(body.content)
    if body.kind in (RAW, JSON):
        is_short = length <= (_FEW * IMAGE_BYTES if body.kind == RAW else _SHORT)
        return read_given(body, limits, Deadline(limits.seconds)) if is_short else None
    if length > _SHORT:
        return None
    parts = find_pictures(body, limits)
    pixels = [_png_pixels(part.content) for part in parts[: _FEW_PICTURES + 1]]
    if len(parts) > _FEW_PICTURES or 0 in pixels or sum(pixels) > min(_SMALL_PICTURE, limits.pixels):
        return None
    return decode_pictures(parts, Deadline(limits.seconds))


def _png_pixels(content: bytes) -> int:
    """Return how many pixels a PNG file has, 0 for any other."""
    if len(content) < 24 or not content.startswith(_PNG):
        return 0
    width, height = struct.unpack(">II", content[16:24])
    return int(width * height)


def _classify(deadline: Deadline, *, service: Service, served: Served, body: Body, as_raw: bool) -> Response:
    given = read_given(body, service.settings.limits, deadline)
    probabilities = served.probabilities(given.images, deadline)
    service.metrics.count_images(len(probabilities))
    return _answer(given, probabilities, classes=served.classes, as_raw=as_raw)


def _answer(
    given: Given, probabilities: NDArray[np.float32], *, classes: list[str], as_raw: bool
) -> Response:
    if as_raw:
        rows, columns = probabilities.shape
        content = probabilities.astype("<f4", copy=False).tobytes()
        return Response(content, headers={SHAPE_HEADER: f"{rows},{columns}"}, media_type=RAW)
    return Response(_to_json(given, probabilities, classes), media_type=JSON)


def _to_json(given: Given, probabilities: NDArray[np.float32], classes: list[str]) -> bytes:
    """Return the list of predictions as JSON, by hand: a model for each row takes ten times as long."""
    rows, labels = probabilities.tolist(), probabilities.argmax(axis=1).tolist()
    names = given.names
    found: list[dict[str, Any]] = [
        {
            "path": BODY if names is None else names[number],
            "index": number if names is None else 0,
            "label": label,
            "class_name": classes[label],
            "probability": row[label],
            "probabilities": row,
        }
        for number, (row, label) in enumerate(zip(rows, labels, strict=True))
    ]
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()
