"""Layers of any geometry with inputs of any size, by chance."""

from typing import Any

import numpy as np
from tests.page.layers.single_layers import Case, normal

PLAIN_CONV2D = {"kind": "conv2d", "name": "0", "stride": [1, 1], "padding": [0, 0, 0, 0], "dilation": [1, 1]}


def random_conv2d(rng: np.random.Generator) -> Case:
    """Anything a convolution may be: odd and even sizes, one place or many, every edge padded by its own."""
    groups = int(rng.integers(1, 4))
    channels, kernels = (groups * int(rng.integers(1, 6)) for _ in range(2))
    kernel, stride, dilation = (rng.integers(1, most + 1, 2).tolist() for most in (5, 3, 2))
    padding = rng.integers(0, 4, 4).tolist()
    size = [int((k - 1) * d + 1 + rng.integers(0, 9)) for k, d in zip(kernel, dilation, strict=True)]
    fields: dict[str, Any] = {
        **PLAIN_CONV2D,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": groups,
        "bias": None,
    }
    tensors = {"weight": normal(rng, kernels, channels // groups, *kernel)}
    if rng.random() < 0.7:
        tensors["bias"] = normal(rng, kernels)
    return Case(fields, normal(rng, channels, *size), tensors)


def random_pooling(rng: np.random.Generator, kind: str) -> Case:
    """A max_pool2d, which may be padded, or an avg_pool2d, which may not."""
    kernel = rng.integers(1, 5, 2)
    padding = [int(rng.integers(0, k // 2 + 1)) if kind == "max_pool2d" else 0 for k in kernel]
    fields: dict[str, Any] = {"kind": kind, "name": "0", "kernel": kernel.tolist(), "padding": padding}
    fields["stride"] = rng.integers(1, 4, 2).tolist()
    size = (kernel + rng.integers(0, 8, 2)).tolist()
    # Below zero everywhere: a padding that counted as 0 would win.
    return Case(fields, normal(rng, int(rng.integers(1, 5)), *size) - 5)
