"""The multilayer perceptron of "MNIST Classifier with Pytorch [Part I]", as a class.

784-128-64-10 with ReLU, raw logits; 109,386 parameters for 10 classes. The tutorial says that this and
the Sequential form "lead to the same result": they do when they start from equal weights, and a test
shows it. Unlike the tutorial we flatten inside forward, and call network(images), never
network.forward(images), which would skip hooks.
"""

from torch import Tensor, nn


class SimpleNetwork(nn.Module):
    """(N, 1, 28, 28) float32 -> (N, num_classes) logits."""

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.hidden_1 = nn.Linear(28 * 28, 128)
        self.hidden_2 = nn.Linear(128, 64)
        self.output = nn.Linear(64, num_classes)
        self.activation = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        x = images.flatten(1)  # (N, 784)
        x = self.activation(self.hidden_1(x))  # (N, 128)
        x = self.activation(self.hidden_2(x))  # (N, 64)
        logits: Tensor = self.output(x)  # (N, K)
        return logits


def build(*, num_classes: int = 10) -> SimpleNetwork:
    """Return the network."""
    return SimpleNetwork(num_classes)
