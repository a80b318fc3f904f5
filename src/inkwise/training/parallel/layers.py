"""Layers whose output for one image depends on the rest of the batch, which several processes hold.

Batch normalisation measures the whole batch, and dropout draws for the whole batch, so that a training by
several processes is that of one. PyTorch's SyncBatchNorm does the former on accelerators alone.
"""

import copy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from inkwise.errors import TrainingError
from inkwise.training.parallel.group import Group

_NormLayer = nn.BatchNorm1d | nn.BatchNorm2d
_batch_norm_backward = torch.ops.aten.native_batch_norm_backward.default


@dataclass
class CurrentBatch:
    """The batch that is being learned: how many images it has in all, which no process sees by itself."""

    group: Group
    num_images: int = 0


def share_layers(network: nn.Module, batch: CurrentBatch) -> nn.Module:
    """Return network with layers that see the whole batch, in training mode; every tensor is shared with it.

    Raises:
        TrainingError: a layer lets images meet in a way that is not known here.
    """
    tensors = [*network.parameters(), *network.buffers()]
    # A copy of the structure alone: deepcopy takes what it finds in its memo as copied already.
    return _replace(copy.deepcopy(network, {id(tensor): tensor for tensor in tensors}), batch).train()


def _replace(layer: nn.Module, batch: CurrentBatch) -> nn.Module:
    if isinstance(layer, _NormLayer):
        return _SharedBatchNorm(layer, batch)
    if isinstance(layer, nn.Dropout):
        return _SharedDropout(layer.p, batch)
    if isinstance(layer, nn.modules.batchnorm._NormBase | nn.modules.dropout._DropoutNd):
        raise TrainingError(
            f"no way is known to train {type(layer).__name__} on several workers, expected BatchNorm1d, "
            "BatchNorm2d or Dropout; train with one worker"
        )
    for name, child in layer.named_children():
        setattr(layer, name, _replace(child, batch))
    return layer


class _SharedDropout(nn.Module):
    """Dropout of the whole batch, of which the own rows are kept: every process draws the same."""

    def __init__(self, p: float, batch: CurrentBatch) -> None:
        super().__init__()
        self.p, self.batch = p, batch

    def forward(self, values: Tensor) -> Tensor:
        num_images = self.batch.num_images
        layout = _layout(values)
        ones = (
            torch.ones_like(values[:1]).expand(num_images, *values.shape[1:]).contiguous(memory_format=layout)
        )
        # What dropout makes of ones is its mask: 0, or 1 / (1 - p).
        mask = F.dropout(ones, self.p)
        return values * mask[self.batch.group.share(num_images).rows]


class _SharedBatchNorm(nn.Module):
    """Batch normalisation by the mean and variance of the whole batch; the layer's own tensors are used."""

    def __init__(self, layer: _NormLayer, batch: CurrentBatch) -> None:
        super().__init__()
        self.weight, self.bias, self.batch = layer.weight, layer.bias, batch
        # Within a tuple they are no buffers of this module: being equal everywhere, nobody need send them.
        self.statistics: Any = (layer.running_mean, layer.running_var, layer.num_batches_tracked)
        self.momentum, self.epsilon = layer.momentum, layer.eps

    def forward(self, values: Tensor) -> Tensor:
        places = values[0, 0].numel()  # pixels of a channel
        num = self.batch.num_images * places
        if num < 2:
            raise TrainingError(
                "batch normalisation cannot measure the spread of one value; "
                "set batch_size so that no batch of one image is left"
            )
        mean, variance = self._measure(values.detach())
        with torch.no_grad():
            running_mean, running_variance, num_batches = self.statistics
            running_mean.lerp_(mean, self.momentum)
            running_variance.lerp_(variance * (num / (num - 1)), self.momentum)
            num_batches.add_(1)
        normalised: Tensor = _Normalise.apply(  # type: ignore[no-untyped-call]
            values, self.weight, self.bias, mean, variance, self.epsilon, num, self.batch.group
        )
        return normalised

    def _measure(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance (C,) of each channel over the whole batch.

        Each process measures its own rows, and one exchange brings the measures together:
        n var = sum over processes of n_r (var_r + (mean_r - mean)^2).
        Source: Chan, Golub, LeVeque, 1979, for pairs.
        """
        group, num_images = self.batch.group, self.batch.num_images
        if values.dtype == torch.bfloat16:
            values = values.float()
        # Several times as fast as var_mean, where channels lie side by side.
        own = torch.stack(torch.batch_norm_update_stats(values, None, None, 0.0))
        table = group.whole(own[None], group.size)  # (processes, 2, C)
        counts = [group.share(num_images, rank).num_own for rank in range(group.size)]
        shares = torch.tensor(counts, dtype=values.dtype, device=values.device)[:, None] / num_images
        mean = (shares * table[:, 0]).sum(0)
        return mean, (shares * (table[:, 1] + (table[:, 0] - mean) ** 2)).sum(0)


class _Normalise(torch.autograd.Function):
    """y = weight (x - mean) / s + bias, with s = sqrt(variance + epsilon), and its derivatives.

    Mean and variance hang on every x of the batch. With h = (x - mean) / s and sums over the whole batch of
    n values: dx = weight / s (dy - sum(dy) / n - h sum(dy h) / n). Weight and bias take the sums of the own
    rows; those of all are added where gradients are averaged.
    Source: Ioffe and Szegedy, ICML 2015, section 3.
    """

    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        values, weight, bias, mean, variance, epsilon, num, group = inputs
        ctx.save_for_backward(values, weight, mean, variance)
        ctx.epsilon, ctx.num, ctx.group = epsilon, num, group
        normalised: Tensor = torch.native_batch_norm(
            values, weight, bias, mean, variance, False, 0.0, epsilon
        )[0]
        return normalised

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        values, weight, mean, variance = ctx.saved_tensors
        scaled, of_weight, of_bias = _batch_norm_backward(
            gradient, values, weight, mean, variance, None, None, False, ctx.epsilon, [True, True, True]
        )  # scaled is weight / s dy; of_weight is sum(dy h), of_bias sum(dy)
        sums = ctx.group.total(torch.stack([of_weight, of_bias])) / ctx.num
        deviation = (variance + ctx.epsilon).sqrt()
        slope = sums[0] * weight / deviation.square()
        offset = sums[1] * weight / deviation - slope * mean
        shape = (1, -1, *[1] * (values.ndim - 2))
        of_values = scaled - torch.addcmul(offset.view(shape), slope.view(shape), values)
        return of_values.to(values.dtype), of_weight, of_bias, None, None, None, None, None


def _layout(values: Tensor) -> torch.memory_format:
    is_last = values.ndim == 4 and values.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if is_last else torch.contiguous_format
