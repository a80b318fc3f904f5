"""The usual handler gives what our classifier gives, so that both do the same work."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from safetensors.numpy import load_file
from tests.exporting.classifiers import random_classifier, saved

from inkwise.experiments.bench.serving.asking.requests import to_png
from inkwise.experiments.bench.serving.usual import create_usual_app
from inkwise.exporting.runtime import OnnxClassifier


async def ask(run: str, pictures: list[bytes]) -> list[dict[str, Any]]:
    transport = httpx.ASGITransport(create_usual_app(run))
    async with httpx.AsyncClient(transport=transport, base_url="http://usual") as client:
        answers = [await client.post("/predict", files={"file": ("digit.png", png)}) for png in pictures]
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("name", ["cnn-standard", "cnn-keras", "cnn-lenet"])
def test_handler_answers_with_our_probabilities(
    name: str, bench_files: tuple[Path, Path], tmp_path: Path
) -> None:
    """Networks that end in logits, probabilities and log-probabilities."""
    run = saved(random_classifier(name), tmp_path)
    images = load_file(bench_files[1])["images"][:5]
    own = OnnxClassifier.open(run).probabilities(images)
    answers = asyncio.run(ask(str(run), [to_png(image[None]) for image in images]))
    for answer, expected in zip(answers, own, strict=True):
        np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-5)
        assert answer["label"] == expected.argmax()
        assert answer["class_name"] == f"class {answer['label']}"
        assert answer["probability"] == max(answer["probabilities"])
