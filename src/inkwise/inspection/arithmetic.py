"""One number that a layer puts out, worked out by hand: patch x kernel, product by product, + bias."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from inkwise.errors import ShapeError
from inkwise.inspection.layers import LayerView
from inkwise.inspection.recording.geometry import cut_patch


@dataclass(frozen=True)
class PixelArithmetic:
    """How one output of a convolution or of a linear layer comes about: value = sum(products) + bias.

    Attributes:
        layer: the layer's name.
        channel: which channel, or which feature of a linear layer.
        row, column: where in the channel's output; None for a linear layer.
        patch: what the kernel sees of the input, padding included: (channels, kernel rows, kernel columns),
            or the whole input (features,) of a linear layer.
        kernel: the weights that it meets, of the same shape.
        products: patch * kernel.
        bias: 0 where the layer has none.
        value: the sum of the products and the bias, added in float64.
        recorded: what the layer put out, in float32; equal to value within its rounding.
    """

    layer: str
    channel: int
    row: int | None
    column: int | None
    patch: Tensor = field(repr=False)
    kernel: Tensor = field(repr=False)
    products: Tensor = field(repr=False)
    bias: float
    value: float
    recorded: float

    def largest(self, count: int = 3) -> list[tuple[tuple[int, ...], float, float, float]]:
        """Return the products farthest from 0: their place in patch, and patch, kernel and product there."""
        order = self.products.abs().flatten().argsort(descending=True, stable=True)[:count]
        places = [_unravel(int(index), self.products.shape) for index in order]
        return [
            (place, float(self.patch[place]), float(self.kernel[place]), float(self.products[place]))
            for place in places
        ]

    def formula(self, *, num_terms: int = 3) -> str:
        """Return the sum as text: the largest products, what the others add up to, the bias, the value.

        >>> import torch
        >>> ones = torch.ones(1, 1, 2)
        >>> PixelArithmetic("0", 0, 0, 0, ones, 2 * ones, 2 * ones, 0.5, 4.5, 4.5).formula(num_terms=1)
        '1.000 x 2.000 + 1 other: 2.000 + bias 0.500 = 4.500'
        """
        terms = self.largest(num_terms)
        words = [f"{_signed(patch)} x {_signed(weight)}" for _, patch, weight, _ in terms]
        num_others = self.products.numel() - len(terms)
        if num_others:
            rest = float(self.products.double().sum()) - sum(product for *_, product in terms)
            words.append(f"{num_others} other{'s' * (num_others > 1)}: {_signed(rest)}")
        words.append(f"bias {_signed(self.bias)}")
        return f"{' + '.join(words)} = {self.value:.3f}"


def pixel_arithmetic(
    view: LayerView, *, channel: int, row: int | None = None, column: int | None = None
) -> PixelArithmetic:
    """Return how one output of a Conv2d or a linear layer comes about.

    Args:
        view: of a Conv2d with any padding, stride, dilation and groups, or of a linear layer.
        channel: from 0; for a linear layer the feature.
        row, column: from 0, in the output; to be left out for a linear layer.
    Raises:
        ShapeError: view is of another layer, or the layer has no such output.
    """
    _check_kind(view)
    assert view.weight is not None
    place = (channel,) if view.geometry is None else (channel, row, column)
    whole = _check_place(view, place)
    kernel, patch = view.weight[channel], view.input
    if view.geometry is not None:
        patch = cut_patch(view.input, view.weight, view.geometry, place=(channel, whole[1], whole[2]))
    bias = float(view.bias[channel]) if view.bias is not None else 0.0
    return PixelArithmetic(
        layer=view.name,
        channel=channel,
        row=row,
        column=column,
        patch=patch,
        kernel=kernel,
        products=patch * kernel,
        bias=bias,
        value=float((patch.double() * kernel.double()).sum()) + bias,
        recorded=float(view.output[whole]),
    )


def can_be_worked_out(view: LayerView) -> bool:
    """Return whether pixel_arithmetic can show how the layer's outputs come about."""
    is_linear = view.weight is not None and view.weight.ndim == 2 and view.input.ndim == 1
    return is_linear or (view.geometry is not None and view.input.ndim == 3)


def strongest_output(view: LayerView) -> tuple[int, ...]:
    """Return the place of a layer's largest output, (channel, row, column) or (feature,)."""
    return _unravel(int(view.output.argmax()), view.output.shape)


def _unravel(index: int, shape: Sequence[int]) -> tuple[int, ...]:
    # By NumPy: torch.unravel_index imports SymPy, which takes a third of a second.
    return tuple(int(i) for i in np.unravel_index(index, tuple(shape)))


def _check_kind(view: LayerView) -> None:
    if not can_be_worked_out(view):
        raise ShapeError(
            f"layer {view.name} is a {view.kind}; expected a Conv2d or a Linear, "
            "whose outputs are sums of products; choose one of those"
        )


def _check_place(view: LayerView, place: tuple[int | None, ...]) -> tuple[int, ...]:
    shape = tuple(view.output.shape)
    whole = tuple(index for index in place if index is not None)
    if len(whole) == len(shape) and all(0 <= i < size for i, size in zip(whole, shape, strict=True)):
        return whole
    words = ("channel", "row", "column")[: len(place)]
    given = ", ".join(f"{word} {index}" for word, index in zip(words, place, strict=True))
    raise ShapeError(
        f"layer {view.name} has no output at {given}; its output has shape {shape}, counted from 0"
    )


def _signed(value: float) -> str:
    text = f"{value:.3f}"
    return f"({text})" if text.startswith("-") else text
