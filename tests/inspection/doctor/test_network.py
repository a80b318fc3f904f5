"""Checks of the network: units that never change, dropout that drops nothing."""

import pytest
import torch
from tests.inspection.doctor.own_loop import bars_tensors, small_network
from torch import Tensor, nn
from torch.nn import functional as F

from inkwise.inspection.doctor.network import check_dead_units, check_dropout, look_through, mode_layers

IMAGES, _ = bars_tensors(300)


class Functional(nn.Module):
    """A network without layers for ReLU: 4 channels, pooled, flattened, 6 features."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 5), nn.Linear(4 * 12 * 12, 6)
        self.last = nn.Linear(6, 10)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.first(images)), 2).flatten(1)
        logits: Tensor = self.last(F.relu(self.second(x)))
        return logits


def test_dead_channel_and_dead_feature_are_told_by_place() -> None:
    """Channel 2 and feature 5 are pushed below 0 for every image; border places alone kill no channel."""
    torch.manual_seed(0)
    network = Functional()
    with torch.no_grad():
        network.second.bias.fill_(10)
        network.first.bias[2], network.second.bias[5] = -100, -1000
    outputs, dead = look_through(network, IMAGES)
    assert dead["second"].tolist() == [False, False, True, False]
    assert dead["last"].tolist() == [False] * 5 + [True]
    with torch.no_grad():
        torch.testing.assert_close(outputs, network(IMAGES))


def test_unit_stuck_at_one_is_as_dead_as_one_at_zero() -> None:
    """tanh far out is 1 for every image."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 3), nn.Tanh(), nn.Linear(3, 10))
    with torch.no_grad():
        network[1].weight.mul_(0.01)
        network[1].bias.copy_(torch.tensor([0.0, 50.0, -50.0]))
    assert look_through(network, IMAGES)[1]["3"].tolist() == [False, True, True]


@pytest.mark.parametrize(("num_dead", "is_found"), [(8, False), (9, True)])
def test_four_of_five_dead_units_are_the_limit(num_dead: int, is_found: bool) -> None:
    finding = check_dead_units({"3": torch.arange(10) < num_dead})
    assert (finding is not None) is is_found
    if finding:
        assert "9 of 10 units that feed layer '3'" in finding.evidence


def test_network_is_left_as_found() -> None:
    network = small_network(dropout=0.5)
    network[3].eval()
    state, modes = torch.random.get_rng_state(), [layer.training for layer in network.modules()]
    look_through(network, IMAGES)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert [layer.training for layer in network.modules()] == modes
    assert not any(layer._forward_pre_hooks for layer in network.modules())
    assert all(weight.grad is None for weight in network.parameters())


def test_hooks_are_gone_after_an_exception() -> None:
    network = small_network()
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        look_through(network, torch.zeros(2, 1, 5, 5))
    assert not any(layer._forward_pre_hooks for layer in network.modules())


def test_dropout_without_chance_is_found_and_with_chance_not() -> None:
    assert check_dropout(small_network()) is None
    assert check_dropout(small_network(dropout=0.5)) is None
    finding = check_dropout(nn.Sequential(nn.Dropout(0.0), nn.Dropout2d(0.0)))
    assert finding is not None
    assert finding.evidence == "All 2 dropout layers have a chance of 0."


def test_layers_of_two_modes() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout(0.1), nn.Dropout(0.0))
    assert mode_layers(network) == [network[1], network[2]]
