"""The arithmetic of one value of a whole network, against the one that inspection works out in Python."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from playwright.sync_api import Page
from tests.exporting.classifiers import random_classifier, saved
from tests.page.exchange import Exchange
from tests.page.network.files import classifier_bytes

from inkwise.classifier import Classifier
from inkwise.data.load import load_dataset
from inkwise.inspection.arithmetic import can_be_worked_out, pixel_arithmetic
from inkwise.inspection.layers import LayerView, view_layers

_EXPLAIN = """
async ([file, image, asked]) => {
    const { parseClassifier, prepareNetwork, forward, explainPixel } = await import("inkwise/classifier.js");
    const network = prepareNetwork(parseClassifier(await fetchBytes(file)));
    const result = forward(network, new Uint8Array(await fetchBytes(image)));
    const plain = ([key, value]) => [key, ArrayBuffer.isView(value) ? [...value] : value];
    const copy = object => Object.fromEntries(Object.entries(object).map(plain));
    try {
        return asked.map(([layer, unit]) => {
            const explained = copy(explainPixel(network, result, layer, unit));
            return { ...explained, patches: explained.patches?.map(copy) };
        });
    } catch (error) { return `${error.name}: ${error.message}`; }
}
"""


def _explain(js: Page, exchange: Exchange, *, file: bytes, image: bytes, asked: list[list[int]]) -> Any:
    return js.evaluate(_EXPLAIN, [exchange.give(file), exchange.give(image), asked])


def _views(classifier: Classifier, image: "np.ndarray[Any, Any]") -> list[LayerView]:
    views = view_layers(classifier.network, classifier.preprocessing(torch.from_numpy(image[None]))[0])
    return [view for view in views if "dropout" not in view.kind.lower()]


@pytest.mark.parametrize("name", ["cnn-lenet", "cnn-standard", "mlp-class"])
def test_arithmetic_equals_that_of_inspection(
    js: Page, exchange: Exchange, tmp_path: Path, *, name: str
) -> None:
    classifier = random_classifier(name)
    file = saved(classifier, tmp_path).read_bytes()
    image = load_dataset("digits").test.images[3]
    views = _views(classifier, image)
    rng = np.random.default_rng(5)
    asked = [
        [index, int(rng.integers(view.output.numel()))] for index, view in enumerate(views) for _ in range(4)
    ]
    explained = _explain(js, exchange, file=file, image=image.tobytes(), asked=asked)
    num_worked_out = 0
    for (index, unit), given in zip(asked, explained, strict=True):
        view = views[index]
        place = [int(i) for i in np.unravel_index(unit, tuple(view.output.shape))]
        assert (given["layerIndex"], given["unit"], given["place"]) == (index, unit, place)
        assert given["recorded"] == pytest.approx(float(view.output.flatten()[unit]), abs=1e-4)
        assert given["value"] == pytest.approx(given["recorded"], abs=1e-4)
        if can_be_worked_out(view):
            num_worked_out += 1
            _check_products(given, view, place)
    assert num_worked_out >= 12


def _check_products(given: dict[str, Any], view: LayerView, place: list[int]) -> None:
    names = ("channel", "row", "column")[: len(place)]
    expected = pixel_arithmetic(view, **dict(zip(names, place, strict=True)))
    parts = given["patches"] or [given]
    for key, tensor in (
        ("inputs", expected.patch),
        ("weights", expected.kernel),
        ("products", expected.products),
    ):
        numbers = np.concatenate([part[key] for part in parts])
        np.testing.assert_allclose(numbers, tensor.numpy().ravel(), rtol=0, atol=1e-5)
    assert given["bias"] == pytest.approx(expected.bias)
    largest = [(one["input"], one["weight"], one["product"]) for one in given["largest"]]
    # The places may differ where two products are the same.
    ours = [product for *_, product in expected.largest(len(largest))]
    assert [product for *_, product in largest] == pytest.approx(ours, abs=1e-5)
    if given["patches"]:
        assert sum(patch["sum"] for patch in given["patches"]) == pytest.approx(given["sum"])
        assert [patch["shape"] for patch in given["patches"]] == [list(expected.patch.shape[1:])] * len(parts)


def test_patch_says_where_it_lies_in_the_input(js: Page, exchange: Exchange) -> None:
    """The first output of a 3x3 kernel with padding 1 begins above and left of the map: at -1, -1."""
    image = np.zeros((28, 28), np.uint8)
    image[0, 1] = 255
    (given,) = _explain(js, exchange, file=classifier_bytes(), image=image.tobytes(), asked=[[0, 28 * 28]])
    (patch,) = given["patches"]
    assert (patch["channel"], patch["row"], patch["column"]) == (0, -1, -1)
    ground, ink = (0 - 0.1) / 0.3, (1 - 0.1) / 0.3
    assert patch["inputs"] == pytest.approx([0, 0, 0, 0, ground, ink, 0, ground, ground], abs=1e-6)
    assert given["place"] == [1, 0, 0]


@pytest.mark.parametrize(
    ("layer", "unit", "words"),
    [
        (6, 0, "no layer 6, expected 0 to 5"),
        (-1, 0, "no layer -1, expected 0 to 5"),
        (5, 3, "layer 5 has no value 3, expected 0 to 2"),
        (5, 0.5, "layer 5 has no value 0.5, expected 0 to 2"),
    ],
)
def test_place_that_is_not_there_is_refused(
    js: Page, exchange: Exchange, *, layer: int, unit: int, words: str
) -> None:
    answer = _explain(js, exchange, file=classifier_bytes(), image=bytes(784), asked=[[layer, unit]])
    assert answer == f"ClassifierError: {words}"
