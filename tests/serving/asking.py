"""Asking a server in the same process, without a socket."""

import asyncio
import io
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inkwise.serving.application import create_app
from inkwise.serving.front import Front
from inkwise.serving.settings import Settings

RAW = {"Content-Type": "application/octet-stream"}
PNG = {"Content-Type": "image/png"}
PROBLEM = "application/problem+json"


@dataclass
class Asker:
    """A client of one application."""

    app: Front

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Return the answer to one request; an exception of the application is raised here."""
        return asyncio.run(self._ask(method, path, request))

    async def _ask(self, method: str, path: str, request: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, **request)

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("GET", path, **request)

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self.ask("POST", path, **request)


def asker(**settings: Any) -> Asker:
    """Return a client of a server with these settings."""
    return Asker(create_app(Settings(**settings)))


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Return status and detail of an answer that must be a problem, whole and in the right form."""
    assert response.headers["content-type"] == PROBLEM, response.content[:300]
    document = response.json()
    assert document.keys() == {"type", "title", "status", "detail"}
    assert document["status"] == response.status_code
    return response.status_code, document["detail"]


def one() -> NDArray[np.uint8]:
    """Return a 1 as MNIST would have it, (28, 28) uint8."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 13:16] = 255
    return image


def strokes(count: int) -> NDArray[np.uint8]:
    """Return (count, 28, 28) uint8: two lines by chance in each, which a reader takes for different digits.

    Noise would not do: the reader says the same of all that is no digit.
    """
    generator = np.random.default_rng(0)
    images = []
    for _ in range(count):
        image = Image.new("L", (28, 28))
        points = [tuple(point) for point in generator.integers(4, 24, (3, 2)).tolist()]
        ImageDraw.Draw(image).line(points, fill=255, width=3, joint="curve")
        images.append(np.asarray(image))
    return np.stack(images)


def as_file(pixels: NDArray[np.uint8], *, kind: str = "PNG") -> bytes:
    """Return pixels as the bytes of a picture file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()
