"""Layers over a batch that is spread: they give what PyTorch's give where the whole batch is."""

import pytest
import torch
from tests.training.parallel.pair import Run
from torch import Tensor, nn

from inkwise.errors import TrainingError
from inkwise.training.parallel.group import ALONE, Group
from inkwise.training.parallel.layers import CurrentBatch, share_layers


def _network() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=3), nn.BatchNorm2d(4), nn.Sequential(nn.ReLU(), nn.Flatten()),
        nn.Linear(36, 5), nn.BatchNorm1d(5), nn.Dropout(0.4),
    ).double()  # fmt: skip


def _batch(num_images: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(num_images)
    images = torch.randn(num_images, 1, 9, 9, generator=generator).double() + 10
    return images, torch.randn(num_images, 5, generator=generator).double()


def _learn(group: Group, num_images: int) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Return outputs and gradients of the own rows, gradients summed over processes, and the buffers."""
    network, (images, pull) = _network(), _batch(num_images)
    if group.size == 1:
        acting, rows = network.train(), slice(None)
    else:
        acting = share_layers(network, CurrentBatch(group, num_images))
        rows = group.share(num_images).rows
    images = images.to(memory_format=torch.channels_last)[rows].requires_grad_()
    torch.manual_seed(5)
    outputs = acting(images)
    counts = group.size == 1 or bool(group.share(num_images).num_own)
    (outputs * pull[rows] * counts).sum().backward()
    assert images.grad is not None
    gradients = [group.total(p.grad) for p in network.parameters() if p.grad is not None]
    parts = [outputs.detach(), images.grad] if counts else []
    return parts, gradients, [buffer.clone() for buffer in network.buffers()]


@pytest.mark.parametrize("num_images", [2, 7, 32])
def test_batch_spread_over_two_processes_then_layers_act_as_on_one(pair: Run, num_images: int) -> None:
    (outputs, of_images), gradients, buffers = _learn(ALONE, num_images)
    first, second = pair(_learn, num_images)
    parts = [torch.cat(both) for both in zip(first[0], second[0], strict=True)]
    torch.testing.assert_close(parts, [outputs, of_images], rtol=1e-9, atol=1e-9)
    assert ((parts[0] == 0) == (outputs == 0)).all(), "dropout drops the same values"
    for own in (first, second):
        torch.testing.assert_close(own[1], gradients, rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(own[2], buffers, rtol=1e-9, atol=1e-9)


def _normalise_one(group: Group) -> list[Tensor]:
    network = nn.Sequential(nn.BatchNorm2d(2))
    image = torch.arange(18.0).view(1, 2, 3, 3)
    acting = network.train() if group.size == 1 else share_layers(network, CurrentBatch(group, 1))
    outputs = acting(image)
    return [outputs.detach(), *(buffer.clone() for buffer in network.buffers())]


def test_batch_smaller_than_the_processes_then_only_its_image_counts(pair: Run) -> None:
    """One image, which the first process borrows: statistics are of nine values a channel, not eighteen."""
    alone = _normalise_one(ALONE)
    for own in pair(_normalise_one):
        torch.testing.assert_close(own, alone)


def test_structure_is_copied_and_every_tensor_shared() -> None:
    network = _network().eval()
    acting = share_layers(network, CurrentBatch(Group(0, 2), 4))
    assert [type(layer) for layer in network.modules()].count(nn.BatchNorm2d) == 1, "it stays as it was"
    assert {id(p) for p in acting.parameters()} == {id(p) for p in network.parameters()}
    assert acting.training
    assert not network.training


def test_one_value_has_no_spread_then_says_so() -> None:
    acting = share_layers(nn.BatchNorm1d(3), CurrentBatch(Group(0, 2), 1))
    with pytest.raises(TrainingError, match="cannot measure the spread of one value; set batch_size so"):
        acting(torch.zeros(1, 3))


@pytest.mark.parametrize(
    "layer", [nn.InstanceNorm2d(3, track_running_stats=True), nn.Dropout2d(), nn.BatchNorm3d(2)]
)
def test_layer_that_is_not_known_then_refused(layer: nn.Module) -> None:
    match = f"no way is known to train {type(layer).__name__} on several workers, expected BatchNorm1d"
    with pytest.raises(TrainingError, match=match):
        share_layers(nn.Sequential(nn.Sequential(layer)), CurrentBatch(Group(0, 2)))
