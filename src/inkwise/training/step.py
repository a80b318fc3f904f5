"""One training step, written out: the five lines that every tutorial has, and what each is for."""

import itertools
from typing import Protocol

import torch
from torch import Tensor, nn

from inkwise.training.losses import LossFunction


class Step(Protocol):
    """Anything that makes one optimizer update from one batch."""

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Update the weights; return the batch's mean loss () and outputs (B, K), or their log-softmax."""


class TextbookStep:
    """The training step as the textbook has it.

    Args:
        network: in training mode, so that dropout acts.
        loss_function: (outputs, labels) -> mean loss.
        autocast: the lower precision of matrix work, or None for float32 throughout.
    """

    def __init__(
        self,
        network: nn.Module,
        loss_function: LossFunction,
        optimizer: torch.optim.Optimizer,
        *,
        autocast: torch.dtype | None = None,
    ) -> None:
        self.network, self.loss_function, self.optimizer = network, loss_function, optimizer
        self.autocast = autocast

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        # 1. Forget the last batch: backward() adds to the gradients that are already there, because a
        #    weight used twice in a network must collect both. Without this line they would pile up.
        self.optimizer.zero_grad()
        # 2. Forward: from images to outputs. network(images), never network.forward(images): hooks run.
        with torch.autocast(images.device.type, dtype=self.autocast, enabled=self.autocast is not None):
            outputs = self.network(images)
        # 3. How wrong: one number for the whole batch.
        loss = self.loss_function(outputs.float(), labels)
        # 4. Backward: the derivative of that number by every weight (the chain rule, from the loss back).
        loss.backward()
        # 5. Step: move every weight a little against its derivative.
        self.optimizer.step()
        return loss.detach(), outputs.detach()


def pool_before_relu(network: nn.Module) -> nn.Module:
    """Return network with each ReLU that stands before a max-pooling moved behind it; the layers are shared.

    The largest of four values cut at 0 is the largest of the four, cut at 0: outputs and gradients are equal
    to the last bit, and ReLU works on a quarter of the values. The tutorials' order stays in the network
    itself, where it is read, saved and looked at. Anything but a Sequential is returned as it is.
    """
    if not isinstance(network, nn.Sequential):
        return network
    layers = list(network)
    for place, (first, second) in enumerate(itertools.pairwise(layers)):
        if isinstance(first, nn.ReLU) and isinstance(second, nn.MaxPool2d):
            layers[place], layers[place + 1] = second, first
    return nn.Sequential(*layers)


def keep_layout(network: nn.Module) -> nn.Module:
    """Return network with a Flatten that hands its gradient back channels_last; the layers are shared.

    Flatten lists the pixels channel by channel, and so does the gradient that comes back, while the values
    before it lie pixel by pixel: ReLU's and batch normalisation's backward then walk through memory in two
    orders at once, and take twenty times as long. Not one value changes. Anything but a Sequential is
    returned as it is.
    """
    if not isinstance(network, nn.Sequential):
        return network
    return nn.Sequential(*(_Flatten() if type(layer) is nn.Flatten else layer for layer in network))


class _Flatten(nn.Flatten):
    def forward(self, values: Tensor) -> Tensor:
        if values.requires_grad and values.is_contiguous(memory_format=torch.channels_last):
            values.register_hook(_as_channels_last)
        return super().forward(values)


def _as_channels_last(gradient: Tensor) -> Tensor:
    return gradient.contiguous(memory_format=torch.channels_last)
