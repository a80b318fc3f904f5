"""Runs a network on a few images and keeps what every layer took in and put out.

Layers are seen by hooks; functions that forward calls itself (F.relu, view, +) by a TorchFunctionMode, so
that a network written with either is seen whole. What the tensors mean is said in layers.py.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from inkwise.inspection.recording.calling import (
    as_inputs,
    input_shape,
    left_as_found,
    plain_module,
    rows_of,
    tensors_in,
)

# Functions that change no value: they move, copy or look at a tensor.
_SILENT = frozenset(
    ("__get__", "to", "type", "type_as", "float", "double", "half", "cpu", "cuda", "contiguous", "clone",
     "detach", "requires_grad_")
)  # fmt: skip
_WEIGHTED_FUNCTIONS = frozenset(("linear", "conv1d", "conv2d", "conv3d"))

# (position in the order of layers, (N, ...) tensor) -> what to keep of it, a copy, or None.
Keep = Callable[[int, Tensor], Tensor | None]


def keep_nothing(index: int, tensor: Tensor) -> None:
    """Return None, whatever the tensor."""


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
    network: nn.Module, images: Tensor, *, keep_input: Keep = keep_nothing, keep_output: Keep = keep_nothing
) -> tuple[list[Recorded], Tensor]:
    """Return what every layer did in the order they ran, and the network's outputs (N, K) float32.

    Args:
        network: any module for images of one channel, flat rows of 784, or bare 28x28 pictures.
        images: (N, 1, 28, 28) float32, preprocessed; N of 2 or more tells the batch axis from the others.
            Where they require a gradient, the tensors have a history, else none.
        keep_input, keep_output: called with each tensor at the time, before a later layer can overwrite it.
    Raises:
        ShapeError: the network cannot take the images, or gives no row of numbers for each.
        InkwiseError: network is no nn.Module, or one that hides its layers.
    """
    network = plain_module(network)
    recorder = _Recorder(network, len(images), keep_input=keep_input, keep_output=keep_output)
    with left_as_found(network), torch.set_grad_enabled(images.requires_grad):
        inputs = as_inputs(network, images, input_shape(network, images))
        with recorder.attached(network), recorder:
            raw = network(inputs)
    return recorder.records, rows_of(raw, len(images))


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
        """Hook every layer without layers inside; unhook them after the block, whatever happened.

        A network that is a layer of its own is seen by the functions that its forward calls.
        """
        with ExitStack() as hooks:
            for layer in network.modules():
                if _is_leaf(layer) and (layer is not network or _is_of_torch(layer)):
                    before = layer.register_forward_pre_hook(self._enter, with_kwargs=True, prepend=True)
                    hooks.callback(before.remove)
                    hooks.callback(layer.register_forward_hook(self._leave).remove)
            yield

    def __torch_function__(self, func: Any, types: Any, *call: Any) -> Any:
        args, kwargs = (*call, (), {})[:2]  # PyTorch passes both by position, or neither
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if self._depth or name in _SILENT:
            return func(*args, **kwargs)
        kept = self._kept_input((args, kwargs))
        result = func(*args, **kwargs)
        if kept is not None and any(self._has_rows(tensor) for tensor in tensors_in(result)):
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
        if self._depth == 1 and any(tensor.is_floating_point() for tensor in tensors_in(result)):
            weights = [getattr(layer, name, None) for name in ("weight", "bias")]
            self._write(layer, name=self._names[layer], kept=self._input, result=result, weights=weights)
        self._depth -= 1

    def _has_rows(self, tensor: Tensor) -> bool:
        return tensor.is_floating_point() and self._num_images in tensor.shape[:2]

    def _kept_input(self, given: Any) -> tuple[Tensor | None] | None:
        for tensor in tensors_in(list(given)):
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
        tensors = [tensor for tensor in tensors_in(result) if tensor.is_floating_point()]
        output = self._keep_output(len(self.records), self._rows_first(tensors[0]))
        weight, bias = (
            tensor.detach().float().cpu().clone() if isinstance(tensor, Tensor) else None
            for tensor in (*weights, None, None)[:2]
        )
        kind = type(layer).__name__ if layer is not None else name
        name = name if layer is not None else f"{name}()"
        self.records.append(Recorded(name, kind, layer, kept, output, weight, bias, len(tensors_in(result))))


def _is_leaf(layer: nn.Module) -> bool:
    # Weight or spectral norm sits inside its layer and is no step of its own.
    return all(name == "parametrizations" for name, _ in layer.named_children())


def _is_of_torch(layer: nn.Module) -> bool:
    return type(layer).__module__.split(".")[0] == "torch"
