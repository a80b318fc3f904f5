"""What a layer does, in a few words: "1 to 20 channels, kernel 5x5"."""

from collections.abc import Sequence
from typing import Any

from torch import nn

TIMES = "\N{MULTIPLICATION SIGN}"  # as in 28 x 28, set properly

# By the name of the layer's class or of the function, in small letters.
_WORDS = {
    "relu": "negative values become 0",
    "relu6": "values are cut to 0 to 6",
    "sigmoid": "each value x becomes 1 / (1 + exp(-x)), between 0 and 1",
    "tanh": "each value becomes its hyperbolic tangent, between -1 and 1",
    "gelu": "negative values become almost 0, smoothly",
    "silu": "each value x becomes x / (1 + exp(-x))",
    "softmax": "each value becomes exp(x) / sum of all exp(x); they sum to 1",
    "log_softmax": "the logarithm of softmax; exp of the values sums to 1",
    "logsoftmax": "the logarithm of softmax; exp of the values sums to 1",
    "identity": "the values pass unchanged",
    "add": "values are added",
    "sub": "values are subtracted",
    "mul": "values are multiplied",
    "cat": "values are put side by side",
    "mean": "the mean over some axes",
    "getitem": "a part of the values is taken",
}
_ALIASES = {"iadd": "add", "radd": "add", "rmul": "mul", "imul": "mul", "rsub": "sub", "isub": "sub"}
_RESHAPING = frozenset(
    ("flatten", "view", "reshape", "unflatten", "squeeze", "unsqueeze", "permute", "transpose")
)


def describe(kind: str, layer: nn.Module | None, *, shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
    """Return what one layer does, in words.

    Args:
        kind: the layer's class, or the function's name.
        layer: None for a function that forward calls itself.
        shapes: of its input and its output, batch axis left out.
    """
    words = _describe_layer(layer) if layer is not None else ""
    if words:
        return words
    kind = kind.lower()
    kind = _ALIASES.get(kind, kind)
    if kind in _RESHAPING:
        return f"{_times(shapes[0])} values put in the shape {_times(shapes[1])}"
    if "pool" in kind:
        what = "largest" if "max" in kind else "mean"
        return f"{what} of each field, {_times(shapes[0])} to {_times(shapes[1])}"
    if "dropout" in kind:
        return "drops some values in training, none here"
    if kind in ("linear", "conv2d"):
        return f"{_times(shapes[0])} to {_times(shapes[1])}"
    return _WORDS.get(kind) or (layer.extra_repr() if layer is not None else "") or kind


def _describe_layer(layer: nn.Module) -> str:
    match layer:
        case nn.Conv2d():
            return _describe_convolution(layer)
        case nn.Linear():
            bias = "" if layer.bias is not None else ", no bias"
            return f"{layer.in_features} to {layer.out_features} features{bias}"
        case nn.MaxPool2d() | nn.AvgPool2d():
            return _describe_pooling(layer)
        case nn.modules.dropout._DropoutNd():
            return f"drops {layer.p:.0%} of the values in training, none here".replace("%", " %")
        case nn.modules.batchnorm._BatchNorm():
            return f"each of {layer.num_features} channels less its mean, divided by its spread in training"
        case nn.LeakyReLU():
            return f"negative values are multiplied by {layer.negative_slope:g}"
    return ""


def _describe_convolution(layer: nn.Conv2d) -> str:
    words = [
        f"{layer.in_channels} to {layer.out_channels} channels",
        f"kernel {_times(layer.kernel_size)}",
    ]
    if layer.stride != (1, 1):
        words.append(f"stride {_one_or_both(layer.stride)}")
    if layer.padding not in ((0, 0), "valid"):
        words.append(f"padding {_one_or_both(layer.padding)}")
    if layer.dilation != (1, 1):
        words.append(f"dilation {_one_or_both(layer.dilation)}")
    if layer.groups != 1:
        words.append(f"{layer.groups} groups")
    if layer.bias is None:
        words.append("no bias")
    return ", ".join(words)


def _describe_pooling(layer: nn.MaxPool2d | nn.AvgPool2d) -> str:
    what = "largest" if isinstance(layer, nn.MaxPool2d) else "mean"
    field = _pair(layer.kernel_size)
    stride = _pair(layer.stride)
    apart = "" if stride == field else f", {_one_or_both(stride)} apart"
    return f"{what} of each {_times(field)} field{apart}"


def _pair(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _one_or_both(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value[0]) if len(set(value)) == 1 else _times(value)


def _times(shape: Any) -> str:
    return "x".join(map(str, shape)) or "1"


def say_shape(shape: Sequence[int], axes: Sequence[str]) -> str:
    """Return what each axis is and how long.

    >>> say_shape((20, 12, 12), ("channel", "row", "column")).replace(TIMES, "x")
    '20 channels x 12 rows x 12 columns'
    """
    if len(shape) != len(axes):
        return f" {TIMES} ".join(map(str, shape)) or "one number"
    parts = [
        f"{size:,} {axis}{'' if size == 1 else _plural(axis)}" for size, axis in zip(shape, axes, strict=True)
    ]
    return f" {TIMES} ".join(parts) or "one number"


def _plural(axis: str) -> str:
    return "es" if axis.endswith("s") else "s"
