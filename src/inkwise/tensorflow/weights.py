"""Weights between the two frameworks' layouts, without loss: kernels turned, flattened features put in order.

A classifier file holds PyTorch's layout, so a network that TensorFlow trained is used without TensorFlow.

                   PyTorch                    Keras
    convolution    (out, in, rows, columns)   (rows, columns, in, out)
    a channel each (in * m, 1, rows, columns) (rows, columns, in, m)
    linear         (out, in)                  (in, out)
    images         (N, C, H, W)               (N, H, W, C); Flatten runs through them in that order
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from keras import layers as kl
from numpy.typing import NDArray
from torch import nn

from inkwise.networks.layers import BatchNorm
from inkwise.tensorflow.twin import Pair, Twin, build_twin

Tensors = dict[str, NDArray[np.float32]]


def feature_order(shape: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return where each feature that PyTorch flattens from (channels, rows, columns) lies in Keras' row.

    >>> feature_order((2, 1, 3)).tolist()  # Keras has c0 c1 of the first pixel, then of the next
    [0, 2, 4, 1, 3, 5]
    """
    channels, rows, columns = shape
    places = np.arange(channels * rows * columns).reshape(rows, columns, channels)
    return places.transpose(2, 0, 1).reshape(-1)


def twin_with_weights(network: nn.Module, *, architecture: str = "", **options: Any) -> Twin:
    """Return the Keras network that does what network does, with its weights.

    Args:
        network, architecture, options: as of build_twin.
    Raises:
        RecipeError: as build_twin.
    """
    twin = build_twin(network, architecture=architecture, **options)
    to_keras(twin, {name: tensor.cpu().numpy() for name, tensor in network.state_dict().items()})
    return twin


def to_keras(twin: Twin, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Put the tensors of a classifier file, or of a state_dict, into the twin's layers.

    Args:
        twin: of the network that the tensors are of.
        tensors: by name, in PyTorch's layout.
    """
    for pair in twin.pairs:
        if pair.tensor_names:
            values = zip(pair.tensor_names, pair.keras.get_weights(), strict=True)
            pair.keras.set_weights(
                [_to_keras(pair, np.asarray(tensors[name]), shape=now.shape) for name, now in values]
            )


def from_keras(twin: Twin) -> Tensors:
    """Return the twin's weights by the names of a classifier file, in PyTorch's layout."""
    return {
        name: np.ascontiguousarray(_from_keras(pair, value))
        for pair in twin.pairs
        for name, value in zip(pair.tensor_names, pair.keras.get_weights(), strict=True)
    }


def to_torch(twin: Twin, network: nn.Module, *, num_steps: int = 0) -> nn.Module:
    """Return network with the twin's weights.

    Args:
        network: the one the twin was built from; changed in place.
        num_steps: batches that batch normalisation has seen, which PyTorch counts.
    """
    state = {name: torch.from_numpy(value) for name, value in from_keras(twin).items()}
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.full_like(tensor, num_steps)
    network.load_state_dict(state)
    return network


def _to_keras(pair: Pair, value: NDArray[np.float32], *, shape: tuple[int, ...]) -> NDArray[np.float32]:
    order = None if pair.flattened_input is None else feature_order(pair.flattened_input)
    if isinstance(pair.keras, kl.DepthwiseConv2D) and value.ndim == 4:
        return value.reshape(shape[2], shape[3], *shape[:2]).transpose(2, 3, 0, 1)
    if value.ndim == 4:
        return value.transpose(2, 3, 1, 0)
    if value.ndim == 2:
        return value.T if order is None else value.T[np.argsort(order)]
    return value[np.argsort(order)] if order is not None and isinstance(pair.words, BatchNorm) else value


def _from_keras(pair: Pair, value: NDArray[np.float32]) -> NDArray[np.float32]:
    order = None if pair.flattened_input is None else feature_order(pair.flattened_input)
    if isinstance(pair.keras, kl.DepthwiseConv2D) and value.ndim == 4:
        rows, columns, inputs, times = value.shape
        return value.transpose(2, 3, 0, 1).reshape(inputs * times, 1, rows, columns)
    if value.ndim == 4:
        return value.transpose(3, 2, 0, 1)
    if value.ndim == 2:
        return value.T if order is None else value[order].T
    return value[order] if order is not None and isinstance(pair.words, BatchNorm) else value
