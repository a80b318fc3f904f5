"""How wide the lines are: ink grown or taken away at their edges, by fractions of a pixel."""

import torch
from torch import Tensor

# A square of 3 x 3 pixels moves the edge of a 45-degree line by 1.41 pixels, a cross of 5 by 0.71, and both
# that of an upright one by 1. In this mixture a slanting line grows as an upright one does.
_SQUARE_SHARE = 2**0.5 - 1


def change_stroke_width(images: Tensor, change_px: Tensor) -> Tensor:
    """Return the images with lines wider or thinner, (N, 1, 28, 28) float32.

    A line that is thinned by its own width or more grows faint, as a pencil's does.

    Args:
        images: (N, 1, 28, 28) float32 in [0, 1], ink bright on black.
        change_px: (N,) pixels of width, both sides of a line together; below 0 thinner.
    """
    is_thinner = (change_px < 0)[:, None, None, None]
    # To take ink away is to grow the black around it.
    growing = torch.where(is_thinner, 1 - images, images)
    left = change_px.abs() / 2  # to go, on each side
    while bool((left > 0).any()):
        share = left.clamp(0, 1)[:, None, None, None]
        growing = torch.lerp(growing, _grown(growing), share)
        left = left - 1
    return torch.where(is_thinner, 1 - growing, growing)


def _grown(images: Tensor) -> Tensor:
    """Return the images with every bright area grown by one pixel all round."""
    across, upright = _max_of_three(images, dim=3), _max_of_three(images, dim=2)
    cross, square = torch.maximum(across, upright), _max_of_three(across, dim=2)
    return torch.lerp(cross, square, _SQUARE_SHARE)


def _max_of_three(images: Tensor, *, dim: int) -> Tensor:
    """Return the maximum of each pixel and its two neighbours along an axis; none stand outside."""
    # Two maxima of shifted views: several times as fast as max_pool2d, which notes where each maximum was.
    last = images.shape[dim] - 1
    result = images.clone()
    later, earlier = result.narrow(dim, 1, last), result.narrow(dim, 0, last)
    torch.maximum(later, images.narrow(dim, 0, last), out=later)
    torch.maximum(earlier, images.narrow(dim, 1, last), out=earlier)
    return result
