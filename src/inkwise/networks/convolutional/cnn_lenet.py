"""The convolutional network `Net` of the PyTorch half of "(TF & PyTorch) MNIST tutorial".

Two 5x5 convolutions and two linear layers, as in the old pytorch/examples; 431,080 parameters for 10
classes. The tutorial writes the flattened size 4 * 4 * 50 by hand; nn.Flatten needs no such number.
"""

from torch import nn


def build(*, num_classes: int = 10) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) log-probabilities."""
    return nn.Sequential(
        nn.Conv2d(1, 20, 5),
        nn.ReLU(),  # (N, 20, 24, 24)
        nn.MaxPool2d(2),  # (N, 20, 12, 12)
        nn.Conv2d(20, 50, 5),
        nn.ReLU(),  # (N, 50, 8, 8)
        nn.MaxPool2d(2),  # (N, 50, 4, 4)
        nn.Flatten(),  # (N, 800)
        nn.Linear(4 * 4 * 50, 500),
        nn.ReLU(),  # (N, 500)
        nn.Linear(500, num_classes),
        nn.LogSoftmax(dim=1),  # (N, K) log-probabilities
    )
