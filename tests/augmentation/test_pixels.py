"""Blur, noise and cutout, each against numbers made by hand or scipy."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from inkwise.augmentation.pixels import add_noise, blur, cut_out


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("width", [0.6, 1.0, 1.7])
def test_blur_is_scipys_gaussian(width):
    """Away from the border, where the two end a picture in different ways."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., 10:18, 12:15] = torch.rand(8, 3)
    expected = ndimage.gaussian_filter(image[0, 0].double().numpy(), width, truncate=6)
    found = blur(image, torch.tensor([width]))[0, 0]
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-5)


def test_blur_of_width_zero_leaves_the_image():
    image = torch.rand(2, 1, 28, 28)
    torch.testing.assert_close(blur(image, torch.zeros(2)), image)


def test_blur_leaves_a_white_image_white():
    torch.testing.assert_close(blur(torch.ones(1, 1, 28, 28), torch.tensor([2.0])), torch.ones(1, 1, 28, 28))


def test_noise_has_the_deviation_asked_for():
    images = torch.full((2, 1, 28, 28), 0.5)
    found = add_noise(images.repeat(50, 1, 1, 1), torch.tensor([0.05, 0.1]).repeat(50), generator())
    assert found[::2].std() == pytest.approx(0.05, rel=0.03)
    assert found[1::2].std() == pytest.approx(0.1, rel=0.03)


def test_noise_stays_between_black_and_white():
    found = add_noise(torch.rand(8, 1, 28, 28), torch.ones(8), generator())
    assert (found.min(), found.max()) == (0, 1)


def test_cutout_blackens_one_square_at_most():
    """A side of 6 cuts 6 by 6 pixels, less where the square hangs over the edge; the places differ."""
    found = cut_out(torch.ones(200, 1, 28, 28), torch.full((200,), 6.0), generator())
    cut = (found == 0).flatten(1).sum(1)
    assert cut.max() == 36
    assert cut.min() < 36
    rows, columns = ((found == 0).any(dim).flatten(1).sum(1) for dim in (3, 2))
    assert torch.equal(rows * columns, cut)
    assert len(found.unique(dim=0)) > 100


def test_cutout_of_side_zero_cuts_nothing():
    images = torch.rand(50, 1, 28, 28)
    assert torch.equal(cut_out(images, torch.zeros(50), generator()), images)
