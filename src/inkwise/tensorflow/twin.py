"""A Keras network that does what a PyTorch network does, layer by layer.

`cnn-keras` is written out, as its tutorial has it. Every other chain of known layers is built from the words
of networks/layers.py.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers as kl
from torch import nn

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import RecipeError, ShapeError
from inkwise.networks.describe import describe_layers, describe_step, steps_of
from inkwise.networks.layers import BatchNorm, Conv2d, Layer, Linear, Plain, Pool2d
from inkwise.tensorflow import cnn_keras

# What PyTorch leaves out of the words, or what stands in Keras for a part of a layer.
_IDLE = (kl.InputLayer, kl.Dropout, kl.SpatialDropout2D, kl.ZeroPadding2D)


@dataclass(frozen=True)
class Pair:
    """A Keras layer, and in words the PyTorch layer that does the same.

    Attributes:
        keras: the layer.
        words: its tensors are named as in a classifier file.
        flattened_input, flattened_output: (channels, rows, columns) from which the features of its input or
            output were flattened, which the two frameworks do in another order; None where they were not.
    """

    keras: Any
    words: Layer
    flattened_input: tuple[int, int, int] | None
    flattened_output: tuple[int, int, int] | None

    @property
    def tensor_names(self) -> list[str]:
        """The names of the layer's tensors, in the order in which Keras keeps them."""
        match self.words:
            case Conv2d(weight=weight, bias=bias) | Linear(weight=weight, bias=bias):
                return [weight] if bias is None else [weight, bias]
            case BatchNorm(weight=weight, bias=bias, mean=mean, variance=variance):
                return [weight, bias, mean, variance]
        return []


@dataclass(frozen=True)
class Twin:
    """A Keras model for images (N, 28, 28, 1) float32, and its layers beside those of the PyTorch network."""

    model: Any
    pairs: tuple[Pair, ...]


def build_twin(network: nn.Module, *, architecture: str = "", **options: Any) -> Twin:
    """Return the Keras network that does what network does; its weights are fresh, see weights.py.

    What training leaves alone in one, it leaves alone in the other.

    Args:
        network: a chain of layers.
        architecture: "cnn-keras" takes the network that is written out in cnn_keras.py.
        options: num_classes and what else that one's build takes.
    Raises:
        RecipeError: the network is no chain of layers that have a twin.
    """
    state = random.getstate()  # from which Keras draws the seeds of its layers
    try:
        words = describe_layers(network)
        model = cnn_keras.build(**options) if architecture == "cnn-keras" else _build(network)
    except ShapeError as error:
        raise RecipeError(
            f"the network has no twin in TensorFlow: {error}; train it with --framework torch"
        ) from error
    finally:
        random.setstate(state)
    twin = Twin(model, tuple(_pair(model, words)))
    _freeze(twin, network)
    return twin


def _freeze(twin: Twin, network: nn.Module) -> None:
    fixed = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    for pair in twin.pairs:
        for name, variable in zip(pair.tensor_names, pair.keras.weights, strict=True):
            # Not the layer's own switch: batch normalisation would then use its running statistics too.
            if name in fixed:
                variable.trainable = False


def _pair(model: Any, words: Sequence[Layer]) -> Iterator[Pair]:
    flattened: tuple[int, int, int] | None = None
    acting = [layer for layer in model.layers if not isinstance(layer, _IDLE)]
    for layer, known in zip(acting, words, strict=True):
        before = flattened
        if isinstance(layer, kl.Flatten) and len(layer.input.shape) == 4:
            rows, columns, channels = layer.input.shape[1:]
            flattened = (channels, rows, columns)
        elif isinstance(layer, kl.Dense):
            flattened = None
        yield Pair(layer, known, before, flattened)


def _build(network: nn.Module) -> Any:
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    images = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1))
    x = images
    for name, step in steps_of(network):
        words = describe_step(name, step)
        layers = (
            _training_layers(step) if words is None else _keras_layers(words, x, step=step, shapes=shapes)
        )
        for layer in layers:
            x = layer(x)
    return keras.Model(images, x)


