"""The requests of the bench, whole, and the labels that an answer gives."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MANY = 1000  # images in one request of many
_MOST_DIFFERENT = 500  # requests of one image
_BOUNDARY = b"inkwise-bench"
_LABEL = re.compile(rb'"label":\s*(\d+)')

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Kind:
    """One way to ask for classes.

    Attributes:
        num_images: in a request.
        content_type: of it.
        to_body: (num_images, 28, 28) uint8 to its body.
        accept: what kind of answer is asked for; None: the usual one, JSON.
    """

    num_images: int
    content_type: bytes
    to_body: Callable[[Images], bytes]
    accept: bytes | None = None


def to_png(images: Images) -> bytes:
    """Return one image (1, 28, 28) as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(images[0]).save(file, format="png")
    return file.getvalue()


def to_form(images: Images) -> bytes:
    """Return one image (1, 28, 28) as a PNG file in a form, in the field `file`."""
    head = b'Content-Disposition: form-data; name="file"; filename="digit.png"\r\nContent-Type: image/png'
    return b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (_BOUNDARY, head, to_png(images), _BOUNDARY)


def to_bytes(images: Images) -> bytes:
    """Return images (N, 28, 28) as 784 bytes each."""
    return images.tobytes()


_RAW = b"application/octet-stream"
KINDS = {
    "png": Kind(1, b"image/png", to_png),
    "form": Kind(1, b"multipart/form-data; boundary=" + _BOUNDARY, to_form),
    "raw": Kind(1, _RAW, to_bytes),
    "many-json": Kind(MANY, _RAW, to_bytes),
    "many-binary": Kind(MANY, _RAW, to_bytes, accept=_RAW),
}


@dataclass(frozen=True)
class Request:
    """A whole request and what must come back.

    Attributes:
        content: head and body.
        labels: of its images.
    """

    content: bytes
    labels: list[int]


def build_requests(kind: Kind, images: Images, labels: NDArray[np.int64], *, port: int) -> list[Request]:
    """Return different requests that go through the images from the first.

    Args:
        kind: of KINDS.
        images: (N, 28, 28), labels: (N,) the classes to be answered; with fewer than a request holds they
            come again.
        port: of the server, for the Host header.
    """
    per_request = kind.num_images
    count = min(_MOST_DIFFERENT, max(1, len(images) // per_request))
    indices = np.arange(count * per_request).reshape(count, per_request) % len(images)
    return [
        Request(_with_head(kind, kind.to_body(images[rows]), port), labels[rows].tolist()) for rows in indices
    ]


def _with_head(kind: Kind, body: bytes, port: int) -> bytes:
    accept = b"Accept: %b\r\n" % kind.accept if kind.accept else b""
    head = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (port, accept, kind.content_type, len(body)) + body


def read_labels(kind: Kind, body: bytes) -> list[int]:
    """Return the labels that an answer gives, in its order; of JSON not a word more is read than they are."""
    if kind.accept is None:
        return [int(label) for label in _LABEL.findall(body)]
    rows = np.frombuffer(body, "<f4")
    if len(rows) % kind.num_images:
        return []
    labels: list[int] = rows.reshape(kind.num_images, -1).argmax(axis=1).tolist()
    return labels
