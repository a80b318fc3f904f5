"""The five-layer perceptron of "MNIST With PyTorch" (cybertraining-dsc), ending in LogSoftmax.

784-128-128-64-64-10 with ReLU; 130,058 parameters for 10 classes. The tutorial calls the last layer a
softmax layer; it is LogSoftmax, and its loss must therefore be NLLLoss.
"""

from torch import nn


def build(*, num_classes: int = 10) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) log-probabilities."""
    return nn.Sequential(
        nn.Flatten(),  # (N, 784)
        nn.Linear(28 * 28, 128),
        nn.ReLU(),  # (N, 128)
        nn.Linear(128, 128),
        nn.ReLU(),  # (N, 128)
        nn.Linear(128, 64),
        nn.ReLU(),  # (N, 64)
        nn.Linear(64, 64),
        nn.ReLU(),  # (N, 64)
        nn.Linear(64, num_classes),
        nn.LogSoftmax(dim=1),  # (N, K) log-probabilities
    )
