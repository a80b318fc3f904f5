"""Every layer of a Keras network at work on one image, as the same records as PyTorch's.

All tensors are in PyTorch's layout, channels first, so that the figures that draw one draw the other, and the
two can be compared value by value.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import torch
from keras import layers as kl
from torch import Tensor, nn

from inkwise.classifier import Classifier
from inkwise.data.dataset import Split
from inkwise.inspection.inspect import (
    NUM_PROBES,
    Inspection,
    arithmetic_at,
    first_arithmetic,
    first_weights,
    spaced_images,
)
from inkwise.inspection.layers import (
    LayerView,
    check_image,
    check_probe,
    has_units,
    mark_dead,
    name_axes,
)
from inkwise.inspection.recording.geometry import Geometry
from inkwise.inspection.recording.summaries import describe
from inkwise.networks.layers import Conv2d
from inkwise.networks.outputs import to_log_probabilities
from inkwise.tensorflow.twin import Pair, Twin
from inkwise.tensorflow.weights import feature_order, from_keras, twin_with_weights

# They only open and pad: what comes in, and rows of zeros.
_UNSEEN = (kl.InputLayer, kl.ZeroPadding2D)


def twin_of(classifier: Classifier) -> Twin:
    """Return the Keras network with a classifier's weights.

    Raises:
        RecipeError: its network has no twin.
    """
    header = classifier.header
    options = {"num_classes": len(header.classes), **header.network_options}
    return twin_with_weights(classifier.network, architecture=header.network, **options)


def inspect_in_keras(
    classifier: Classifier,
    inspection: Inspection,
    *,
    train: Split | None = None,
    place: Sequence[int] | None = None,
) -> Inspection:
    """Return an inspection with its layers, answer and arithmetic from the Keras network.

    Attributions and neighbours stay as they are: they are PyTorch's.

    Args:
        classifier: of any training.
        inspection: of inspect_image, of the same classifier.
        train, place: as of inspect_image.
    Raises:
        RecipeError: the network has no twin.
        ShapeError: there is no output at place.
    """
    pixels = classifier.preprocessing(torch.from_numpy(inspection.image[None]))
    probe, _ = spaced_images(train, classifier.preprocessing, NUM_PROBES)
    layers = view_keras_layers(twin_of(classifier), pixels[0], probe=probe, network=classifier.network)
    logs = to_log_probabilities(layers[-1].output[None], classifier.header.output)[0]
    return replace(
        inspection,
        layers=layers,
        probabilities=logs.exp(),
        prediction=int(logs.argmax()),
        arithmetic=first_arithmetic(layers) if place is None else arithmetic_at(layers, place),
        first_weights=first_weights(layers),
    )


def view_keras_layers(
    twin: Twin, image: Tensor, *, probe: Tensor | None = None, network: nn.Module | None = None
) -> tuple[LayerView, ...]:
    """Return every layer of the Keras network at work on image, in the order they ran.

    Args:
        twin: with its weights.
        image: (1, 28, 28) float32, preprocessed.
        probe: (N, 1, 28, 28) float32, preprocessed, N of 2 or more: images by which dead units are found.
        network: the same in PyTorch, whose layers say what they do; None says it by shapes alone.
    Raises:
        ShapeError: image or probe has another shape.
    """
    check_image(image)
    if probe is not None:
        check_probe(probe)
    shown = [layer for layer in twin.model.layers if not isinstance(layer, _UNSEEN)]
    outputs = [output[0] for output in _run(twin, shown, image[None])]
    inputs = [image, *outputs[:-1]]
    modules = dict(network.named_modules()) if network is not None else {}
    tensors = {name: torch.from_numpy(value) for name, value in from_keras(twin).items()}
    pairs = {id(pair.keras): pair for pair in twin.pairs}
    views = [
        _view(index, layer, (before, output), pair=pairs.get(id(layer)), modules=modules, tensors=tensors)
        for index, (layer, before, output) in enumerate(zip(shown, inputs, outputs, strict=True))
    ]
    views = name_axes(views, num_classes=len(outputs[-1]))
    if probe is not None:
        found = _run(twin, shown, probe)
        spans = [
            torch.stack((output.amin(0), output.amax(0))) if has_units(view) else None
            for view, output in zip(views, found, strict=True)
        ]
        views = mark_dead(views, spans)
    return tuple(views)


def _run(twin: Twin, layers: Sequence[Any], images: Tensor) -> list[Tensor]:
    """Return each layer's outputs for images (N, 1, 28, 28), in PyTorch's layout."""
    model = keras.Model(twin.model.input, [layer.output for layer in layers])
    outputs = model(images.numpy().transpose(0, 2, 3, 1), training=False)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return [
        torch.from_numpy(_to_channels_first(output.numpy(), flattened).copy())
        for output, flattened in zip(outputs, _flattenings(twin, layers), strict=True)
    ]


def _flattenings(twin: Twin, layers: Sequence[Any]) -> list[tuple[int, int, int] | None]:
    """Return of each layer the shape that its output's features were flattened from."""
    known = {id(pair.keras): pair.flattened_output for pair in twin.pairs}
    found: list[tuple[int, int, int] | None] = []
    for layer in layers:
        # Dropout has no pair, and leaves the order as it was.
        found.append(known.get(id(layer), found[-1] if found else None))
    return found


def _to_channels_first(values: Any, flattened: tuple[int, int, int] | None) -> Any:
    if values.ndim == 4:
        return values.transpose(0, 3, 1, 2)
    return values if flattened is None else values[:, feature_order(flattened)]


def _view(
    index: int,
    layer: Any,
    values: tuple[Tensor, Tensor],
    *,
    pair: Pair | None,
    modules: dict[str, nn.Module],
    tensors: dict[str, Tensor],
) -> LayerView:
    before, output = values
    names = pair.tensor_names if pair is not None else []
    # gamma and beta of batch normalisation; its mean and variance are no weights.
    weight, bias = (*(tensors[name] for name in names[:2]), None, None)[:2]
    module: nn.Module | None = nn.Dropout(layer.rate) if isinstance(layer, kl.Dropout) else None
    if pair is not None:
        module = modules.get(pair.words.name)
    kind = layer.activation.__name__ if isinstance(layer, kl.Activation) else type(layer).__name__
    word = pair.words.kind if pair is not None else kind
    return LayerView(
        index=index,
        name=layer.name,
        kind="LogSoftmax" if kind == "log_softmax" else kind,
        summary=describe(word, module, shapes=(tuple(before.shape), tuple(output.shape))),
        input_axes=(),
        axes=(),
        input=before,
        output=output,
        weight=weight,
        bias=bias,
        num_parameters=sum(int(np.prod(part.shape)) for part in layer.trainable_weights),
        dead=None,
        geometry=_geometry(pair.words) if pair is not None and isinstance(pair.words, Conv2d) else None,
    )


def _geometry(words: Conv2d) -> Geometry:
    top, left, bottom, right = words.padding
    return Geometry(
        stride=(words.stride[0], words.stride[1]),
        dilation=(words.dilation[0], words.dilation[1]),
        padding=(left, right, top, bottom),
        padding_mode="zeros",
        groups=words.groups,
    )
