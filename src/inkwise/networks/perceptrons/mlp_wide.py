"""The wide four-layer perceptron of "Network in Pytorch" (A. Sawant, 2017).

784-784-500-50-10; 1,033,500 parameters for 10 classes. As published, ReLU follows every layer, the
output too: negative logits become 0, their gradients die, and most seeds end with classes that can
never be predicted. relu_output=True is that network; the default returns raw logits.
"""

from torch import nn


def build(*, num_classes: int = 10, relu_output: bool = False) -> nn.Sequential:
    """Return the network: (N, 1, 28, 28) float32 -> (N, num_classes) logits.

    Args:
        relu_output: True ends in ReLU, as the tutorial does.
    """
    layers: list[nn.Module] = [
        nn.Flatten(),  # (N, 784)
        nn.Linear(28 * 28, 784),
        nn.ReLU(),  # (N, 784)
        nn.Linear(784, 500),
        nn.ReLU(),  # (N, 500)
        nn.Linear(500, 50),
        nn.ReLU(),  # (N, 50)
        nn.Linear(50, num_classes),  # (N, K) logits
    ]
    if relu_output:
        layers.append(nn.ReLU())  # (N, K), no logit below 0
    return nn.Sequential(*layers)
