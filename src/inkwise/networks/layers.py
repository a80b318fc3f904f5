"""The layers of a network in words, so that a program without PyTorch can run it: a chain, first to last.

A classifier file carries them (docs/file-format.md), the ONNX export and the drawing page are made of them.
Tensors are named as in the file; spatial pairs are (y, x). What acts in training alone is left out.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# What a network's last line returns; networks/outputs.py has the way from each to probabilities.
OutputConvention = Literal["logits", "log_probabilities", "probabilities"]

_Pair = Annotated[list[int], Field(min_length=2, max_length=2)]
_Sides = Annotated[list[int], Field(min_length=4, max_length=4)]


class _Layer(BaseModel):
    """What all have: name is the layer's path in the PyTorch network, or what forward called."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str


class Conv2d(_Layer):
    """Cross-correlation of (N, C, H, W); weight is (out, C / groups, height, width).

    padding: zeros added at the top, left, bottom and right.
    """

    kind: Literal["conv2d"] = "conv2d"
    weight: str
    bias: str | None
    stride: _Pair
    padding: _Sides
    dilation: _Pair
    groups: int = Field(ge=1)


class BatchNorm(_Layer):
    """(x - mean) / sqrt(variance + epsilon) * weight + bias, along axis 1 of (N, C, H, W) or (N, F)."""

    kind: Literal["batch_norm"] = "batch_norm"
    weight: str
    bias: str
    mean: str
    variance: str
    epsilon: float = Field(gt=0)


class Linear(_Layer):
    """x @ weight.T + bias of (N, F); weight is (out, F)."""

    kind: Literal["linear"] = "linear"
    weight: str
    bias: str | None


class Pool2d(_Layer):
    """The largest or the mean value of each window; windows that do not fit whole are left out.

    padding: at the top and bottom, and left and right, with what is never the largest. 0 for a mean.
    """

    kind: Literal["max_pool2d", "avg_pool2d"]
    kernel: _Pair
    stride: _Pair
    padding: _Pair


class Plain(_Layer):
    """A layer that needs no more words: flatten keeps axis 0, global_avg_pool2d gives (N, C, 1, 1)."""

    kind: Literal["relu", "flatten", "global_avg_pool2d", "softmax", "log_softmax"]


Layer = Annotated[Conv2d | BatchNorm | Linear | Pool2d | Plain, Field(discriminator="kind")]
