"""Convolution in the page against torch.nn.functional.conv2d."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.layers.single_layers import Case, assert_equal_to_torch, normal, run_layers

PLAIN = {"kind": "conv2d", "name": "0", "stride": [1, 1], "padding": [0, 0, 0, 0], "dilation": [1, 1]}


def _expected(case: Case) -> torch.Tensor:
    fields = case.fields
    top, left, bottom, right = fields["padding"]
    weight = case.tensor("weight")
    assert weight is not None
    return F.conv2d(
        F.pad(case.batch(), (left, right, top, bottom)),
        weight,
        case.tensor("bias"),
        stride=fields["stride"],
        dilation=fields["dilation"],
        groups=fields["groups"],
    )


def _random_case(rng: np.random.Generator) -> Case:
    """Anything a convolution may be: odd and even sizes, one place or many, every edge padded by its own."""
    groups = int(rng.integers(1, 4))
    channels, kernels = (groups * int(rng.integers(1, 6)) for _ in range(2))
    kernel, stride, dilation = (rng.integers(1, most + 1, 2).tolist() for most in (5, 3, 2))
    padding = rng.integers(0, 4, 4).tolist()
    size = [int((k - 1) * d + 1 + rng.integers(0, 9)) for k, d in zip(kernel, dilation, strict=True)]
    fields: dict[str, Any] = {
        **PLAIN,
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


def test_convolution_equals_torch_over_random_geometries(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(0)
    cases = [_random_case(rng) for _ in range(200)]
    assert {len(case.tensors) for case in cases} == {1, 2}
    assert_equal_to_torch(js, exchange, [(case, _expected(case)) for case in cases])


def test_convolution_by_hand(js: Page, exchange: Exchange) -> None:
    """The row 1 2 0 under the kernel 10 20 with bias 5: 1*10 + 2*20 + 5 = 55, 2*10 + 0*20 + 5 = 25."""
    fields = {**PLAIN, "padding": [0, 0, 0, 1], "groups": 1}
    image = np.array([[[1, 2], [3, 4]]], np.float32)
    tensors = {"weight": np.array([[[[10, 20]]]], np.float32), "bias": np.array([5], np.float32)}
    (output,) = run_layers(js, exchange, [Case(fields, image, tensors)])
    assert output.tolist() == [[[55, 25], [115, 45]]]
