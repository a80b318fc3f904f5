"""What several networks are built of."""

from torch import nn


def normalised_convolution(
    inputs: int, outputs: int, *, kernel: int, stride: int = 1
) -> tuple[nn.Module, nn.Module, nn.Module]:
    """Return a convolution, batch normalisation and ReLU; with stride 1 the image keeps its size.

    Args:
        inputs, outputs: channels.
        kernel: its side, an odd number of pixels.
        stride: steps in which it moves; 2 halves the image.
    """
    return (
        # Batch normalisation subtracts the mean, so a bias before it would do nothing.
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )
