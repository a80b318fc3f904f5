"""Everything there is to see inside a network for one image, as one frozen record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inkwise.classifier import Classifier
from inkwise.data.dataset import IMAGE_SIZE, Split
from inkwise.errors import DataError, ShapeError
from inkwise.html_table import html_table
from inkwise.inspection.arithmetic import (
    PixelArithmetic,
    can_be_worked_out,
    pixel_arithmetic,
    strongest_output,
)
from inkwise.inspection.attribution import Attribution, grad_cam, integrated_gradients, occlusion
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.layers import LayerView, view_layers
from inkwise.inspection.neighbours import Neighbours, nearest_images
from inkwise.inspection.recording.calling import as_function, left_as_found
from inkwise.inspection.recording.summaries import say_shape
from inkwise.networks.layers import OutputConvention
from inkwise.networks.outputs import guess_convention, to_log_probabilities
from inkwise.preprocessing import Preprocessing, as_image_tensor

NUM_PROBES = 128  # training images by which dead units are found
NUM_SEARCHED = 1000  # training images among which neighbours are looked for; 0.3 s for cnn-keras
NUM_NEIGHBOURS = 8


@dataclass(frozen=True)
class Inspection:
    """What happens inside a network for one image; tensors are float32 on the processor.

    Attributes:
        image: (28, 28) uint8, as the data set holds it.
        index: its place in the split it comes from, or None.
        label: its class, or None where nobody knows.
        classes: K names.
        layers: in the order they ran.
        probabilities: (K,), their sum is 1 within rounding.
        prediction: the class of the largest probability, the lowest of equal ones.
        attributions: of the predicted class: occlusion, integrated gradients unless no gradient reaches the
            image, and Grad-CAM for a network with convolutions.
        arithmetic: one output of the first layer that can be worked out by hand, or None.
        neighbours: None without training images; indices count in the train split.
        neighbour_images: (k, 28, 28) uint8, or None.
        neighbour_labels: (k,) int64, or None.
        findings: what the doctor says.
        first_weights: the first layer's weights as pictures, (units, 28, 28) or (channels, rows, columns), or
            None where it does not look at the pixels of one channel.
    """

    image: NDArray[np.uint8] = field(repr=False)
    index: int | None
    label: int | None
    classes: tuple[str, ...]
    layers: tuple[LayerView, ...] = field(repr=False)
    probabilities: Tensor = field(repr=False)
    prediction: int
    attributions: tuple[Attribution, ...] = field(repr=False)
    arithmetic: PixelArithmetic | None = field(repr=False)
    neighbours: Neighbours | None = field(repr=False)
    neighbour_images: NDArray[np.uint8] | None = field(repr=False)
    neighbour_labels: NDArray[np.int64] | None = field(repr=False)
    findings: tuple[Finding, ...]
    first_weights: Tensor | None = field(repr=False)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the answer, and a table of the layers."""
        probability = float(self.probabilities[self.prediction])
        answer = f"{self.classes[self.prediction]}, probability {probability:.4f}"
        label = "" if self.label is None else f"; its label is {self.classes[self.label]}"
        rows = [
            (view.name, view.kind, view.summary, say_shape(view.output.shape, view.axes))
            for view in self.layers
        ]
        table = html_table(rows, columns=("layer", "kind", "what it does", "output"))
        return f"<p>{escape(answer + label)}</p>{table}"


def inspect_image(
    classifier: Classifier,
    image: Any,
    *,
    train: Split | None = None,
    index: int | None = None,
    label: int | None = None,
    place: Sequence[int] | None = None,
    findings: Sequence[Finding] = (),
) -> Inspection:
    """Return what happens inside a classifier for one image; the classifier is left as it was.

    Args:
        classifier: its network may be of any kind.
        image: (28, 28) uint8, tensor or array.
        train: what it was trained on; 128 of its images, evenly spaced, show which units are dead, and the
            nearest are looked for among 1,000. None leaves both out.
        index, label: what to write down as the image's place and class.
        place: the output to work out: layer, channel, row and column of a convolution, or layer and feature
            of a linear layer. None takes the largest of the first such layer.
        findings: what the doctor says of the training.
    Raises:
        ShapeError: another shape or type, or a network that cannot take the image.
        DataError: the outputs are not finite.
    """
    return inspect_module(
        classifier.network,
        image,
        preprocessing=classifier.preprocessing,
        classes=classifier.classes,
        output=classifier.header.output,
        train=train,
        index=index,
        label=label,
        place=place,
        findings=findings,
    )


