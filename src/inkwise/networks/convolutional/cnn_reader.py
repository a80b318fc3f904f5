"""The network of the `reader` recipe, which `inkwise read` ships: 99.6 % on MNIST within 2 MB.

Five convolutions, each with batch normalisation, strides instead of pooling; 436,138 parameters for 10
classes. After the networks of C. Deotte for MNIST (32-32-32, 64-64-64, 128 channels, 5x5 with stride 2 to
halve the image). We differ from them by halving it in the first layer, where most of the time goes, and by
one layer less at each size.
"""

from torch import nn

from inkwise.networks.convolutional.blocks import normalised_convolution


def build(*, num_classes: int = 10, width: int = 32, dropout: float = 0.3) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) logits.

    Args:
        width: channels of the first layers; the later ones have twice and four times as many. 1 or more.
        dropout: chance of a value to be dropped before each of the two linear layers, in [0, 1).
    """
    return nn.Sequential(
        *normalised_convolution(1, width, kernel=5, stride=2),  # (N, 32, 14, 14)
        *normalised_convolution(width, width, kernel=3),
        *normalised_convolution(width, 2 * width, kernel=5, stride=2),  # (N, 64, 7, 7)
        *normalised_convolution(2 * width, 2 * width, kernel=3),
        *normalised_convolution(2 * width, 4 * width, kernel=3, stride=2),  # (N, 128, 4, 4)
        nn.Flatten(),  # (N, 2048)
        nn.Dropout(dropout),
        nn.Linear(4 * width * 4 * 4, 4 * width, bias=False),
        nn.BatchNorm1d(4 * width),
        nn.ReLU(),  # (N, 128)
        nn.Dropout(dropout),
        nn.Linear(4 * width, num_classes),  # (N, K) logits
    )
