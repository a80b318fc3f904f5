"""Batches of the requests that arrive in one turn of the event loop; none is delayed to fill a batch.

A network takes 30 to 40 % less time an image for eight than for one. Requests that came in one turn of the
event loop are classified together at its end: measured on 2 busy cores with cnn-quick, 8 or 32 connections,
109 to 140 microseconds of processor time a request, against 205 to 254 one by one. Waiting for more to come
was left out: it is what a lone request would pay for.
"""

import asyncio
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from inkwise.serving.classifiers import Served
from inkwise.serving.work import Deadline

_Images = NDArray[np.uint8]
_Probabilities = NDArray[np.float32]


class Gathering:
    """The few images of requests at hand, by their classifier."""

    def __init__(self, *, seconds: float, count_images: Callable[[int], None]) -> None:
        self._waiting: dict[int, list[tuple[_Images, asyncio.Future[_Probabilities]]]] = {}
        self._seconds = seconds
        self._count_images = count_images

    async def probabilities(self, served: Served, images: _Images) -> _Probabilities:
        """Return probabilities (N, K) float32 for a few images (N, 28, 28) uint8.

        Raises:
            ProblemError: 422, it takes too long.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Probabilities] = loop.create_future()
        waiting = self._waiting.get(served.number)
        if waiting is None:
            waiting = self._waiting[served.number] = []
            loop.call_soon(self._classify, served)
        waiting.append((images, future))
        return await future

    def _classify(self, served: Served) -> None:
        waiting = self._waiting.pop(served.number)
        images = np.concatenate([images for images, _ in waiting]) if len(waiting) > 1 else waiting[0][0]
        self._count_images(len(images))
        try:
            found = served.probabilities(images, Deadline(self._seconds))
        except Exception as error:
            for _, future in waiting:
                if not future.done():
                    future.set_exception(error)
            return
        start = 0
        for given, future in waiting:
            if not future.done():  # its client may have gone
                future.set_result(found[start : start + len(given)])
            start += len(given)