def _training_layers(step: Any) -> list[Any]:
    """Return the twin of what acts in training alone."""
    match step:
        case nn.Dropout2d():
            return [kl.SpatialDropout2D(step.p)]
        case nn.Dropout():
            return [kl.Dropout(step.p)]
    return []


def _keras_layers(words: Layer, x: Any, *, step: Any, shapes: dict[str, tuple[int, ...]]) -> list[Any]:
    match words:
        case Conv2d():
            return _convolution(words, x, shapes[words.weight])
        case BatchNorm():
            if step.momentum is None:
                raise ShapeError(f"{words.name} averages over all batches alike; expected a momentum")
            # PyTorch's momentum is the share of the new batch, Keras' that of what was there before.
            return [kl.BatchNormalization(momentum=1 - step.momentum, epsilon=words.epsilon)]
        case Linear():
            return [kl.Dense(shapes[words.weight][0], use_bias=words.bias is not None)]
        case Pool2d():
            return [_pooling(words, x)]
    return [_plain(words)]


def _plain(words: Plain) -> Any:
    return {
        "relu": kl.ReLU,
        "flatten": kl.Flatten,
        "global_avg_pool2d": lambda: kl.GlobalAveragePooling2D(keepdims=True),
        "softmax": kl.Softmax,
        "log_softmax": lambda: kl.Activation("log_softmax"),
    }[words.kind]()


def _convolution(words: Conv2d, x: Any, shape: tuple[int, ...]) -> list[Any]:
    top, left, bottom, right = words.padding
    is_same = _same_padding(x, shape[2:], words.stride, dilation=words.dilation) == words.padding
    before = [] if is_same or not any(words.padding) else [kl.ZeroPadding2D(((top, bottom), (left, right)))]
    settings: dict[str, Any] = {
        "strides": tuple(words.stride),
        "padding": "same" if is_same and any(words.padding) else "valid",
        "dilation_rate": tuple(words.dilation),
        "use_bias": words.bias is not None,
    }
    num_inputs = x.shape[-1]
    if words.groups == 1:
        return [*before, kl.Conv2D(shape[0], shape[2:], **settings)]
    if words.groups == num_inputs:
        return [*before, kl.DepthwiseConv2D(shape[2:], depth_multiplier=shape[0] // num_inputs, **settings)]
    raise ShapeError(
        f"{words.name} has {words.groups} groups of {num_inputs} channels; expected 1, or a channel a group"
    )


def _pooling(words: Pool2d, x: Any) -> Any:
    padding = [*words.padding, *words.padding]
    is_same = _same_padding(x, words.kernel, words.stride) == padding
    if any(padding) and not is_same:
        raise ShapeError(f"{words.name} pads by {words.padding}, as no pooling of TensorFlow does")
    kind = kl.MaxPooling2D if words.kind == "max_pool2d" else kl.AveragePooling2D
    return kind(tuple(words.kernel), strides=tuple(words.stride), padding="same" if any(padding) else "valid")


def _same_padding(
    x: Any, kernel: Sequence[int], stride: Sequence[int], *, dilation: Sequence[int] = (1, 1)
) -> list[int]:
    """Return what TensorFlow's "same" puts at the top, left, bottom and right: the odd pixel goes last.

    Source: tensorflow.org/api_docs/python/tf/nn, "Notes on padding": (ceil(n / s) - 1) s + reach - n.
    """
    sums = []
    for size, side, step, apart in zip(x.shape[1:3], kernel, stride, dilation, strict=True):
        reach = apart * (side - 1) + 1
        sums.append(max((-(-size // step) - 1) * step + reach - size, 0))
    before = [total // 2 for total in sums]
    return [*before, *(total - first for total, first in zip(sums, before, strict=True))]
