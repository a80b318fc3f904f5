"""Networks in both frameworks, with equal weights, for the tests of this folder."""

from typing import Any

import torch
from torch import nn

from inkwise.networks.build import build_first_network
from inkwise.tensorflow.twin import Twin
from inkwise.tensorflow.weights import twin_with_weights


def both(name: str, **options: Any) -> tuple[nn.Module, Twin]:
    """Return an architecture in PyTorch and its twin, weights and running statistics drawn."""
    network = build_first_network(name, seed=3, **options).eval()
    generator = torch.Generator().manual_seed(5)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.running_mean.normal_(generator=generator)
            layer.running_var.uniform_(0.5, 2.0, generator=generator)
    return network, twin_with_weights(network, architecture=name, num_classes=10, **options)


def outputs(twin: Twin, images: torch.Tensor) -> torch.Tensor:
    """Return what the twin says of images (N, 1, 28, 28)."""
    return torch.from_numpy(twin.model(images.permute(0, 2, 3, 1).numpy(), training=False).numpy())
