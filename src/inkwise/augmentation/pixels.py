"""What is done to pixels where they lie: left for right, blur, noise, a square cut out."""

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.data.dataset import IMAGE_SIZE


def mirror(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Return the images (N, 1, 28, 28), a share of them by chance with left and right exchanged."""
    chosen = (torch.rand(len(images), generator=generator) < share).to(images.device)
    return torch.where(chosen[:, None, None, None], images.flip(3), images)


def blur(images: Tensor, width_px: Tensor) -> Tensor:
    """Return the images blurred by a Gaussian bell, (N, 1, 28, 28) float32.

    At the border the bell is cut and made to sum to 1 again: a white image stays white.

    Args:
        images: (N, 1, 28, 28) float32.
        width_px: (N,) standard deviation of each image's bell, 0 or above.
    """
    places = torch.arange(IMAGE_SIZE, device=images.device)
    squares = (places[:, None] - places).float().square()  # (28, 28)
    # A bell of width 0 is the pixel alone; 0.05 is that to the last bit of float32, and divides.
    weights = torch.exp(-squares / (2 * width_px.clamp(min=0.05).square()[:, None, None]))
    weights = F.threshold(weights, 1e-6, 0.0)  # far out numbers below 1e-38 would cost a processor dearly
    weights /= weights.sum(dim=2, keepdim=True)
    blurred = weights @ images[:, 0] @ weights.transpose(1, 2)  # (N, 28, 28)
    return blurred.unsqueeze(1)


def add_noise(images: Tensor, deviation: Tensor, generator: torch.Generator) -> Tensor:
    """Return the images with noise on each pixel, cut to [0, 1].

    Args:
        images: (N, 1, 28, 28) float32 in [0, 1].
        deviation: (N,) standard deviation of each image's noise.
    """
    noise = torch.randn(images.shape, generator=generator) * deviation[:, None, None, None]
    return (images + noise.to(images.device)).clamp_(0, 1)


def cut_out(images: Tensor, side_px: Tensor, generator: torch.Generator) -> Tensor:
    """Return the images, each with a square of black somewhere, partly outside perhaps.

    Args:
        images: (N, 1, 28, 28) float32.
        side_px: (N,) the square's side.
    Source: DeVries and Taylor, 2017 ("Cutout"). We differ from it by drawing the side too.
    """
    middles = torch.rand(len(images), 2, generator=generator) * IMAGE_SIZE - 0.5
    places = torch.arange(IMAGE_SIZE)
    is_inside = (places - middles[:, :, None]).abs() < side_px[:, None, None] / 2  # (N, 2, 28): rows, columns
    is_cut = is_inside[:, 0, :, None] & is_inside[:, 1, None, :]  # (N, 28, 28)
    return images.masked_fill(is_cut[:, None].to(images.device), 0.0)
