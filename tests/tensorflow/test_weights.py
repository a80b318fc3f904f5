"""Weights both ways, without loss."""

import numpy as np
import pytest
import torch
from tests.tensorflow.twins import both
from torch import nn

from inkwise.networks.build import ARCHITECTURES, build_network
from inkwise.tensorflow.weights import feature_order, from_keras, to_keras, to_torch, twin_with_weights


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_weights_there_and_back_are_the_same_bits(name: str) -> None:
    network, twin = both(name)
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    other = to_torch(twin, build_network(name), num_steps=0)
    assert all(torch.equal(before[key], tensor) for key, tensor in other.state_dict().items())


def test_features_are_put_in_pytorchs_order() -> None:
    """Keras flattens (rows, columns, channels), PyTorch (channels, rows, columns)."""
    values = torch.arange(2 * 3 * 4.0).reshape(1, 2, 3, 4)
    keras_row = values.permute(0, 2, 3, 1).reshape(-1)
    assert torch.equal(keras_row[feature_order((2, 3, 4))], values.flatten())


def test_kernel_is_turned() -> None:
    """(out, in, rows, columns) in PyTorch, (rows, columns, in, out) in Keras: one entry by hand."""
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 5, 3))
    twin = twin_with_weights(network)
    kernel = twin.pairs[1].keras.get_weights()[0]
    assert kernel.shape == (3, 3, 2, 5)
    assert kernel[0, 2, 1, 4] == network[1].weight[4, 1, 0, 2]


def test_steps_of_batch_normalisation_are_counted_in_pytorch() -> None:
    network, twin = both("cnn-standard")
    counted = to_torch(twin, network, num_steps=7).state_dict()
    steps = {int(tensor) for name, tensor in counted.items() if name.endswith("num_batches_tracked")}
    assert steps == {7}


def test_loading_fills_every_weight_of_keras() -> None:
    network, twin = both("cnn-reader")
    tensors = {name: np.full(value.shape, 0.25, np.float32) for name, value in from_keras(twin).items()}
    to_keras(twin, tensors)
    assert all((weight == 0.25).all() for weight in twin.model.get_weights())
    assert set(tensors) == {n for n in network.state_dict() if not n.endswith("num_batches_tracked")}
