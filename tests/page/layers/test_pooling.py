"""Pooling in the page against torch.nn.functional."""

import numpy as np
import torch
import torch.nn.functional as F
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.layers.random_cases import random_pooling
from tests.page.layers.single_layers import Case, assert_equal_to_torch, normal


def test_max_pooling_equals_torch_over_random_geometries(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for _ in range(100):
        case = random_pooling(rng, "max_pool2d")
        fields = case.fields
        expected = F.max_pool2d(
            case.batch(), fields["kernel"], stride=fields["stride"], padding=fields["padding"]
        )
        cases.append((case, expected))
    assert any(max(case.fields["padding"]) > 0 for case, _ in cases)
    assert_equal_to_torch(js, exchange, cases)


def test_mean_pooling_equals_torch_over_random_geometries(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for _ in range(100):
        case = random_pooling(rng, "avg_pool2d")
        expected = F.avg_pool2d(case.batch(), case.fields["kernel"], stride=case.fields["stride"])
        cases.append((case, expected))
    assert_equal_to_torch(js, exchange, cases)


def test_global_pooling_equals_torch(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(3)
    fields = {"kind": "global_avg_pool2d", "name": "0"}
    cases = [Case(fields, normal(rng, *rng.integers(1, 9, 3).tolist())) for _ in range(30)]
    assert_equal_to_torch(js, exchange, [(case, F.adaptive_avg_pool2d(case.batch(), 1)) for case in cases])


def test_pooling_leaves_out_what_does_not_fill_a_window(js: Page, exchange: Exchange) -> None:
    image = np.arange(25, dtype=np.float32).reshape(1, 5, 5)
    fields = {"kind": "max_pool2d", "name": "0", "kernel": [2, 2], "stride": [2, 2], "padding": [0, 0]}
    assert_equal_to_torch(js, exchange, [(Case(fields, image), torch.tensor([[[[6.0, 8.0], [16.0, 18.0]]]]))])
