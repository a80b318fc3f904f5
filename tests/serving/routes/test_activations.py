"""POST /activations: what PyTorch's layers put out, for one image however it comes."""

import numpy as np
import pytest
import torch
from tests.golden_classifier import golden_classifier, square_images
from tests.serving.asking import PNG, RAW, Asker, as_file, one, refusal

from inkwise.serving.routes.activations import _numbers
from inkwise.serving.routes.schemas import LayerValues


def test_layers_are_those_of_pytorch(both: Asker) -> None:
    found = both.post("/activations", content=square_images()[0].tobytes(), headers=RAW).json()
    classifier = golden_classifier()
    expected: list[torch.Tensor] = []
    for module in classifier.network.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(lambda layer, inputs, output: expected.append(output[0]))
    classifier.predict(square_images()[:1])
    linear = [layer for layer in found if layer["kind"] == "linear"]
    assert len(linear) == len(expected) == 3
    for layer, values in zip(linear, expected, strict=True):
        assert layer["shape"] == list(values.shape)
        np.testing.assert_allclose(layer["values"], values.detach().numpy(), rtol=1e-4, atol=1e-5)


def test_convolutions_keep_their_shape(reader: Asker) -> None:
    for layer in reader.post("/activations", content=one().tobytes(), headers=RAW).json():
        LayerValues.model_validate(layer)
        assert len(layer["values"]) == np.prod(layer["shape"])


def test_same_image_in_every_form_gives_the_same(reader: Asker) -> None:
    raw = reader.post("/activations", content=one().tobytes(), headers=RAW).content
    assert reader.post("/activations", json={"images": one().tolist()}).content == raw
    assert reader.post("/activations", content=as_file(one()), headers=PNG).content == raw


def test_several_images_are_refused(reader: Asker) -> None:
    status, detail = refusal(reader.post("/activations", content=bytes(2 * 784), headers=RAW))
    assert (status, detail) == (422, "2 images, expected one; send them one by one")


def test_what_is_no_finite_number_becomes_null() -> None:
    values = np.array([[1.5, np.inf], [np.nan, -np.inf]], np.float32)
    assert _numbers(values) == [1.5, None, None, None]


@pytest.mark.parametrize("run", ["golden", "reader"])
def test_run_is_chosen(both: Asker, run: str) -> None:
    layers = both.post(f"/activations?run={run}", content=one().tobytes(), headers=RAW).json()
    assert layers[-1]["shape"] == [{"golden": 3, "reader": 10}[run]]
