"""What backward() computes, adds up and keeps: measured on one weight, in float64."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inkwise.training.losses import LossFunction

# How far the weight is moved. By more, and a ReLU or a pooling tips over on the way; by less, and the
# difference of two losses has too few digits.
SHIFT = 1e-7


@dataclass(frozen=True)
class Batch:
    """A float64 network in training mode, and the images and labels that its loss is taken of."""

    network: nn.Module
    loss_function: LossFunction
    images: Tensor
    labels: Tensor

    def outputs(self) -> Tensor:
        """Return what the network says, (B, K) float64."""
        torch.manual_seed(0)  # dropout drops the same values each time
        outputs: Tensor = self.network(self.images)
        return outputs

    def loss(self) -> Tensor:
        """Return the mean loss, () float64."""
        return self.loss_function(self.outputs(), self.labels)

    def first_weight(self) -> tuple[str, nn.Parameter]:
        """Return the network's first tensor of weights that is learned: its gradient has come all the way."""
        return next(pair for pair in self.network.named_parameters() if pair[1].requires_grad)


@dataclass(frozen=True)
class GradientCheck:
    """The derivative of the loss by one weight, in float64: by autograd, and by moving the weight.

    Attributes:
        name: the weight's tensor, such as "1.weight".
        place: its place in that tensor.
        weight: its value.
        loss_above, loss_below: the loss with the weight moved up and down by SHIFT, 1e-7.
        by_backward: what loss.backward() says.
    """

    name: str
    place: tuple[int, ...]
    weight: float
    loss_above: float
    loss_below: float
    by_backward: float

    @property
    def by_difference(self) -> float:
        """(loss_above - loss_below) / (2 SHIFT)"""
        return (self.loss_above - self.loss_below) / (2 * SHIFT)

    @property
    def relative_error(self) -> float:
        """How far apart the two are, as a fraction of the larger; 0 where both are 0."""
        largest = max(abs(self.by_backward), abs(self.by_difference))
        return abs(self.by_backward - self.by_difference) / largest if largest else 0.0


@dataclass(frozen=True)
class Accumulation:
    """The gradient of that weight: backward() adds to what is there, and zero_grad() forgets it.

    Attributes:
        once: after one backward().
        twice: after a second on the same batch.
        forgotten: after zero_grad() and a third.
    """

    once: float
    twice: float
    forgotten: float


@dataclass(frozen=True)
class Recording:
    """What a forward pass notes for backward(), and what it does not under torch.no_grad().

    Attributes:
        grad_fn: the last operation noted, such as "LogSoftmaxBackward0".
        kept_bytes: size of the values kept for backward(), weights not counted.
        grad_fn_without, kept_bytes_without: the same under torch.no_grad().
        is_equal: whether the outputs are equal; they must be.
    """

    grad_fn: str
    kept_bytes: int
    grad_fn_without: str
    kept_bytes_without: int
    is_equal: bool


def _steepest(gradient: Tensor) -> tuple[int, ...]:
    """Return the place of the largest gradient, either sign."""
    return tuple(int(i) for i in torch.unravel_index(gradient.abs().argmax(), gradient.shape))


def check_gradient(batch: Batch) -> GradientCheck:
    """Return the steepest derivative of the batch's loss by a first weight, found in both ways."""
    name, weight = batch.first_weight()
    batch.network.zero_grad()
    batch.loss().backward()
    gradient = _gradient(weight)
    place = _steepest(gradient)
    return GradientCheck(
        name,
        place,
        float(weight.detach()[place]),
        _loss_at(batch, place, shift=SHIFT),
        _loss_at(batch, place, shift=-SHIFT),
        float(gradient[place]),
    )


def _gradient(weight: nn.Parameter) -> Tensor:
    assert weight.grad is not None, "backward() has been called"
    return weight.grad


@torch.no_grad()
def _loss_at(batch: Batch, place: tuple[int, ...], *, shift: float) -> float:
    _, weight = batch.first_weight()
    before = weight[place].clone()
    weight[place] += shift
    loss = float(batch.loss())
    weight[place] = before
    return loss


def accumulate(batch: Batch) -> Accumulation:
    """Return the gradient of that weight after one backward(), after two, and after zero_grad()."""
    _, weight = batch.first_weight()
    batch.network.zero_grad()
    batch.loss().backward()
    place = _steepest(_gradient(weight))
    once = float(_gradient(weight)[place])
    batch.loss().backward()
    twice = float(_gradient(weight)[place])
    batch.network.zero_grad()
    batch.loss().backward()
    return Accumulation(once, twice, float(_gradient(weight)[place]))


def record(batch: Batch) -> Recording:
    """Return what the forward pass of the batch keeps for backward(), with and without torch.no_grad()."""
    with _kept_bytes(batch.network) as kept:
        outputs = batch.outputs()
    with torch.no_grad(), _kept_bytes(batch.network) as kept_without:
        outputs_without = batch.outputs()
    return Recording(
        type(outputs.grad_fn).__name__,
        sum(kept.values()),
        str(outputs_without.grad_fn),
        sum(kept_without.values()),
        torch.equal(outputs, outputs_without),
    )


@contextmanager
def _kept_bytes(network: nn.Module) -> Iterator[dict[int, int]]:
    """Collect the sizes of what is kept for backward() within the block, by its place in memory."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        yield kept
