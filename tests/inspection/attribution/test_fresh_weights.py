"""The check against the same architecture with fresh weights: a map must change with them."""

import copy

import pytest
import torch
from scipy.stats import spearmanr
from tests.bars import bars
from tests.inspection.own_networks import an_image, recipe_network
from torch import nn

from inkwise.inspection.attribution import integrated_gradients, occlusion
from inkwise.inspection.attribution.fresh_weights import rank_correlation, with_fresh_weights
from inkwise.preprocessing import Preprocessing


def trained_on_bars() -> nn.Module:
    """Return a perceptron that knows bars by their height."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))
    split = bars(400)
    images, labels = Preprocessing()(torch.from_numpy(split.images)), torch.from_numpy(split.labels)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimizer.step()
    return network


def test_map_of_a_trained_network_differs_from_a_fresh_ones():
    """Adebayo et al. 2018: a map that stays the same shows the picture, not what was learned."""
    network = trained_on_bars()
    image = Preprocessing()(torch.from_numpy(bars(10).images))[3]
    for explain in (occlusion, integrated_gradients):
        found = explain(network, image, target=3)
        assert abs(found.agreement_with_random) < 0.5
        rows = found.values.sum(dim=1)
        assert 7 <= int(rows.argmax()) <= 11  # the bar of class 3 lies in rows 8 to 10


def test_map_that_shows_only_the_picture_agrees_with_a_fresh_ones():
    """A network without weights gives the same map whatever was learned: agreement 1."""
    network = nn.Sequential(nn.AvgPool2d(14), nn.Flatten())
    assert occlusion(network, an_image(), target=0).agreement_with_random == 1


def test_agreement_is_the_same_each_time():
    network = recipe_network("cnn-lenet")
    first, second = (occlusion(network, an_image(), target=2) for _ in range(2))
    assert first.agreement_with_random == second.agreement_with_random
    assert torch.equal(first.values, second.values)


def test_network_that_cannot_be_copied_has_no_agreement():
    network = nn.Linear(784, 10)
    network.note = torch.ones(1, requires_grad=True) * 2  # a tensor with a history refuses deepcopy
    found = occlusion(network, an_image(), target=0)
    assert found.agreement_with_random is None
    assert float(found.values.abs().max()) > 0


def test_flat_map_has_no_agreement():
    network = nn.Linear(784, 10)
    nn.init.zeros_(network.weight)
    assert occlusion(network, an_image(), target=0).agreement_with_random is None


def test_fresh_weights_are_new_in_every_layer_and_leave_the_network_alone():
    network = recipe_network("cnn-lenet")
    before = copy.deepcopy(network.state_dict())
    twin = with_fresh_weights(network)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])
        assert not torch.equal(tensor, twin.state_dict()[name])


def test_bare_weights_are_shuffled():
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.arange(50.0))

    twin = with_fresh_weights(Bare())
    assert not torch.equal(twin.weight, torch.arange(50.0))
    assert torch.equal(twin.weight.sort().values, torch.arange(50.0))


@pytest.mark.parametrize("seed", range(5))
def test_rank_correlation_equals_scipys(seed):
    """Independent reference, with ties: values are rounded to one decimal."""
    generator = torch.Generator().manual_seed(seed)
    first, second = torch.randn(2, 60, generator=generator).mul(10).round().div(10)
    second = second + first
    assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic, abs=1e-6)


def test_rank_correlation_of_a_flat_tensor_is_none():
    assert rank_correlation(torch.ones(4), torch.arange(4.0)) is None
    assert rank_correlation(torch.empty(0), torch.empty(0)) is None
