"""What every layer of a network takes in, holds and puts out, for one image."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import ShapeError
from inkwise.inspection.recording.geometry import Geometry, geometry_of
from inkwise.inspection.recording.recorder import Recorded, record
from inkwise.inspection.recording.summaries import describe
from inkwise.networks.build import num_parameters

RECTIFIERS = frozenset(("relu", "relu_", "relu6", "threshold", "hardswish"))  # their zeros say nothing


@dataclass(frozen=True)
class Histogram:
    """How often values occur.

    Attributes:
        counts: (B,) int64.
        edges: (B + 1,) float64, ascending; bin b holds values from edges[b] to below edges[b + 1], the last
            bin its upper edge too.
    """

    counts: Tensor
    edges: Tensor


@dataclass(frozen=True)
class LayerView:
    """One layer at work on one image; tensors are float32 copies on the processor, without the batch axis.

    What forward does by a function instead of a layer, F.relu or view or +, is a layer here too: its name
    ends in brackets, "relu()".

    Attributes:
        index: 0 for the first layer that ran.
        name: its path in the network, such as "conv1" or "features.0".
        kind: its class, such as "Conv2d".
        summary: what it is in words, such as "1 to 20 channels, kernel 5x5".
        input_axes: the meaning of each axis of input, such as ("channel", "row", "column").
        axes: the meaning of each axis of output, such as ("feature",).
        input: what came in; empty where nothing with a batch axis did.
        output: what went out; the first tensor where there are several.
        weight: as the layer holds it, or None.
        bias: as the layer holds it, or None.
        num_parameters: weights and biases, those too that no training changes; 0 where the same layer ran
            before.
        dead: (units,) bool, channels or features that say nothing: 0 for every probe image after a ReLU; for
            a layer with weights, so after the ReLU that follows it, or else the same for every probe image.
            None where that cannot happen, or without probe images.
        geometry: of a Conv2d, else None.
    """

    index: int
    name: str
    kind: str
    summary: str
    input_axes: tuple[str, ...]
    axes: tuple[str, ...]
    input: Tensor = field(repr=False)
    output: Tensor = field(repr=False)
    weight: Tensor | None = field(repr=False)
    bias: Tensor | None = field(repr=False)
    num_parameters: int
    dead: Tensor | None = field(repr=False)
    geometry: Geometry | None = None

    @property
    def dead_share(self) -> float | None:
        """The share of dead units, a fraction in [0, 1], or None where dead is None."""
        return None if self.dead is None else float(self.dead.double().mean())

    def histogram(self, *, num_bins: int = 50) -> Histogram:
        """Return the distribution of the output over its true range."""
        return value_histogram(self.output, num_bins=num_bins)


def value_histogram(values: Tensor, *, num_bins: int = 50) -> Histogram:
    """Return how often values occur, in equal bins from the smallest to the largest of them.

    Args:
        values: any shape, at least one finite number; others are left out.
        num_bins: 1 or more. Equal values all fall into a single bin, half a unit to each side.
    Raises:
        ShapeError: there is no finite value, or no bin.

    >>> value_histogram(torch.tensor([0.0, 0.0, 1.0, 4.0]), num_bins=2)
    Histogram(counts=tensor([3, 1]), edges=tensor([0., 2., 4.], dtype=torch.float64))
    """
    finite = values[values.isfinite()].double().flatten()
    if not len(finite) or num_bins < 1:
        raise ShapeError(
            f"a histogram of {len(finite)} finite values in {num_bins} bins; expected at least one of each"
        )
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return Histogram(torch.tensor([len(finite)]), torch.tensor([low - 0.5, low + 0.5]).double())
    counts, edges = torch.histogram(finite, bins=num_bins, range=(low, high))
    return Histogram(counts.long(), edges)


def view_layers(network: nn.Module, image: Tensor, *, probe: Tensor | None = None) -> tuple[LayerView, ...]:
    """Return every layer at work on image, in the order they ran; a layer used twice is there twice.

    The network is run in evaluation mode. Its modes, buffers, gradients and hooks and every random state are
    left as they were, also when forward fails.

    Args:
        network: any module for batches of 28x28 images with one channel, or of flat rows of 784.
        image: (1, 28, 28) float32, preprocessed.
        probe: (N, 1, 28, 28) float32, preprocessed, N of 2 or more: images by which dead units are found.
    Raises:
        ShapeError: image or probe has another shape, or the network cannot take it.
    """
    check_image(image)
    if probe is not None:
        check_probe(probe)

    def keep(index: int, tensor: Tensor) -> Tensor:
        return tensor[0].detach().float().cpu().clone(memory_format=torch.contiguous_format)

    # The image twice, so that the axis of the batch is the one of length 2.
    pair = image[None].expand(2, *image.shape)
    records, outputs = record(network, pair, keep_input=keep, keep_output=keep)
    views = [_view(index, recorded) for index, recorded in enumerate(records)]
    views = _count_once(views, records)
    views = name_axes(views, num_classes=outputs.shape[1])
    if probe is not None:
        views = _probe_dead(views, network, probe)
    return tuple(views)


def check_image(image: Tensor) -> None:
    """Raise ShapeError unless image is (1, 28, 28) float."""
    expected = (1, IMAGE_SIZE, IMAGE_SIZE)
    if not isinstance(image, Tensor) or tuple(image.shape) != expected or not image.is_floating_point():
        given = (
            f"{image.dtype} of shape {tuple(image.shape)}"
            if isinstance(image, Tensor)
            else type(image).__name__
        )
        raise ShapeError(
            f"image must be a float tensor of shape {expected}, got {given}; "
            "for a uint8 image pass preprocessing(images)[0], or call inspect_image"
        )


def check_probe(probe: Tensor) -> None:
    """Raise ShapeError unless probe is (N, 1, 28, 28) with N of 2 or more."""
    if probe.ndim != 4 or probe.shape[1:] != (1, IMAGE_SIZE, IMAGE_SIZE) or len(probe) < 2:
        raise ShapeError(
            f"probe must have shape (N, 1, {IMAGE_SIZE}, {IMAGE_SIZE}) with N of 2 or more, got "
            f"{tuple(probe.shape)}; pass preprocessing(images)"
        )


def _view(index: int, recorded: Recorded) -> LayerView:
    layer = recorded.layer
    given = recorded.input if recorded.input is not None else torch.empty(0)
    assert recorded.output is not None
    summary = describe(recorded.kind, layer, shapes=(tuple(given.shape), tuple(recorded.output.shape)))
    if layer is None:
        if "dropout" in recorded.kind and not torch.equal(given, recorded.output):
            summary = "drops some values, here too: it is called without training=self.training"
        summary += "; a function called in forward"
    if recorded.num_outputs > 1:
        summary += f"; the first of its {recorded.num_outputs} outputs"
    return LayerView(
        index=index,
        name=recorded.name,
        kind=recorded.kind,
        summary=summary,
        input_axes=(),
        axes=(),
        input=given,
        output=recorded.output,
        weight=recorded.weight,
        bias=recorded.bias,
        num_parameters=num_parameters(layer) if layer is not None else 0,
        dead=None,
        geometry=geometry_of(layer) if isinstance(layer, nn.Conv2d) else None,
    )


def _count_once(views: list[LayerView], records: list[Recorded]) -> list[LayerView]:
    """Leave the parameters of a layer that runs again to its first run, so that their sum is right."""
    layers = [recorded.layer for recorded in records]
    return [
        replace(view, num_parameters=0) if layer is not None and layer in layers[: view.index] else view
        for view, layer in zip(views, layers, strict=True)
    ]


def name_axes(views: list[LayerView], *, num_classes: int) -> list[LayerView]:
    """Fill in axes: by the number of axes, and "class" from the layer on that makes the classes."""
    first_of_classes = len(views)
    for view in reversed(views):
        if view.output.shape != (num_classes,):
            break
        first_of_classes = view.index
        if view.weight is not None:
            break
    named: list[LayerView] = []
    is_picture = True  # until a layer has learned something from it
    for view in views:
        input_axes = _axes_of(view.input, is_picture=is_picture)
        if named and named[-1].output.shape == view.input.shape:
            input_axes = named[-1].axes
        is_picture = is_picture and not view.num_parameters
        axes = _axes_of(view.output, is_picture=is_picture)
        axes = ("class",) if view.index >= first_of_classes else axes
        named.append(replace(view, input_axes=input_axes, axes=axes))
    return named


def _axes_of(tensor: Tensor, *, is_picture: bool) -> tuple[str, ...]:
    known: dict[int, tuple[str, ...]] = {
        0: (),
        1: ("feature",),
        2: ("row", "column") if is_picture else ("step", "feature"),
        3: ("channel", "row", "column"),
    }
    return known.get(tensor.ndim, tuple(f"axis {number}" for number in range(1, tensor.ndim + 1)))


def _probe_dead(views: list[LayerView], network: nn.Module, probe: Tensor) -> list[LayerView]:
    """Fill in dead, by a run on the probe images."""

    def span(index: int, tensor: Tensor) -> Tensor | None:
        # The least and the largest value at each place, over the images.
        if index >= len(views) or not has_units(views[index]):
            return None
        return torch.stack((tensor.amin(0), tensor.amax(0))).float().cpu()

    records, _ = record(network, probe, keep_output=span)
    if [recorded.name for recorded in records] != [view.name for view in views]:
        return views  # forward takes another way for other images
    return mark_dead(views, [recorded.output for recorded in records])


def mark_dead(views: list[LayerView], spans: Sequence[Tensor | None]) -> list[LayerView]:
    """Return the views with dead filled in.

    Args:
        views: of all layers, in the order they ran.
        spans: of each layer, its least and its largest output at each place over some images, (2, *output),
            or None where it is of no use.
    """
    own = [_silent_units(view, span) for view, span in zip(views, spans, strict=True)]
    return [replace(view, dead=_dead(views, own, view.index)) for view in views]


def has_units(view: LayerView) -> bool:
    """Return whether a layer has units that can be dead: one with weights, or a rectifier."""
    return (view.weight is not None or view.kind.lower() in RECTIFIERS) and view.output.ndim > 0


def _num_units(view: LayerView) -> int:
    return view.output.shape[-1 if view.output.ndim == 2 else 0] if view.output.ndim else 0


def _silent_units(view: LayerView, span: Tensor | None) -> Tensor | None:
    """Return (units,) bool: always 0 for a rectifier, else the same for all images at each place."""
    if span is None:
        return None
    low, high = span
    is_silent = (high == 0) & (low == 0) if view.kind.lower() in RECTIFIERS else high == low
    if is_silent.ndim != 2:  # (feature,) or (channel, row, column)
        is_silent = is_silent.reshape(len(is_silent), -1).T
    return torch.all(is_silent, dim=0)  # of (place, unit), or of (step, feature)


def _dead(views: list[LayerView], own: list[Tensor | None], index: int) -> Tensor | None:
    """Return the units of layer index that are silent, or are silenced by the rectifier behind it."""
    mine = own[index]
    if mine is None or views[index].kind.lower() in RECTIFIERS:
        return mine
    for view in views[index + 1 :]:
        after = own[view.index]
        if _num_units(view) != len(mine) or (view.weight is not None and view.weight.ndim > 1):
            break
        if view.kind.lower() in RECTIFIERS and after is not None:
            return mine | after
    return mine
