"""Where the ink is: turned, sized, slanted, shifted and bent by one sampling of the image.

Coordinates are pixels, x to the right and y down, from the middle of the image: between its four middle
pixels. A positive rotation turns counter-clockwise to the eye.
"""

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from inkwise.data.dataset import IMAGE_SIZE

_HALF = (IMAGE_SIZE - 1) / 2  # pixels from the middle to the middle of a pixel at the edge


def affine_matrices(*, degrees: Tensor, shear: Tensor, width: Tensor, height: Tensor) -> Tensor:
    """Return the matrices (N, 2, 2) that take a point (x, y) of an image to where it goes.

    They first size, then slant, then turn.

    Args:
        degrees: (N,) counter-clockwise.
        shear: (N,) pixels to the right a pixel upward.
        width, height: (N,) factors, above 0.
    """
    angle = torch.deg2rad(degrees)
    cos, sin = angle.cos(), angle.sin()
    turn = torch.stack([cos, sin, -sin, cos], dim=1).view(-1, 2, 2)  # y points down
    zero, one = torch.zeros_like(shear), torch.ones_like(shear)
    slant = torch.stack([one, -shear, zero, one], dim=1).view(-1, 2, 2)
    return turn @ slant @ torch.diag_embed(torch.stack([width, height], dim=1))


def warp(images: Tensor, matrices: Tensor, *, shifts: Tensor, displacements: Tensor | None = None) -> Tensor:
    """Return the images moved, (N, 1, 28, 28) float32; what comes from outside is black.

    Values between pixels are bilinear: an average of four, so none leaves the range of the image.

    Args:
        images: (N, 1, 28, 28) float32.
        matrices: (N, 2, 2), of affine_matrices.
        shifts: (N, 2) pixels right and down, after the matrix.
        displacements: (N, 28, 28, 2) pixels right and down from where each pixel takes its value, or None.
    """
    back = torch.linalg.inv(matrices)  # from a pixel of the result to where its value comes from
    offsets = -(back @ shifts[:, :, None]) / _HALF
    grid = F.affine_grid(torch.cat([back, offsets], dim=2), list(images.shape), align_corners=True)
    if displacements is not None:
        grid += displacements / _HALF
    return F.grid_sample(images, grid.to(images.device), align_corners=True)


def smooth_displacements(num: int, smoothness_px: float, generator: torch.Generator) -> Tensor:
    """Return random displacements (num, 28, 28, 2) whose root mean square is 1 pixel each way at any pixel.

    Random numbers on a coarse grid, each spread by a Gaussian bell: as smoothed noise on every pixel, with
    a fraction of the draws.

    Source: Simard, Steinkraus, Platt, ICDAR 2003, section 2. We differ from it by the coarse grid, and by
    giving the strength in pixels instead of a factor that depends on the smoothness.
    """
    bells = _bells(smoothness_px)  # (28, M)
    num_bells = bells.shape[1]
    draws = torch.randn(2 * num, num_bells, num_bells, generator=generator)
    fields = bells @ draws @ bells.T  # (2 num, 28, 28)
    return fields.view(num, 2, IMAGE_SIZE, IMAGE_SIZE).permute(0, 2, 3, 1)


@functools.lru_cache
def _bells(smoothness_px: float) -> Tensor:
    """Return (28, M): the weight of M bells, one every smoothness_px, at each pixel; squares sum to 1."""
    # Bells further out than 3 of their widths do not reach the image.
    num_bells = math.ceil((IMAGE_SIZE - 1) / smoothness_px) + 7
    centres = (torch.arange(num_bells) - (num_bells - 1) / 2) * smoothness_px + _HALF
    distances = (torch.arange(IMAGE_SIZE)[:, None] - centres) / smoothness_px
    weights = torch.exp(-(distances**2) / 2)
    return weights / weights.square().sum(dim=1, keepdim=True).sqrt()
