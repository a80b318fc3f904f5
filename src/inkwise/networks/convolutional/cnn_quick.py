"""A network for 99 % on MNIST in one epoch, as it was published; `quick` trains cnn-cosine, which is faster.

Conv 24 5x5, conv 32 3x3, linear 256, after the notebooks of train_mnist_fast (T. Tuomaso); 215,194
parameters for 10 classes. We differ from it by pooling before ReLU everywhere, which gives the same
values with a quarter of the work.
"""

from torch import nn


def build(*, num_classes: int = 10) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) logits."""
    return nn.Sequential(
        nn.Conv2d(1, 24, 5),
        nn.MaxPool2d(2),
        nn.ReLU(),  # (N, 24, 12, 12)
        nn.Conv2d(24, 32, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),  # (N, 32, 5, 5)
        nn.Flatten(),  # (N, 800)
        nn.Linear(32 * 5 * 5, 256),
        nn.ReLU(),  # (N, 256)
        nn.Linear(256, num_classes),  # (N, K) logits
    )
