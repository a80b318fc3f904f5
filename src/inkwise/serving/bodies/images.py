"""The images of a request, however they come: pictures, a form of pictures, JSON, or plain bytes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from inkwise.data.images import decode_image
from inkwise.serving.bodies.parts import Part, cut_parts
from inkwise.serving.bodies.pictures import check_pictures
from inkwise.serving.bodies.strict_json import parse_images
from inkwise.serving.problems import ProblemError
from inkwise.serving.settings import Limits
from inkwise.serving.work import Deadline

JSON, RAW, MULTIPART = "application/json", "application/octet-stream", "multipart/form-data"
IMAGE_BYTES = 28 * 28
BODY = "body"  # the path of what came as the body itself

Images = NDArray[np.uint8]


class Given(NamedTuple):
    """The images of a request.

    Attributes:
        names: of the pictures in the order of images; None where images came as pixels.
        images: (N, 28, 28) uint8.
    """

    names: list[str] | None
    images: Images


class Body(NamedTuple):
    """What a request carries.

    Attributes:
        kind: its media type, without parameters.
        content_type: the whole header.
        content: its bytes.
    """

    kind: str
    content_type: bytes
    content: bytes


def read_given(body: Body, limits: Limits, deadline: Deadline) -> Given:
    """Return the images in body; pictures are brought to 28x28 as `inkwise predict` does.

    Raises:
        ProblemError: 400, 413, 415 or 422, each says why.
        DataError: a picture that cannot be read.
    """
    if body.kind == RAW:
        return Given(None, from_pixels(body.content, most=limits.images))
    if body.kind == JSON:
        return Given(None, parse_images(body.content, most=limits.images))
    return decode_pictures(read_pictures(body, limits), deadline)


def decode_pictures(parts: list[Part], deadline: Deadline) -> Given:
    """Return pictures brought to 28x28.

    Raises:
        ProblemError: 422, it takes too long.
        DataError: one that cannot be read.
    """
    images = np.empty((len(parts), 28, 28), np.uint8)
    for index, part in enumerate(parts):
        deadline.check()
        images[index] = decode_image(part.content, name=part.name)
    return Given([part.name for part in parts], images)


def read_pictures(body: Body, limits: Limits) -> list[Part]:
    """Return the picture files in body, none of them decoded, their sizes checked.

    Raises:
        ProblemError: 400, 413, 415 or 422.
        DataError: a moving picture.
    """
    parts = find_pictures(body, limits)
    check_pictures(parts, pixels=limits.pixels)
    return parts


def find_pictures(body: Body, limits: Limits) -> list[Part]:
    """Return the picture files in body, as they were sent.

    Raises:
        ProblemError: 400 or 413, a damaged form, or one of too many.
    """
    if body.kind == MULTIPART:
        return cut_parts(body.content, body.content_type, most=limits.pictures)
    return [Part(BODY, body.content)]


def from_pixels(content: bytes, *, most: int) -> Images:
    """Return plain bytes, 784 an image row by row, as (N, 28, 28) uint8.

    Raises:
        ProblemError: 413, more than most images; 422, no whole number of images, or none.
    """
    count, rest = divmod(len(content), IMAGE_BYTES)
    if rest or not count:
        raise ProblemError(
            422, f"{len(content)} bytes, expected N x {IMAGE_BYTES}: 28 x 28 bytes an image, row by row; "
            "a picture file is sent with its own Content-Type, such as image/png"
        )  # fmt: skip
    if count > most:
        raise ProblemError(413, f"{count} images, expected at most {most}; send several requests")
    return np.frombuffer(content, np.uint8).reshape(count, 28, 28)


def check_kind(kind: str, *, pixels: bool) -> None:
    """Refuse a body of a type that is not understood.

    Args:
        kind: the media type.
        pixels: whether it may be JSON; plain bytes are then pixels, else a file of unsaid type.
    Raises:
        ProblemError: 415.
    """
    if kind.startswith("image/") or kind in (MULTIPART, RAW) or (pixels and kind == JSON):
        return
    also = f", {RAW} or {JSON}" if pixels else f" or {RAW}"
    given = f"Content-Type {kind}" if kind else "no Content-Type"
    raise ProblemError(
        415, f"{given}, expected image/png, image/jpeg or another image type, {MULTIPART}{also}; "
        "with curl: -H 'Content-Type: image/png' --data-binary @digit.png"
    )  # fmt: skip
