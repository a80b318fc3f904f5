"""Noise, blur and light: what a sensor, a lens and a lamp do to the pixels."""

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inkwise.augmentation import pixels
from inkwise.data.dataset import IMAGE_SIZE


def add_noise(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Add normal noise of standard deviation amount."""
    return pixels.add_noise(images, torch.full((len(images),), amount), generator)


def add_shot_noise(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Count photons: white is amount of them on average."""
    return (torch.poisson(images * amount, generator=generator) / amount).clamp_(0, 1)


def add_impulse_noise(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Make a share of the pixels black or white."""
    draws = torch.rand(images.shape, generator=generator)
    return images.masked_fill(draws < amount, 1.0).masked_fill(draws < amount / 2, 0.0)


def blur(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Blur by a Gaussian bell of standard deviation amount pixels."""
    return pixels.blur(images, torch.full((len(images),), amount))


def blur_by_glass(images: Tensor, amount: tuple[float, int, int], generator: torch.Generator) -> Tensor:
    """Blur, swap neighbouring pixels by chance, blur again.

    Args:
        amount: standard deviation of the blur, how far pixels are swapped, how often each is asked.
    """
    deviation, reach, times = amount
    shaken = blur(images, deviation, generator).clone()
    which = torch.arange(len(images))
    places = [
        (row, column)
        for row in range(IMAGE_SIZE - reach, reach, -1)
        for column in range(IMAGE_SIZE - reach, reach, -1)
        if row < IMAGE_SIZE and column < IMAGE_SIZE
    ]
    for row, column in places * times:
        is_swapped = torch.rand(len(images), generator=generator) < 0.5
        steps = torch.randint(-reach, reach, (2, len(images)), generator=generator) * is_swapped
        rows, columns = row + steps[0], column + steps[1]
        here = shaken[:, 0, row, column].clone()
        shaken[:, 0, row, column] = shaken[which, 0, rows, columns]
        shaken[which, 0, rows, columns] = here
    return blur(shaken, deviation, generator)


def blur_by_motion(images: Tensor, amount: tuple[int, float], generator: torch.Generator) -> Tensor:
    """Smear along a line, up to 45 degrees from level, to one side, ever fainter.

    Args:
        amount: pixels it reaches, standard deviation by which it fades.
    """
    angles = (torch.rand(len(images), generator=generator) - 0.5) * (math.pi / 2)
    reach, deviation = amount
    smeared = torch.zeros_like(images)
    for index, angle in enumerate(angles.tolist()):
        kernel = _line_kernel(reach, deviation, angle)
        smeared[index, 0] = torch.from_numpy(
            cv2.filter2D(images[index, 0].numpy(), -1, kernel, borderType=cv2.BORDER_CONSTANT)
        )
    return smeared.clamp_(0, 1)


def _line_kernel(reach: int, deviation: float, angle: float) -> NDArray[np.float32]:
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for step in range(reach):
        row, column = round(reach + step * math.sin(angle)), round(reach + step * math.cos(angle))
        kernel[row, column] += math.exp(-(step**2) / (2 * deviation**2))
    return np.asarray(kernel / kernel.sum())


def lower_contrast(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Bring every pixel nearer to its image's mean; amount of the contrast is left."""
    means = images.mean(dim=(2, 3), keepdim=True)
    return (images - means) * amount + means


def brighten(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Add amount to every pixel."""
    return (images + amount).clamp_(0, 1)


def invert(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Make white black and black white."""
    return 1 - images


def find_edges(images: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Leave the outlines alone (Canny 1986, after a blur of amount pixels)."""
    edges = torch.zeros_like(images)
    for index, image in enumerate(blur(images, amount, generator)[:, 0].mul(255).byte().numpy()):
        edges[index, 0] = torch.from_numpy(cv2.Canny(image, 25, 51)) / 255
    return edges
