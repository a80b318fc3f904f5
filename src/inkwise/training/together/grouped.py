"""Several convolutional networks as one: grouped convolutions, stacked matrices, one batch normalisation.

S networks that see S images are one network of S times the channels in which no group looks at another's.
Batch normalisation counts each channel alone, so every seed keeps its own statistics. The values are those
of the single networks but for rounding: the kernels for groups add in another order.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from inkwise.errors import ShapeError
from inkwise.training.losses import LossFunction

_SIZES = ("kernel_size", "stride", "padding", "dilation", "padding_mode")

Pair = tuple[Tensor, list[Tensor]]


class GroupedNetwork(nn.Module):
    """S networks of one architecture: (S, B, 1, 28, 28) float32 -> (S, B, K).

    Args:
        networks: each a Sequential of the layers that `can_group` knows; `spread` writes their weights back.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.num_seeds = len(networks)
        self.pairs: list[Pair] = []
        alone = zip(*(list(network.children()) for network in networks), strict=True)
        self.layers = nn.Sequential(*(self._group(same) for same in alone))

    def forward(self, images: Tensor) -> Tensor:
        """Return the outputs of every network for its own images."""
        channels = images.squeeze(2).transpose(0, 1)  # (B, S, 28, 28)
        outputs: Tensor = self.layers(channels.contiguous(memory_format=torch.channels_last))
        return outputs

    def _group(self, same: tuple[nn.Module, ...]) -> nn.Module:
        """Return the layer that does the work of one layer of each network."""
        kind = type(same[0])
        if kind not in _GROUPED:
            raise ShapeError(
                f"no way is known to train several {kind.__name__} layers at once, expected "
                f"{', '.join(sorted(known.__name__ for known in _GROUPED))}; train the seeds one by one"
            )
        grouped = _GROUPED[kind](same)
        if isinstance(grouped, nn.Conv2d):
            grouped.weight.data = grouped.weight.data.contiguous(memory_format=torch.channels_last)
        tensors = zip(*(_tensors(layer) for layer in same), strict=True)
        for mine, theirs in zip(_tensors(grouped), tensors, strict=True):
            # A count of batches is one number for all.
            mine.copy_(torch.stack(theirs).reshape(mine.shape) if mine.ndim else theirs[0])
            self.pairs.append((mine, list(theirs)))
        return grouped

    @torch.no_grad()
    def spread(self) -> None:
        """Write weights and statistics into the networks they came from."""
        for mine, theirs in self.pairs:
            for number, tensor in enumerate(theirs):
                tensor.copy_(mine.view(len(theirs), *tensor.shape)[number] if mine.ndim else mine)


class GroupedStep:
    """The five lines of training/step.py for S networks at once, in float32.

    Args:
        network: the S networks as one, in training mode.
        loss_function: (outputs (B, K), labels (B,)) -> mean loss; of one seed.
        optimizer: over the parameters of network.
    """

    def __init__(
        self, network: GroupedNetwork, loss_function: LossFunction, optimizer: torch.optim.Optimizer
    ) -> None:
        self.network, self.loss_function, self.optimizer = network, loss_function, optimizer

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Update all weights; return the mean losses (S,) and outputs (S, B, K)."""
        self.optimizer.zero_grad()
        outputs = self.network(images)
        pairs = zip(outputs, labels, strict=True)
        losses = torch.stack([self.loss_function(own, right) for own, right in pairs])
        # No weight has a part in two losses, so the gradients of the sum are those of each.
        losses.sum().backward()
        self.optimizer.step()
        return losses.detach(), outputs.detach()

    def spread(self) -> None:
        """Write the weights into the networks they came from."""
        self.network.spread()


class _Linears(nn.Module):
    """S linear layers: (S, B, in) -> (S, B, out)."""

    def __init__(self, same: Sequence[nn.Linear]) -> None:
        super().__init__()
        first, num_seeds = same[0], len(same)
        self.weight = nn.Parameter(torch.empty(num_seeds, first.out_features, first.in_features))
        has_bias = first.bias is not None
        self.bias = nn.Parameter(torch.empty(num_seeds, 1, first.out_features)) if has_bias else None

    def forward(self, values: Tensor) -> Tensor:
        weight = self.weight.transpose(1, 2)
        return values.bmm(weight) if self.bias is None else torch.baddbmm(self.bias, values, weight)


class _Normalised(nn.Module):
    """S batch normalisations of features: (S, B, F) -> (S, B, F)."""

    def __init__(self, same: Sequence[nn.BatchNorm1d]) -> None:
        super().__init__()
        self.norm = _norm(same)

    def forward(self, values: Tensor) -> Tensor:
        side_by_side = values.transpose(0, 1).flatten(1)  # (B, S F)
        normalised: Tensor = self.norm(side_by_side)
        return normalised.view(len(side_by_side), len(values), -1).transpose(0, 1)


class _Parted(nn.Module):
    """Flatten: (B, S C, H, W) -> (S, B, C H W)."""

    def __init__(self, num_seeds: int) -> None:
        super().__init__()
        self.num_seeds = num_seeds

    def forward(self, values: Tensor) -> Tensor:
        own = values.reshape(len(values), self.num_seeds, -1)
        return own.transpose(0, 1)


def _convolution(same: Sequence[nn.Conv2d]) -> nn.Conv2d:
    first, num_seeds = same[0], len(same)
    sizes: dict[str, Any] = {name: getattr(first, name) for name in _SIZES}
    return nn.Conv2d(
        num_seeds * first.in_channels,
        num_seeds * first.out_channels,
        groups=num_seeds * first.groups,
        bias=first.bias is not None,
        **sizes,
    )


def _norm(same: Sequence[nn.BatchNorm1d] | Sequence[nn.BatchNorm2d]) -> nn.BatchNorm1d | nn.BatchNorm2d:
    first = same[0]
    return type(first)(len(same) * first.num_features, first.eps, first.momentum, first.affine)


def _tensors(layer: nn.Module) -> list[Tensor]:
    return [tensor.detach() for tensor in (*layer.parameters(), *layer.buffers())]


_GROUPED: dict[type[nn.Module], Callable[[tuple[nn.Module, ...]], nn.Module]] = {
    nn.Conv2d: _convolution,  # type: ignore[dict-item]  # keyed by the type that it takes
    nn.BatchNorm2d: _norm,  # type: ignore[dict-item]
    nn.BatchNorm1d: _Normalised,  # type: ignore[dict-item]
    nn.Linear: _Linears,  # type: ignore[dict-item]
    nn.Flatten: lambda same: _Parted(len(same)),
    nn.ReLU: lambda same: nn.ReLU(),
    nn.MaxPool2d: lambda same: same[0],
    nn.LogSoftmax: lambda same: nn.LogSoftmax(dim=2),
}


def can_group(network: nn.Module) -> bool:
    """Return whether GroupedNetwork takes such a network: a chain of known layers, none of them random."""
    layers = list(network.children())
    return isinstance(network, nn.Sequential) and all(type(layer) in _GROUPED for layer in layers)
