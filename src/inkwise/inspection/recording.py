"""Runs a network on a few images and keeps what every layer took in and put out.

Layers are seen by hooks, functions that forward calls itself (F.relu, view, +) by a TorchFunctionMode, so
that a network written with either is seen whole. The network is left as it was found, also after an error.
What the tensors mean is said in layers.py.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from inkwise.classifier import evaluation_mode
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import ShapeError

# Inputs that networks for these images are written for: a channel, a flat row, a bare picture.
_INPUT_SHAPES = ((1, IMAGE_SIZE, IMAGE_SIZE), (IMAGE_SIZE**2,), (IMAGE_SIZE, IMAGE_SIZE))
# Functions that change no value: they move, copy or look at a tensor.
_SILENT = frozenset(
    ("__get__", "to", "type", "type_as", "float", "double", "half", "cpu", "cuda", "contiguous", "clone")
    + ("detach", "requires_grad_")
)
_WEIGHTED_FUNCTIONS = frozenset(("linear", "conv1d", "conv2d", "conv3d"))

# (position in the order of layers, (N, ...) tensor) -> what to keep of it, a copy, or None.
Keep = Callable[[int, Tensor], Tensor | None]


@dataclass(frozen=True)
class Recorded:
    """One layer, or one function that forward calls itself, at work.

    Attributes:
        name: the layer's path in the network, or the function with brackets: "relu()".
        kind: the layer's class, or the function's name.
        layer: None for a function.
        input: what was kept of the first tensor that came in.
        output: what was kept of the first tensor that went out.
        weight: as the layer holds it, or None.
        bias: as the layer holds it, or None.
        num_outputs: tensors that went out.
    """

    name: str
    kind: str
    layer: nn.Module | None
    input: Tensor | None
    output: Tensor | None
    weight: Tensor | None
    bias: Tensor | None
    num_outputs: int


def record(
    network: nn.Module, images: Tensor, *, keep_input: Keep, keep_output: Keep
) -> tuple[list[Recorded], Tensor]:
    """Return what every layer did in the order they ran, and the network's outputs (N, K) float32.

    Args:
        network: any module for images of one channel, flat rows of 784, or bare 28x28 pictures.
        images: (N, 1, 28, 28) float32, preprocessed; N of 2 or more tells the batch axis from the others.
        keep_input, keep_output: called with each tensor at the time, before a later layer can overwrite it.
    Raises:
        ShapeError: the network cannot take the images, or gives no row of numbers for each.
    """
    recorder = _Recorder(network, len(images), keep_input=keep_input, keep_output=keep_output)
    with left_as_found(network), torch.no_grad():
        inputs = _prepare(network, images).reshape(len(images), *input_shape(network, images[:1]))
        with recorder.attached(network), recorder:
            raw = network(inputs)
    return recorder.records, rows_of(raw, len(images))


def as_function(network: nn.Module, image: Tensor) -> Callable[[Tensor], Tensor]:
    """Return network as a function from images (N, 1, 28, 28) to outputs (N, K) float32.

    Args:
        network: as of `record`.
        image: (1, 28, 28), one that it shall take; run once to see in which shape.
    Raises:
        ShapeError: the network cannot take the image, or gives no row of numbers for it.
    """
    with left_as_found(network), torch.no_grad():
        shape = input_shape(network, image[None])

    def run(images: Tensor) -> Tensor:
        return rows_of(network(_prepare(network, images).reshape(len(images), *shape)), len(images))

    return run


@contextmanager
def left_as_found(network: nn.Module) -> Iterator[None]:
    """Evaluate in the block; leave modes, buffers and every random state as they were."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    buffers = [(buffer, buffer.detach().clone()) for buffer in network.buffers()]
    device = _place(network)[0]
    try:
        with (
            torch.random.fork_rng(devices=[device] if device.type == "cuda" else []),
            evaluation_mode(network),
        ):
            yield
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)
        for buffer, saved in buffers:
            if not torch.equal(buffer, saved):  # writing back unasked would look like a change to autograd
                buffer.detach().copy_(saved)


def input_shape(network: nn.Module, images: Tensor) -> tuple[int, ...]:
    """Return the shape, without batch axis, in which network takes images; to be called within left_as_found.

    Raises:
        ShapeError: it takes none of the three.
    """
    pair = _prepare(network, images[:1]).expand(2, *images.shape[1:])
    first_error: Exception | None = None
    for shape in _INPUT_SHAPES:
        try:
            rows_of(network(pair.reshape(2, *shape)), 2)
            return shape
        except (RuntimeError, ValueError, IndexError, TypeError, ShapeError) as error:
            first_error = first_error or error
    if isinstance(first_error, ShapeError):
        raise first_error
    raise ShapeError(
        f"the network cannot take images of shape (2, 1, {IMAGE_SIZE}, {IMAGE_SIZE}), nor (2, "
        f"{IMAGE_SIZE**2}) or (2, {IMAGE_SIZE}, {IMAGE_SIZE}): {str(first_error).strip()}; "
        "expected a network for batches of 28x28 images with one channel"
    ) from first_error


