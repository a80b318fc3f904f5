"""JSON as the standard has it: no NaN, no Infinity, and no error that is not a clear one."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.serving.problems import ProblemError

_EXPECTED = (
    '{"images": N x 28 x 28 whole numbers from 0 to 255}, or the numbers alone, or 28 x 28 of them for one '
    "image; see /openapi.json"
)


def parse_json(body: bytes) -> Any:
    """Return the document in body.

    Raises:
        ProblemError: 400, it is none, or nested too deep, or holds NaN or a number without end.
    """
    try:
        return json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise ProblemError(400, f"JSON nested too deep; expected {_EXPECTED}") from None
    except ValueError as error:  # also text that is no UTF-8, and whole numbers of over 4,300 digits
        raise ProblemError(400, f"no JSON document ({error}); check the body") from None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not in the standard")


def parse_images(body: bytes, *, most: int) -> NDArray[np.uint8]:
    """Return the images of {"images": ...}, or of a list alone, (N, 28, 28) uint8.

    Args:
        body: of the request.
        most: images that are taken.
    Raises:
        ProblemError: 400, no JSON; 413, too many images; 422, anything but images.
    """
    document = parse_json(body)
    if isinstance(document, dict) and document.keys() == {"images"}:
        document = document["images"]
    elif not isinstance(document, list):
        raise ProblemError(422, f"{_kind(document)}, expected {_EXPECTED}")
    # numpy takes true for 1 where there are numbers beside it; no image has either word.
    if b"true" in body or b"false" in body:
        raise ProblemError(422, f"images hold true or false, expected {_EXPECTED}")
    return as_images(document, most=most)


def as_images(nested: Any, *, most: int) -> NDArray[np.uint8]:
    """Return lists of pixels as (N, 28, 28) uint8.

    Args:
        nested: N x 28 x 28 or 28 x 28 whole numbers.
        most: images that are taken.
    Raises:
        ProblemError: 413 or 422, as parse_images.
    """
    try:
        pixels = np.asarray(nested)
    except (ValueError, OverflowError, RecursionError):
        raise ProblemError(
            422, f"images are lists of unequal length or no numbers, expected {_EXPECTED}"
        ) from None
    if pixels.shape == (IMAGE_SIZE, IMAGE_SIZE):
        pixels = pixels[None]  # (1, 28, 28)
    if pixels.ndim != 3 or pixels.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE) or not len(pixels):
        raise ProblemError(422, f"images of shape {list(pixels.shape)}, expected {_EXPECTED}")
    if len(pixels) > most:
        raise ProblemError(413, f"{len(pixels)} images, expected at most {most}; send several requests")
    if pixels.dtype.kind not in "iuf":
        raise ProblemError(422, f"images hold no numbers, expected {_EXPECTED}")
    low, high = pixels.min(), pixels.max()
    if not (low >= 0 and high <= 255) or (pixels.dtype.kind == "f" and np.any(pixels % 1)):
        raise ProblemError(422, f"pixels from {low:g} to {high:g}, expected {_EXPECTED}")
    return pixels.astype(np.uint8)


def _kind(document: Any) -> str:
    if isinstance(document, dict):
        keys = ", ".join(sorted(map(repr, document))[:5])
        return f"an object with the keys {keys}" if keys else "an empty object"
    words = {str: "a text", bool: "true or false", type(None): "null"}
    return words.get(type(document), "a number")
