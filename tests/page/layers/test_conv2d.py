"""Convolution in the page against torch.nn.functional.conv2d."""

import numpy as np
import torch
import torch.nn.functional as F
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.layers.random_cases import PLAIN_CONV2D, random_conv2d
from tests.page.layers.single_layers import Case, assert_equal_to_torch, run_layers


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


def test_convolution_equals_torch_over_random_geometries(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(0)
    cases = [random_conv2d(rng) for _ in range(200)]
    assert {len(case.tensors) for case in cases} == {1, 2}
    assert_equal_to_torch(js, exchange, [(case, _expected(case)) for case in cases])


def test_convolution_by_hand(js: Page, exchange: Exchange) -> None:
    """The row 1 2 0 under the kernel 10 20 with bias 5: 1*10 + 2*20 + 5 = 55, 2*10 + 0*20 + 5 = 25."""
    fields = {**PLAIN_CONV2D, "padding": [0, 0, 0, 1], "groups": 1}
    image = np.array([[[1, 2], [3, 4]]], np.float32)
    tensors = {"weight": np.array([[[[10, 20]]]], np.float32), "bias": np.array([5], np.float32)}
    (output,) = run_layers(js, exchange, [Case(fields, image, tensors)])
    assert output.tolist() == [[[55, 25], [115, 45]]]