def inspect_module(
    network: nn.Module,
    image: Any,
    *,
    preprocessing: Preprocessing | None = None,
    classes: Sequence[str] | None = None,
    output: OutputConvention | None = None,
    train: Split | None = None,
    index: int | None = None,
    label: int | None = None,
    place: Sequence[int] | None = None,
    findings: Sequence[Finding] = (),
) -> Inspection:
    """Return what happens inside any network for one image; its modes, gradients and hooks stay as they were.

    Args:
        network: any module that takes batches of 28x28 images, with a channel, flat, or bare.
        preprocessing: how its training scaled images; None scales them to [0, 1].
        classes: K names; None counts from "0".
        output: what it returns; None finds out, from the sums of its rows.
        image, train, index, label, place, findings: as of `inspect_image`.
    Raises:
        ShapeError: another shape or type, another number of classes, a label that is none of them, or a
            network that cannot take the image.
        DataError: the outputs are not finite.
    """
    preprocessing = preprocessing or Preprocessing()
    picture = _check_picture(image)
    pixels = preprocessing(picture[None])[0]
    logs, output = _log_probabilities(network, pixels, output=output)
    names = _check_classes(classes, num_outputs=len(logs), label=label)
    probe, _ = spaced_images(train, preprocessing, NUM_PROBES)
    layers = view_layers(network, pixels, probe=probe)
    prediction = int(logs.argmax())
    neighbours = _neighbours(network, pixels, train=train, preprocessing=preprocessing)
    near = train.take(neighbours.indices.numpy()) if train is not None and neighbours is not None else None
    return Inspection(
        image=picture.numpy(),
        index=index,
        label=label,
        classes=names,
        layers=layers,
        probabilities=logs.exp(),
        prediction=prediction,
        attributions=_attributions(
            network, pixels, target=prediction, black=preprocessing.value_range()[0], output=output
        ),
        arithmetic=first_arithmetic(layers) if place is None else arithmetic_at(layers, place),
        neighbours=neighbours,
        neighbour_images=near.images if near is not None else None,
        neighbour_labels=near.labels if near is not None else None,
        findings=tuple(findings),
        first_weights=first_weights(layers),
    )


def first_weights(layers: Sequence[LayerView]) -> Tensor | None:
    """Return the first layer's weights as pictures, where it looks at the pixels of one channel.

    Returns:
        (units, 28, 28) for a linear layer on 784 inputs, (channels, rows, columns) for a convolution on one
        channel; None where the first layer with weights is another.
    """
    weight = next((view.weight for view in layers if view.weight is not None), None)
    if weight is None:
        return None
    if weight.ndim == 2 and weight.shape[1] == IMAGE_SIZE**2:
        return weight.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return weight[:, 0] if weight.ndim == 4 and weight.shape[1] == 1 else None


def first_arithmetic(layers: Sequence[LayerView]) -> PixelArithmetic | None:
    """Return how the largest output of the first convolution or linear layer comes about, or None."""
    view = next((view for view in layers if can_be_worked_out(view)), None)
    if view is None:
        return None
    place = strongest_output(view)
    return pixel_arithmetic(view, **dict(zip(("channel", "row", "column"), place, strict=False)))


