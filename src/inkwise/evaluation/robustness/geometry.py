"""Digits in another place, size, turn or slant, or by another pen."""

import torch
from torch import Tensor

from inkwise.augmentation.stroke_width import change_stroke_width
from inkwise.augmentation.warp import affine_matrices, warp


def shift(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Move by amount pixels sideways and as much up or down, the directions by chance."""
    return _warped(images, shifts=amount * _signs(len(images), 2, generator=generator))


def rotate(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Turn by amount degrees, the direction by chance."""
    return _warped(images, degrees=amount * _signs(len(images), generator=generator))


def scale(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Size by a factor: below 1 smaller, above 1 larger."""
    factors = torch.full((len(images),), amount)
    return _warped(images, width=factors, height=factors)


def shear(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Slant by amount pixels sideways a pixel of height, the direction by chance."""
    return _warped(images, shear=amount * _signs(len(images), generator=generator))


def change_width(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Widen lines by amount pixels, or thin them where it is below 0."""
    return change_stroke_width(images, torch.full((len(images),), amount))


def _warped(
    images: Tensor, *, degrees: Tensor | None = None, shear: Tensor | None = None,
    width: Tensor | None = None, height: Tensor | None = None, shifts: Tensor | None = None,
) -> Tensor:  # fmt: skip
    none, one = torch.zeros(len(images)), torch.ones(len(images))
    matrices = affine_matrices(
        degrees=none if degrees is None else degrees,
        shear=none if shear is None else shear,
        width=one if width is None else width,
        height=one if height is None else height,
    )
    return warp(images, matrices, shifts=torch.zeros(len(images), 2) if shifts is None else shifts)


def _signs(*shape: int, generator: torch.Generator) -> Tensor:
    """Return numbers -1 or 1, equally likely."""
    return 2 * torch.randint(0, 2, shape, generator=generator).float() - 1
