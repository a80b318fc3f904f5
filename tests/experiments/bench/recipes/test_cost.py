"""What a network costs is counted by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from inkwise.classifier import Classifier
from inkwise.experiments.bench.recipes.cost import count_multiply_adds, measure_cost
from inkwise.experiments.bench.recipes.programs import Trained, fast_network
from inkwise.networks.build import build_network


def test_products_are_counted_for_every_place_of_the_output() -> None:
    """conv1 24 * 24^2 * 25, conv2 32 * 10^2 * 24 * 9, then 800 * 256 and 256 * 10."""
    expected = 24 * 24**2 * 25 + 32 * 10**2 * 24 * 9 + 800 * 256 + 256 * 10
    assert count_multiply_adds(fast_network()) == expected == 1_244_160


def test_products_of_groups_are_those_of_their_own_channels() -> None:
    """Each of 4 outputs at 26^2 places sums 3 * 3 products of one channel."""
    network = nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 3, groups=4))
    assert count_multiply_adds(network) == 4 * 28**2 + 4 * 26**2 * 9


def test_counting_leaves_the_network_as_it_was() -> None:
    network = build_network("cnn-standard").train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    count_multiply_adds(network)
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_files_hold_the_weights_and_little_else() -> None:
    """215,194 numbers of 4 bytes; header and graph take less than 20 kB."""
    torch.manual_seed(0)
    cost = measure_cost(Trained("fast", fast_network(), 256).classifier())
    assert cost.num_parameters == 215_194
    for size in (cost.safetensors_bytes, cost.onnx_bytes):
        assert size is not None
        assert 4 * 215_194 < size < 4 * 215_194 + 20_000


class Branches(nn.Module):
    """Adds what two ways give: no chain of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(784, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        flat = images.flatten(1)
        return torch.log_softmax(self.linear(flat) + self.linear(flat * 2), dim=1)


def test_network_that_has_no_export_has_no_size_of_it() -> None:
    network = Branches()
    classifier = Classifier(network, Trained("branches", network, 1).classifier().header)
    assert classifier.predict(np.zeros((1, 28, 28), np.uint8)).labels.shape == (1,)
    cost = measure_cost(classifier)
    assert cost.onnx_bytes is None
    assert cost.multiply_adds == pytest.approx(2 * 7840)
