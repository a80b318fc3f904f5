"""Where a convolution looks: which pixels of its input meet its kernel for one pixel of its output."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inkwise.networks.describe import conv_padding


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves over its input; pairs are (rows, columns), in pixels.

    Attributes:
        stride: from one place to the next.
        dilation: between two neighbours in the kernel.
        padding: put at (left, right, top, bottom) of the input.
        padding_mode: "zeros", "reflect", "replicate" or "circular": what stands there.
        groups: parts into which the channels are split; an output channel sees its own part only.
    """

    stride: tuple[int, int]
    dilation: tuple[int, int]
    padding: tuple[int, int, int, int]
    padding_mode: str
    groups: int


def geometry_of(layer: nn.Conv2d) -> Geometry:
    """Return the geometry of a convolution, "same" padding turned into pixels.

    >>> geometry_of(nn.Conv2d(1, 1, 4, padding="same")).padding
    (1, 2, 1, 2)
    """
    top, left, bottom, right = conv_padding(layer)
    return Geometry(
        stride=(layer.stride[0], layer.stride[1]),
        dilation=(layer.dilation[0], layer.dilation[1]),
        padding=(left, right, top, bottom),
        padding_mode=layer.padding_mode,
        groups=layer.groups,
    )


def cut_patch(image: Tensor, weight: Tensor, seen: Geometry, *, place: tuple[int, int, int]) -> Tensor:
    """Return what the kernel of one output pixel sees, padding included: (channels, rows, columns).

    Args:
        image: (C, H, W), what came in.
        weight: (channels out, channels of a group, kernel rows, kernel columns).
        seen: the geometry.
        place: (channel, row, column) in the output.
    """
    channel, row, column = place
    num_out, num_in, kernel_rows, kernel_columns = weight.shape
    first = channel * seen.groups // num_out * num_in  # the first input channel of its group
    mode = "constant" if seen.padding_mode == "zeros" else seen.padding_mode
    padded = F.pad(image[None], seen.padding, mode=mode)[0, first : first + num_in]
    rows = row * seen.stride[0] + seen.dilation[0] * torch.arange(kernel_rows)
    columns = column * seen.stride[1] + seen.dilation[1] * torch.arange(kernel_columns)
    return padded[:, rows[:, None], columns]
