"""From a PyTorch network to the words of networks/layers.py."""

import itertools
import operator
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from inkwise.errors import ShapeError
from inkwise.networks.layers import BatchNorm, Conv2d, Layer, Linear, Plain, Pool2d

_PLAIN: dict[Any, str] = {
    nn.ReLU: "relu",
    nn.Flatten: "flatten",
    nn.Softmax: "softmax",
    nn.LogSoftmax: "log_softmax",
    F.relu: "relu",
    torch.relu: "relu",
    torch.flatten: "flatten",
    "relu": "relu",
    "flatten": "flatten",
}
_IDLE = (nn.Dropout, nn.Dropout2d, nn.Identity)  # they act in training alone, or not at all


def describe_layers(network: nn.Module) -> list[Layer]:
    """Return the layers that network runs, first to last.

    Args:
        network: its layers form a chain, of the kinds that networks/layers.py knows.
    Raises:
        ShapeError: they do not, or one of them has no words there.
    """
    return [layer for name, step in steps_of(network) if (layer := describe_step(name, step)) is not None]


def steps_of(network: nn.Module) -> Iterator[tuple[str, Any]]:
    """Yield name and module, or name and function, of each step; also of those that act in training alone.

    Raises:
        ShapeError: the network branches, or cannot be followed.
    """
    if isinstance(network, nn.Sequential):
        for name, module in network.named_children():
            if isinstance(module, nn.Sequential):
                yield from ((f"{name}.{inner}", step) for inner, step in steps_of(module))
            else:
                yield name, module
        return
    try:
        nodes = list(fx.symbolic_trace(network).graph.nodes)
    except Exception as error:  # forward may hold anything
        raise ShapeError(
            f"the network {type(network).__name__} cannot be followed ({error}); "
            "expected a chain of layers, such as nn.Sequential"
        ) from error
    for before, node in itertools.pairwise(nodes):
        if node.op == "output":
            return
        if node.all_input_nodes != [before]:
            raise ShapeError(
                f"the network {type(network).__name__} branches at {node.name}; "
                "expected a chain of layers, each fed by the one before"
            )
        is_module = node.op == "call_module"
        yield (node.target, network.get_submodule(node.target)) if is_module else (f"{node.name}()", node)


def describe_step(name: str, step: Any) -> Layer | None:
    """Return a step of steps_of in words; None for what acts in training alone, or not at all.

    Raises:
        ShapeError: there are no words for it.
    """
    match step:
        case nn.Conv2d(padding_mode="zeros"):
            return _conv2d(name, step)
        case (
            nn.BatchNorm1d(affine=True, track_running_stats=True)
            | nn.BatchNorm2d(affine=True, track_running_stats=True)
        ):
            return BatchNorm(
                name=name, weight=f"{name}.weight", bias=f"{name}.bias", mean=f"{name}.running_mean",
                variance=f"{name}.running_var", epsilon=step.eps,
            )  # fmt: skip
        case nn.Linear():
            return Linear(name=name, weight=f"{name}.weight", bias=_bias(name, step))
        case nn.MaxPool2d(ceil_mode=False, dilation=1 | (1, 1)):
            return _pool2d("max_pool2d", name, step)
        case nn.AvgPool2d(ceil_mode=False, padding=0 | (0, 0), divisor_override=None):
            return _pool2d("avg_pool2d", name, step)
        case nn.AdaptiveAvgPool2d(output_size=1 | (1, 1)):
            return Plain(name=name, kind="global_avg_pool2d")
    if isinstance(step, _IDLE):
        return None
    kind = _plain_kind(step)
    if kind is None:
        raise ShapeError(
            f"the layer {name}, {step}, has no words in networks/layers.py; expected one of them"
        )
    return Plain(name=name, kind=kind)  # type: ignore[arg-type]


def _plain_kind(step: Any) -> str | None:
    target = step.target if isinstance(step, fx.Node) else type(step)
    kind = _PLAIN.get(target)
    if kind == "flatten":
        return kind if _flattens_all(step) else None
    if kind in ("softmax", "log_softmax"):
        return kind if step.dim in (1, -1) else None
    return kind


def _flattens_all(step: Any) -> bool:
    """Whether everything but axis 0 becomes one axis."""
    if isinstance(step, nn.Flatten):
        return (step.start_dim, step.end_dim) == (1, -1)
    given = [
        *step.args[1:],
        *(step.kwargs.get(key) for key in ("start_dim", "end_dim") if key in step.kwargs),
    ]
    return given in ([1], [1, -1])


def _conv2d(name: str, layer: nn.Conv2d) -> Conv2d:
    return Conv2d(
        name=name,
        weight=f"{name}.weight",
        bias=_bias(name, layer),
        stride=list(layer.stride),
        padding=conv_padding(layer),
        dilation=list(layer.dilation),
        groups=layer.groups,
    )


def conv_padding(layer: nn.Conv2d) -> list[int]:
    """Return the pixels that a convolution puts at the top, left, bottom and right."""
    if layer.padding == "valid":
        return [0, 0, 0, 0]
    if isinstance(layer.padding, str):  # "same": PyTorch puts the odd pixel last
        spans = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size, strict=True)]
        before = [span // 2 for span in spans]
        return [*before, *(map(operator.sub, spans, before))]
    return [*layer.padding, *layer.padding]


def _pool2d(kind: Any, name: str, layer: Any) -> Pool2d:
    kernel = _pair(layer.kernel_size)
    return Pool2d(
        name=name, kind=kind, kernel=kernel, stride=_pair(layer.stride), padding=_pair(layer.padding)
    )


def _pair(value: int | tuple[int, int]) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def _bias(name: str, layer: nn.Module) -> str | None:
    return None if layer.bias is None else f"{name}.bias"
