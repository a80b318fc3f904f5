"""Linear layers, batch normalisation and functions without weights, in the page against PyTorch."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.layers.single_layers import Case, assert_equal_to_torch, normal, run_layers


def test_linear_equals_torch_with_any_number_of_outputs(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(4)
    cases = []
    for num_outputs in (1, 2, 3, 4, 5, 9, 10, 128):
        for has_bias in (True, False):
            num_inputs = int(rng.integers(1, 400))
            tensors = {"weight": normal(rng, num_outputs, num_inputs)}
            if has_bias:
                tensors["bias"] = normal(rng, num_outputs)
            case = Case({"kind": "linear", "name": "0", "bias": None}, normal(rng, num_inputs), tensors)
            weight = case.tensor("weight")
            assert weight is not None
            cases.append((case, F.linear(case.batch(), weight, case.tensor("bias"))))
    assert_equal_to_torch(js, exchange, cases)


@pytest.mark.parametrize("shape", [(5, 4, 3), (7,)])
def test_batch_norm_equals_torch(js: Page, exchange: Exchange, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    tensors = {key: normal(rng, shape[0]) for key in ("weight", "bias", "mean")}
    tensors["variance"] = rng.uniform(0, 2, shape[0]).astype(np.float32)
    tensors["variance"][0] = 0  # a channel that is always the same
    case = Case({"kind": "batch_norm", "name": "0", "epsilon": 1e-3}, normal(rng, *shape), tensors)
    mean, variance = case.tensor("mean"), case.tensor("variance")
    expected = F.batch_norm(
        case.batch(), mean, variance, weight=case.tensor("weight"), bias=case.tensor("bias"), eps=1e-3
    )
    assert_equal_to_torch(js, exchange, [(case, expected)])


@pytest.mark.parametrize(
    ("kind", "function"),
    [("relu", F.relu), ("softmax", lambda x: x.softmax(1)), ("log_softmax", lambda x: x.log_softmax(1))],
)
def test_function_equals_torch_for_large_numbers_too(
    js: Page, exchange: Exchange, kind: str, function: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    rng = np.random.default_rng(6)
    cases = [Case({"kind": kind, "name": "0"}, scale * normal(rng, 10)) for scale in (1, 30, 1000)]
    assert_equal_to_torch(js, exchange, [(case, function(case.batch())) for case in cases])


def test_flatten_keeps_the_order_of_torch(js: Page, exchange: Exchange) -> None:
    image = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    (output,) = run_layers(js, exchange, [Case({"kind": "flatten", "name": "0"}, image)])
    assert output.tolist() == torch.from_numpy(image)[None].flatten(1)[0].tolist()
