"""Images of concurrent requests go through the network together, and each gets its own answer."""

import asyncio

import numpy as np
import pytest
from tests.serving.asking import RAW, asker, strokes

from inkwise.serving.classifiers import open_all
from inkwise.serving.gathering import Gathering

IMAGES = strokes(30)


def test_requests_of_one_turn_are_one_batch() -> None:
    counted: list[int] = []
    gathering = Gathering(seconds=5, count_images=counted.append)
    (served,) = open_all([])

    async def together() -> list[np.ndarray]:
        parts = [IMAGES[:1], IMAGES[1:4], IMAGES[4:5]]
        return await asyncio.gather(*(gathering.probabilities(served, part) for part in parts))

    found = asyncio.run(together())
    assert counted == [5]
    assert [len(one) for one in found] == [1, 3, 1]
    np.testing.assert_allclose(np.concatenate(found), served.classifier.probabilities(IMAGES[:5]), atol=1e-6)


def test_lone_request_does_not_wait() -> None:
    counted: list[int] = []
    gathering = Gathering(seconds=5, count_images=counted.append)
    (served,) = open_all([])
    asyncio.run(gathering.probabilities(served, IMAGES[:1]))
    asyncio.run(gathering.probabilities(served, IMAGES[:1]))
    assert counted == [1, 1]


def test_failure_reaches_every_request() -> None:
    gathering = Gathering(seconds=5, count_images=lambda count: None)
    (served,) = open_all([])

    async def together() -> list:
        wrong = [gathering.probabilities(served, IMAGES[:1, :, :27]) for _ in range(2)]
        return await asyncio.gather(*wrong, return_exceptions=True)

    found = asyncio.run(together())
    assert len(found) == 2
    for error in found:
        with pytest.raises(Exception, match=r"images must be uint8 of shape \(N, 28, 28\)"):
            raise error


def test_concurrent_requests_get_their_own_answers() -> None:
    client = asker()
    expected = client.app.service.served[0].classifier.probabilities(IMAGES)

    async def all_at_once() -> list:
        asked = [
            client._ask("POST", "/predict", {"content": one.tobytes(), "headers": RAW}) for one in IMAGES
        ]
        return await asyncio.gather(*asked)

    found = np.array([answer.json()[0]["probabilities"] for answer in asyncio.run(all_at_once())])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert "inkwise_batch_images_sum 30.0" in client.get("/metrics").text