def arithmetic_at(layers: Sequence[LayerView], place: Sequence[int]) -> PixelArithmetic:
    """Return how the output at place comes about.

    Args:
        layers: of `view_layers`.
        place: layer, channel, row and column of a convolution, or layer and feature of a linear layer.
    Raises:
        ShapeError: there is no such layer, it is of another kind, or it has no output there.
    """
    known = " or ".join(str(view.index) for view in layers if can_be_worked_out(view))
    fits = 2 <= len(place) <= 4 and 0 <= place[0] < len(layers)
    if not fits or not can_be_worked_out(layers[place[0]]):
        raise ShapeError(
            f"no output to work out at {','.join(map(str, place))}; expected layer,channel,row,column of a "
            f"convolution or layer,feature of a linear layer, with layer {known}"
        )
    return pixel_arithmetic(
        layers[place[0]], **dict(zip(("channel", "row", "column"), place[1:], strict=False))
    )


def _check_picture(image: Any) -> Tensor:
    picture = as_image_tensor(image)
    if picture.dtype != torch.uint8 or picture.shape != (IMAGE_SIZE, IMAGE_SIZE):
        raise ShapeError(
            f"image must be uint8 of shape ({IMAGE_SIZE}, {IMAGE_SIZE}), got {picture.dtype} of shape "
            f"{tuple(picture.shape)}; from a batch take images[0], for floats in [0, 1] multiply by 255"
        )
    return picture.cpu().clone()


def _check_classes(classes: Sequence[str] | None, *, num_outputs: int, label: int | None) -> tuple[str, ...]:
    names = tuple(classes) if classes is not None else tuple(str(k) for k in range(num_outputs))
    if len(names) != num_outputs:
        raise ShapeError(
            f"the network gives {num_outputs} outputs an image, expected {len(names)}, one for each class "
            f"({', '.join(names)}); correct classes"
        )
    if label is not None and not 0 <= label < num_outputs:
        raise ShapeError(f"label {label} is no class, expected 0 to {num_outputs - 1}; correct label")
    return names


def _log_probabilities(
    network: nn.Module, pixels: Tensor, *, output: OutputConvention | None
) -> tuple[Tensor, OutputConvention]:
    """Return log-probabilities (K,) and what the network returns, found out from four images if need be."""
    images = torch.stack((pixels, pixels.flip(1), pixels.flip(2), torch.zeros_like(pixels)))
    run = as_function(network, pixels)
    with left_as_found(network), torch.no_grad():
        outputs = run(images).cpu()
    if not bool(outputs[0].isfinite().all()):
        raise DataError(
            "the network's outputs for this image are not finite; expected numbers: its weights have "
            "diverged, train again with a smaller learning_rate"
        )
    convention = output or guess_convention(outputs)
    return to_log_probabilities(outputs[:1], convention)[0], convention


def spaced_images(
    train: Split | None, preprocessing: Preprocessing, count: int
) -> tuple[Tensor | None, NDArray[np.int64]]:
    """Return at most count images of train, evenly spaced and preprocessed, and where they stand in it."""
    if train is None or len(train) < 2:
        return None, np.empty(0, dtype=np.int64)
    places = np.unique(np.linspace(0, len(train) - 1, count).astype(np.int64))
    return preprocessing(torch.from_numpy(np.ascontiguousarray(train.images[places]))), places


def _neighbours(
    network: nn.Module, pixels: Tensor, *, train: Split | None, preprocessing: Preprocessing
) -> Neighbours | None:
    images, places = spaced_images(train, preprocessing, NUM_SEARCHED)
    if images is None:
        return None
    near = nearest_images(network, pixels, images, k=NUM_NEIGHBOURS)
    return Neighbours(
        indices=torch.from_numpy(places)[near.indices],
        distances=near.distances,
        layer=near.layer,
        num_searched=near.num_searched,
        num_features=near.num_features,
    )


def _attributions(
    network: nn.Module, pixels: Tensor, *, target: int, black: float, output: OutputConvention
) -> tuple[Attribution, ...]:
    methods = (occlusion, integrated_gradients, grad_cam)
    maps = (method(network, pixels, target=target, black=black, output=output) for method in methods)
    return tuple(found for found in maps if found is not None)
