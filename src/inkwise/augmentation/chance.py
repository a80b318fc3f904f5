"""The amounts that images draw: one an image, evenly spread up to a strength."""

import math

import torch
from torch import Tensor


def between(strength: float, num: int, generator: torch.Generator) -> Tensor:
    """Return num numbers (num,) float32, evenly spread from -strength to strength."""
    return (2 * torch.rand(num, generator=generator) - 1) * strength


def factors(strength: float, num: int, generator: torch.Generator) -> Tensor:
    """Return num factors (num,) float32 from 1 / (1 + strength) to 1 + strength.

    Their logarithms are evenly spread, so as many halve as double.
    """
    return between(math.log1p(strength), num, generator).exp()
