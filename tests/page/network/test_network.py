"""Every layer of whole networks in the page against PyTorch's: every architecture and the shipped reader."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from safetensors import safe_open
from safetensors.numpy import save
from tests.exporting.classifiers import random_classifier, saved
from tests.golden_classifier import GOLDEN_FILE, golden_classifier, square_images
from tests.page.exchange import Exchange
from torch import Tensor, fx, nn

from inkwise.classifier import Classifier
from inkwise.data.load import load_dataset
from inkwise.handwriting.recogniser import SHIPPED_FILE
from inkwise.networks.build import ARCHITECTURES

NUM_IMAGES = 100

_FORWARD = """
async ([file, images]) => {
    const { parseClassifier, prepareNetwork, forward } = await import("inkwise/classifier.js");
    const network = prepareNetwork(parseClassifier(await fetchBytes(file)));
    const pixels = new Uint8Array(await fetchBytes(images));
    const results = [];
    for (let i = 0; i < pixels.length; i += 784) results.push(forward(network, pixels.subarray(i, i + 784)));
    await sendBytes("probabilities", new Blob(results.map(result => result.probabilities)));
    await sendBytes("layers", new Blob(results.flatMap(result => result.layers.map(layer => layer.data))));
    return {
        numParameters: network.numParameters,
        labels: results.map(result => result.label),
        layers: results[0].layers.map(({ data, ...layer }) => layer),
        keys: Object.keys(results[0].layers[0]),
    };
}
"""


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Real digits, and what no digit is: noise, nothing at all, everything at once."""
    digits = load_dataset("digits").test.images[: NUM_IMAGES - 12]
    noise = np.random.default_rng(7).integers(0, 256, (10, 28, 28)).astype(np.uint8)
    extremes = np.stack([np.zeros((28, 28), np.uint8), np.full((28, 28), 255, np.uint8)])
    return np.concatenate([digits, noise, extremes])


@pytest.mark.parametrize("name", [*ARCHITECTURES, "reader"])
def test_every_layer_equals_torch(
    js: Page, exchange: Exchange, images: NDArray[np.uint8], *, name: str, tmp_path: Path
) -> None:
    file = SHIPPED_FILE if name == "reader" else saved(random_classifier(name), tmp_path)
    classifier = Classifier.load(file)
    told = js.evaluate(_FORWARD, [exchange.give(file.read_bytes()), exchange.give(images.tobytes())])
    expected = _layer_outputs(classifier, images)
    assert [layer["shape"] for layer in told["layers"]] == [list(output.shape[1:]) for output in expected]
    given = np.frombuffer(exchange.take("layers"), np.float32).reshape(len(images), -1)
    flat = torch.cat([output.flatten(1) for output in expected], dim=1)
    assert np.abs(given - flat.numpy()).max() < 1e-4
    _check_answers(told, exchange, classifier.predict(images).probabilities)
    assert told["numParameters"] == sum(parameter.numel() for parameter in classifier.network.parameters())


class _Recorder(fx.Interpreter):
    """Runs a network step by step and keeps what each step returns, dropout left out."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__(fx.symbolic_trace(network))
        self.outputs: list[Tensor] = []

    def run_node(self, n: fx.Node) -> Any:
        output = super().run_node(n)
        is_dropout = n.op == "call_module" and isinstance(self.fetch_attr(str(n.target)), nn.Dropout)
        if n.op not in ("placeholder", "output") and not is_dropout:
            self.outputs.append(output.clone())
        return output


def _layer_outputs(classifier: Classifier, images: NDArray[np.uint8]) -> list[Tensor]:
    recorder = _Recorder(classifier.network.eval())
    with torch.no_grad():
        recorder.run(classifier.preprocessing(torch.from_numpy(images)))
    return recorder.outputs


def _check_answers(told: dict[str, Any], exchange: Exchange, expected: NDArray[np.float32]) -> None:
    given = np.frombuffer(exchange.take("probabilities"), np.float32).reshape(expected.shape)
    np.testing.assert_allclose(given, expected, rtol=0, atol=1e-5)
    assert told["labels"] == given.argmax(axis=1).tolist()


def test_half_precision_is_read_exactly(
    js: Page, exchange: Exchange, images: NDArray[np.uint8], tmp_path: Path
) -> None:
    """The page in one file carries halves: the same answers as PyTorch's from the rounded weights."""
    classifier = random_classifier("cnn-lenet")
    for parameter in classifier.network.parameters():
        parameter.data.copy_(parameter.data.half().float())
    with safe_open(saved(classifier, tmp_path), framework="numpy") as file:
        halves = {name: file.get_tensor(name).astype(np.float16) for name in classifier.network.state_dict()}
        content = save(halves, metadata=file.metadata())
    told = js.evaluate(_FORWARD, [exchange.give(content), exchange.give(images.tobytes())])
    _check_answers(told, exchange, classifier.predict(images).probabilities)


def test_layers_say_what_they_are(js: Page, exchange: Exchange, tmp_path: Path) -> None:
    file = saved(random_classifier("cnn-lenet"), tmp_path).read_bytes()
    told = js.evaluate(_FORWARD, [exchange.give(file), exchange.give(bytes(784))])
    first, second, *_, last = told["layers"]
    assert first == {
        "index": 0,
        "name": "0",
        "kind": "conv2d",
        "inputShape": [1, 28, 28],
        "shape": [20, 24, 24],
        "numParameters": 520,
        "summary": "20 convolutions 5x5, 1 to 20 maps of 24x24",
    }
    assert second["summary"] == "negative values become 0"
    assert last["summary"] == "the logarithms of 10 probabilities"
    summaries = [layer["summary"] for layer in told["layers"]]
    assert "the largest of each 2x2 values, 20 maps of 12x12" in summaries
    assert "50 maps of 4x4 in one row of 800 values" in summaries
    assert "500 sums, each of all 800 values by its own weights" in summaries


def test_golden_file_gives_the_same_bits(js: Page, exchange: Exchange) -> None:
    """Its weights are multiples of 1/64 and its images -1 and 1, so every sum is exact."""
    images = square_images()
    file = gzip.decompress(GOLDEN_FILE.read_bytes())
    js.evaluate(_FORWARD, [exchange.give(file), exchange.give(images.tobytes())])
    logits = np.frombuffer(exchange.take("layers"), np.float32).reshape(len(images), -1)[:, -3:]
    classifier = golden_classifier()
    with torch.no_grad():
        expected = classifier.network(classifier.preprocessing(torch.from_numpy(images)))
    assert logits.tolist() == expected.tolist()
