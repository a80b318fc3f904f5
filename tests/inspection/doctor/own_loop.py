"""A small network and a training loop as anybody writes them, to plant mistakes in."""

import torch
from tests.bars import bars
from torch import Tensor, nn

from inkwise.preprocessing import Preprocessing

NUM_IMAGES = 400


def bars_tensors(num_images: int = NUM_IMAGES, *, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Return bars as a network takes them, (N, 1, 28, 28) float32, in random order, and labels."""
    split = bars(num_images, seed=seed)
    order = torch.randperm(num_images, generator=torch.Generator().manual_seed(seed))
    images = Preprocessing(mean=0.5, std=0.5)(torch.from_numpy(split.images))
    return images[order], torch.from_numpy(split.labels)[order]


def small_network(*, dropout: float = 0.0, seed: int = 0) -> nn.Sequential:
    """Return 784-32-32-10, with dropout before the last layer if asked for."""
    torch.manual_seed(seed)
    layers = [nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()]
    if dropout:
        layers.append(nn.Dropout(dropout))
    return nn.Sequential(*layers, nn.Linear(32, 10))


def far_too_large(network: nn.Module) -> nn.Module:
    """Return network with weights and biases twenty times as large as they were."""
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(20)
    return network


def train_epochs(
    network: nn.Module,
    loss_function: nn.Module,
    optimizer: torch.optim.Optimizer,
    *,
    images: Tensor,
    labels: Tensor,
    num_epochs: int = 3,
    shuffle: bool = True,
) -> None:
    """Train in batches of 32, as a tutorial does."""
    for _ in range(num_epochs):
        order = torch.randperm(len(images)) if shuffle else torch.arange(len(images))
        for batch in order.split(32):
            optimizer.zero_grad()
            loss_function(network(images[batch]), labels[batch]).backward()
            optimizer.step()