def rows_of(raw: Any, num_images: int) -> Tensor:
    """Return the outputs (N, K) float32 in whatever a network returned: a tensor, or the first one inside.

    Raises:
        ShapeError: there is no tensor, or not a row for each image.
    """
    outputs = _tensors(raw)[0] if _tensors(raw) else None
    if outputs is None or outputs.ndim < 2 or len(outputs) != num_images or not outputs.is_floating_point():
        given = type(raw).__name__ if outputs is None else f"{outputs.dtype} of shape {tuple(outputs.shape)}"
        raise ShapeError(
            f"for {num_images} images the network returns {given}, expected floats of shape "
            f"({num_images}, K), a row of K classes an image; return such a tensor from forward"
        )
    return outputs.flatten(1).float()


def _place(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32


def _prepare(network: nn.Module, images: Tensor) -> Tensor:
    device, dtype = _place(network)
    return images.to(device=device, dtype=dtype)


def _tensors(value: Any) -> list[Tensor]:
    """Return the tensors inside tuples, lists and dictionaries, in order."""
    if isinstance(value, Tensor):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [tensor for part in inside for tensor in _tensors(part)]


class _Recorder(TorchFunctionMode):
    """Writes a Recorded for every layer without layers inside and every function outside of those."""

    def __init__(self, network: nn.Module, num_images: int, *, keep_input: Keep, keep_output: Keep) -> None:
        super().__init__()
        self.records: list[Recorded] = []
        self._names = {layer: name or type(layer).__name__ for name, layer in network.named_modules()}
        self._num_images, self._keep_input, self._keep_output = num_images, keep_input, keep_output
        self._depth = 0  # layers that are at work now; what they call inside is theirs
        self._input: Tensor | None = None

    @contextmanager
    def attached(self, network: nn.Module) -> Iterator[None]:
        """Hook every layer without layers inside; unhook them after the block, whatever happened."""
        with ExitStack() as hooks:
            for layer in network.modules():
                if all(name == "parametrizations" for name, _ in layer.named_children()):
                    before = layer.register_forward_pre_hook(self._enter, with_kwargs=True, prepend=True)
                    hooks.callback(before.remove)
                    hooks.callback(layer.register_forward_hook(self._leave).remove)
            yield

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if self._depth or name in _SILENT:
            return func(*args, **kwargs)
        kept = self._kept_input((args, kwargs))
        result = func(*args, **kwargs)
        if kept is not None and any(self._has_rows(tensor) for tensor in _tensors(result)):
            weights = [*args[1:3], kwargs.get("weight"), kwargs.get("bias")]
            weights = [tensor for tensor in weights if isinstance(tensor, Tensor)]
            weights = weights if name in _WEIGHTED_FUNCTIONS else []
            self._write(None, name=name.strip("_"), kept=kept[0], result=result, weights=weights)
        return result

    def _enter(self, layer: nn.Module, args: Any, kwargs: Any) -> None:
        self._depth += 1
        if self._depth == 1:
            kept = self._kept_input((args, kwargs))
            self._input = kept[0] if kept else None

    def _leave(self, layer: nn.Module, args: Any, result: Any) -> None:
        if self._depth == 1 and any(tensor.is_floating_point() for tensor in _tensors(result)):
            weights = [getattr(layer, name, None) for name in ("weight", "bias")]
            self._write(layer, name=self._names[layer], kept=self._input, result=result, weights=weights)
        self._depth -= 1

    def _has_rows(self, tensor: Tensor) -> bool:
        return tensor.is_floating_point() and self._num_images in tensor.shape[:2]

    def _kept_input(self, given: Any) -> tuple[Tensor | None] | None:
        for tensor in _tensors(list(given)):
            if self._has_rows(tensor) and not isinstance(tensor, nn.Parameter):
                return (self._keep_input(len(self.records), self._rows_first(tensor)),)
        return None

    def _rows_first(self, tensor: Tensor) -> Tensor:
        """Return tensor (N, ...): recurrent layers put the batch second."""
        if tensor.ndim and len(tensor) == self._num_images:
            return tensor
        return tensor.transpose(0, 1) if self._has_rows(tensor) else tensor[None]

    def _write(
        self, layer: nn.Module | None, *, name: str, kept: Tensor | None, result: Any, weights: list[Any]
    ) -> None:
        tensors = [tensor for tensor in _tensors(result) if tensor.is_floating_point()]
        output = self._keep_output(len(self.records), self._rows_first(tensors[0]))
        weight, bias = (
            tensor.detach().float().cpu().clone() if isinstance(tensor, Tensor) else None
            for tensor in (*weights, None, None)[:2]
        )
        kind = type(layer).__name__ if layer is not None else name
        name = name if layer is not None else f"{name}()"
        self.records.append(Recorded(name, kind, layer, kept, output, weight, bias, len(_tensors(result))))
