"""Lengths of gradients, and how far weights went."""

import math

import pytest
import torch
from tests.inspection.doctor.own_loop import bars_tensors, small_network
from torch import nn
from torch.nn import functional as F

from inkwise.inspection.doctor.gradients import check_gradients, gradient_norm, weights_moved


def test_gradient_norm_by_hand() -> None:
    """Logits 0, two classes, image (3, 4), class 0: dL/dW = (p - 1_0) x^T, p = 1/2, length sqrt(1/2) * 5."""
    network = nn.Linear(2, 2)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)
    norm = gradient_norm(
        network, torch.tensor([[3.0, 4.0]]), torch.tensor([0]), loss_function=F.cross_entropy
    )
    assert norm == pytest.approx(5 * math.sqrt(0.5))


def test_gradient_norm_leaves_gradients_modes_and_chance_alone() -> None:
    network, (images, labels) = small_network(dropout=0.5), bars_tensors(40)
    state = torch.random.get_rng_state()
    norms = {gradient_norm(network, images, labels, loss_function=F.cross_entropy) for _ in range(2)}
    assert len(norms) == 1, "dropout does not draw"
    assert torch.equal(torch.random.get_rng_state(), state)
    assert network.training
    assert all(weight.grad is None for weight in network.parameters())


@pytest.mark.parametrize(
    ("norms", "is_found"),
    [
        ([1.0, 2.0, 5.0], False),
        ([101.0], True),
        ([1.0] * 9 + [500.0], True),  # the last fifth is 1 and 500: median 250
        ([500.0] + [1.0] * 9, False),
        ([1.0, float("nan")], True),
        ([1.0, float("inf")], True),
        ([], False),
    ],
)
def test_gradients_explode_by_the_median_of_the_last_fifth(norms: list[float], is_found: bool) -> None:
    assert (check_gradients(norms) is not None) is is_found


@pytest.mark.parametrize(
    ("norm", "num_steps", "is_found"),
    [(500.0, 19, False), (500.0, 20, True), (500.0, None, True), (math.nan, 19, True), (math.inf, 0, True)],
)
def test_young_network_explodes_only_beyond_all_numbers(
    norm: float, num_steps: int | None, is_found: bool
) -> None:
    assert (check_gradients([norm], num_steps=num_steps) is not None) is is_found


def test_weights_moved_leaves_biases_out() -> None:
    network = nn.Linear(3, 2)
    initial = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    with torch.no_grad():
        network.bias.add_(100)
    assert weights_moved(network, initial) == 0
    with torch.no_grad():
        network.weight.mul_(3)
    assert weights_moved(network, initial) == pytest.approx(2)
