"""Several convolutional networks as one: the same outputs, losses, gradients and statistics."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from inkwise.data.load import load_dataset
from inkwise.errors import ShapeError
from inkwise.networks.build import build_first_network
from inkwise.training.losses import build_loss
from inkwise.training.step import TextbookStep
from inkwise.training.together.grouped import GroupedNetwork, GroupedStep, can_group

NETWORKS = ("cnn-quick", "cnn-lenet", "mlp-logsoftmax", "norms")


def network(name: str, seed: int) -> nn.Sequential:
    """Return a network of ours, or one with both kinds of batch normalisation and a bias before them."""
    if name != "norms":
        built = build_first_network(name, seed=seed)
        assert isinstance(built, nn.Sequential)
        return built
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(1, 6, 5, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(6 * 6 * 6, 20, bias=False), nn.BatchNorm1d(20), nn.ReLU(), nn.Linear(20, 10),
        )  # fmt: skip


def sgd(one: nn.Module) -> torch.optim.SGD:
    """Return an optimizer that makes no step of a gradient that is rounding alone, as Adam would."""
    return torch.optim.SGD(one.parameters(), 1e-3, momentum=0.9)


@pytest.mark.parametrize("name", NETWORKS)
def test_losses_of_twenty_steps_equal_those_alone(name: str) -> None:
    """Item 8 of issue 4: float32, every seed its own images, within 1e-4 a step."""
    networks = [network(name, seed) for seed in range(3)]
    loss_function = build_loss("nll" if name in ("cnn-lenet", "mlp-logsoftmax") else "cross-entropy")
    # In the layout of every training: of equal values a max-pooling takes another one in another layout.
    twins = [copy.deepcopy(one).to(memory_format=torch.channels_last) for one in networks]
    alone = [TextbookStep(one, loss_function, sgd(one)) for one in twins]
    grouped = GroupedNetwork(networks)
    step = GroupedStep(grouped, loss_function, sgd(grouped))
    train = load_dataset("digits").train.take(np.arange(20 * 3 * 16))
    of_steps = torch.from_numpy(train.images).view(20, 3, 16, 1, 28, 28).to(torch.float32).div(255)
    for images, labels in zip(of_steps, torch.from_numpy(train.labels).view(20, 3, 16), strict=True):
        expected = torch.stack([one(*batch)[0] for one, *batch in zip(alone, images, labels, strict=True)])
        torch.testing.assert_close(step(images, labels)[0], expected, atol=1e-4, rtol=0)
    step.spread()
    for one, twin in zip(networks, twins, strict=True):
        torch.testing.assert_close(one.state_dict(), twin.state_dict(), atol=3e-3, rtol=0)


def test_every_seed_keeps_its_own_statistics() -> None:
    """Of white images for one seed and black ones for the other, the means of a first layer differ."""
    networks = [nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.BatchNorm2d(1)) for _ in range(2)]
    for one in networks:
        nn.init.ones_(next(one.parameters()))
    grouped = GroupedNetwork(networks)
    grouped(torch.stack([torch.ones(4, 1, 28, 28), torch.zeros(4, 1, 28, 28)]))
    grouped.spread()
    norms = [one[1] for one in networks]
    assert all(isinstance(norm, nn.BatchNorm2d) for norm in norms)
    # A tenth of the batch's mean is taken over, PyTorch's momentum.
    assert [float(norm.running_mean) for norm in norms] == pytest.approx([0.1, 0.0])
    assert [int(norm.num_batches_tracked) for norm in norms] == [1, 1]


def test_layer_that_is_not_known_is_refused() -> None:
    networks = [nn.Sequential(nn.Flatten(), nn.Dropout(0.5)) for _ in range(2)]
    assert not can_group(networks[0])
    with pytest.raises(ShapeError, match="no way is known to train several Dropout layers at once, expected"):
        GroupedNetwork(networks)
