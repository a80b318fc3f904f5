"""The same layers in an order that costs less, for training alone."""

import itertools

from torch import nn


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
