"""The convolutional network "Basic_CNN" of the TensorFlow half of "(TF & PyTorch) MNIST tutorial".

1,676,266 parameters for 10 classes. The tutorial trains it by model(images) without training=True, so
its three Dropout(0.5) layers never act: dropout=0.0 is the published training, 0.5 the intended one.
Keras differs from PyTorch's defaults in its initial weights: Glorot uniform and zero biases, as here.
"""

from torch import nn


def build(*, num_classes: int = 10, dropout: float = 0.5) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) probabilities.

    Args:
        dropout: chance of a value to be dropped in each of the three layers, in [0, 1).
    """
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding="same"),
        nn.ReLU(),  # (N, 32, 28, 28)
        nn.Conv2d(32, 32, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 32, 14, 14)
        nn.Dropout(dropout),
        nn.Conv2d(32, 64, 3, padding="same"),
        nn.ReLU(),  # (N, 64, 14, 14)
        nn.Conv2d(64, 64, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 64, 7, 7)
        nn.Dropout(dropout),
        nn.Flatten(),  # (N, 3136)
        nn.Linear(64 * 7 * 7, 512),
        nn.ReLU(),  # (N, 512)
        nn.Dropout(dropout),
        nn.Linear(512, num_classes),
        nn.Softmax(dim=1),  # (N, K) probabilities
    )
    network.apply(_initialise_like_keras)
    return network


def _initialise_like_keras(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
