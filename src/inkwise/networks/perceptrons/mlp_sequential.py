"""The multilayer perceptron of "MNIST Classifier with Pytorch [Part I]", as nn.Sequential.

784-128-64-10 with ReLU, raw logits; 109,386 parameters for 10 classes. The same network written as a
class is mlp_class; from equal weights both give equal outputs.
"""

from torch import nn


def build(*, num_classes: int = 10) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) logits."""
    return nn.Sequential(
        nn.Flatten(),  # (N, 784)
        nn.Linear(28 * 28, 128),
        nn.ReLU(),  # (N, 128)
        nn.Linear(128, 64),
        nn.ReLU(),  # (N, 64)
        nn.Linear(64, num_classes),  # (N, K) logits
    )
