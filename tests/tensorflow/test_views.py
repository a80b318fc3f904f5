"""I1-I7: the layers of the Keras network, as records that the same figures draw."""

import numpy as np
import pytest
import torch
from tests.bars import bars
from tests.tensorflow.twins import both

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.errors import ShapeError
from inkwise.figures.encode import to_png
from inkwise.figures.inspection.layer import render_layer
from inkwise.inspection.inspect import inspect_image
from inkwise.inspection.layers import view_layers
from inkwise.preprocessing import Preprocessing
from inkwise.tensorflow.views import inspect_in_keras, view_keras_layers
from inkwise.tensorflow.weights import twin_with_weights

GENERATOR = torch.Generator().manual_seed(4)
IMAGE, PROBE = torch.rand(1, 28, 28, generator=GENERATOR), torch.rand(20, 1, 28, 28, generator=GENERATOR)


@pytest.mark.parametrize("name", ["cnn-keras", "mlp-logsoftmax", "cnn-tiny", "cnn-reader"])
def test_views_say_what_pytorchs_say(name: str) -> None:
    """I1, I2: input, weights, output, dead units, axes and words of each layer; the names are Keras'."""
    network, _ = both(name)
    with torch.no_grad():
        for parameter in list(network.parameters())[:2]:
            parameter[0] = 0  # a unit that says nothing
    twin = twin_with_weights(network, architecture=name, num_classes=10)
    there = view_layers(network, IMAGE, probe=PROBE)
    here = view_keras_layers(twin, IMAGE, probe=PROBE, network=network)
    assert any(view.dead is not None and view.dead.any() for view in here)
    for one, other in zip(there, here, strict=True):
        for key in ("index", "summary", "input_axes", "axes", "num_parameters", "geometry", "dead_share"):
            assert getattr(one, key) == getattr(other, key), (key, one, other)
        for key in ("input", "output", "weight", "bias"):
            _assert_close(getattr(one, key), getattr(other, key))


def _assert_close(one: torch.Tensor | None, other: torch.Tensor | None) -> None:
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.shape == other.shape
        assert (one - other).abs().max() < 1e-4


def test_figures_draw_every_layer() -> None:
    """I1-I7: convolution, activation, pooling, flattened, dense and softmax."""
    network, twin = both("cnn-keras")
    views = view_keras_layers(twin, IMAGE, network=network)
    kinds = {view.kind for view in views}
    assert kinds >= {"Conv2D", "ReLU", "MaxPooling2D", "Flatten", "Dense", "Softmax"}
    for view in (views[0], views[4], views[12], views[16], views[17]):
        picture = to_png(render_layer(view, class_names=[str(k) for k in range(10)]))
        assert picture.startswith(b"\x89PNG")


def classifier() -> Classifier:
    network, _ = both("cnn-lenet")
    header = Header(
        format=FORMAT, network="cnn-lenet", output="log_probabilities",
        preprocessing=Preprocessing(mean=0.1307, std=0.3081), classes=[str(k) for k in range(10)],
    )  # fmt: skip
    return Classifier(network, header)


def test_inspection_in_keras_gives_the_same_answer() -> None:
    """I7: softmax, argmax; the arithmetic of a pixel is worked out from Keras' own values."""
    known, split = classifier(), bars(30)
    there = inspect_image(known, split.images[4], train=split)
    here = inspect_in_keras(known, there, train=split, place=(0, 3, 10, 10))
    assert here.prediction == there.prediction
    assert np.allclose(here.probabilities, there.probabilities, atol=1e-5)
    assert [view.kind for view in here.layers][:3] == ["Conv2D", "ReLU", "MaxPooling2D"]
    assert here.arithmetic is not None
    assert here.arithmetic.value == pytest.approx(here.arithmetic.recorded, abs=1e-4)
    assert here.neighbours is there.neighbours


def test_image_of_another_shape_is_refused() -> None:
    _, twin = both("mlp-sequential")
    with pytest.raises(ShapeError, match=r"image must be a float tensor of shape \(1, 28, 28\)"):
        view_keras_layers(twin, torch.zeros(28, 28))
