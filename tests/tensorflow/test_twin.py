"""The Keras twin: equal values at every layer, from equal weights."""

import pytest
import torch
from tests.tensorflow.twins import both, outputs
from torch import nn

from inkwise.errors import RecipeError
from inkwise.inspection.layers import view_layers
from inkwise.networks.build import ARCHITECTURES
from inkwise.tensorflow import cnn_keras
from inkwise.tensorflow.twin import Twin, build_twin
from inkwise.tensorflow.views import view_keras_layers
from inkwise.tensorflow.weights import from_keras, twin_with_weights

IMAGES = torch.rand(6, 1, 28, 28, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", ["cnn-keras", "mlp-logsoftmax", "cnn-lenet", "cnn-standard", "cnn-tiny"])
def test_every_layer_gives_equal_values(name: str) -> None:
    """N3, M3, M5: the same image, the same weights, 1e-4 at most between the two frameworks."""
    network, twin = both(name)
    for there, here in zip(view_layers(network, IMAGES[0]), view_keras_layers(twin, IMAGES[0]), strict=True):
        assert there.output.shape == here.output.shape
        assert (there.output - here.output).abs().max() < 1e-4, (there, here)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture_has_a_twin(name: str) -> None:
    network, twin = both(name)
    with torch.no_grad():
        assert (network(IMAGES) - outputs(twin, IMAGES)).abs().max() < 1e-4


def test_cnn_keras_has_the_tutorials_parameters() -> None:
    """M5, M7."""
    assert cnn_keras.build().count_params() == 1_676_266


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_learned_are_the_tensors_that_pytorch_learns(name: str) -> None:
    network, twin = both(name)
    assert learned(twin) == {key for key, value in network.named_parameters() if value.requires_grad}


def test_single_tensors_are_frozen_and_running_means_still_move() -> None:
    """A bias alone; gamma, while the running statistics go on, as they do in PyTorch."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(1352, 5))
    network[0].bias.requires_grad_(False)
    network[1].weight.requires_grad_(False)
    twin = twin_with_weights(network)
    assert learned(twin) == {"0.weight", "1.bias", "3.weight", "3.bias"}
    there = network.train()(IMAGES).detach()
    here = twin.model(IMAGES.permute(0, 2, 3, 1).numpy(), training=True).numpy()
    assert abs(there.numpy() - here).max() < 1e-4
    assert network[1].running_mean.abs().max() > 0.01
    assert abs(network[1].running_mean.numpy() - from_keras(twin)["1.running_mean"]).max() < 1e-6


def learned(twin: Twin) -> set[str]:
    return {
        name
        for pair in twin.pairs
        for name, variable in zip(pair.tensor_names, pair.keras.weights, strict=True)
        if any(variable is one for one in twin.model.trainable_variables)
    }


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(1, 3, 5, stride=2, padding=2),  # TensorFlow's "same" would put the odd pixel elsewhere
        nn.Conv2d(1, 3, 3, stride=2, padding=1),
        nn.Conv2d(1, 3, (3, 5), padding=(1, 0), bias=False),
        nn.Conv2d(1, 3, 3, dilation=2, padding="same"),
        nn.AvgPool2d(3, stride=2),
        nn.MaxPool2d(3, stride=2),
        nn.AdaptiveAvgPool2d(1),
    ],
    ids=str,
)
def test_padding_and_stride_are_pytorchs(layer: nn.Module) -> None:
    with torch.no_grad():
        num_features = layer(IMAGES).flatten(1).shape[1]
    torch.manual_seed(0)
    network = nn.Sequential(layer, nn.Flatten(), nn.Linear(num_features, 5))
    with torch.no_grad():
        assert (network(IMAGES) - outputs(twin_with_weights(network), IMAGES)).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            (nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3, groups=2)),
            "1 has 2 groups of 4 channels; expected 1",
        ),
        ((nn.MaxPool2d(2, padding=1),), r"0 pads by \[1, 1\], as no pooling of TensorFlow does"),
        ((nn.BatchNorm2d(1, momentum=None),), "0 averages over all batches alike; expected a momentum"),
        ((nn.Tanh(),), "no twin in TensorFlow: the layer 0.* train it with --framework torch"),
    ],
)
def test_what_has_no_twin_is_named(layers: tuple[nn.Module, ...], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        build_twin(nn.Sequential(*layers))


def test_dropout_drops_in_training_alone() -> None:
    """S2-TF 1, T8: model(images) leaves dropout off, training=True lets it act; at 0 it never does."""
    images = IMAGES.permute(0, 2, 3, 1).numpy()
    for dropout, acts in ((0.5, True), (0.0, False)):
        _, twin = both("cnn-keras", dropout=dropout)
        published, intended = twin.model(images).numpy(), twin.model(images, training=True).numpy()
        assert (abs(published - intended).max() > 1e-3) == acts
