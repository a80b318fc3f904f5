"""From uint8 to what a network takes: D3, D4, D5, D6, D7."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from inkwise.errors import ShapeError
from inkwise.preprocessing import Preprocessing

IMAGES = torch.arange(3 * 784).remainder(256).to(torch.uint8).view(3, 28, 28)


@pytest.mark.parametrize(
    ("mean", "std", "low", "high"),
    [
        (0.0, 1.0, 0.0, 1.0),  # D3, D6: ToTensor alone
        (0.5, 0.5, -1.0, 1.0),  # D4
        (0.1307, 0.3081, -0.1307 / 0.3081, 0.8693 / 0.3081),  # D5: -0.4242 to 2.8215
    ],
)
def test_range_is_as_stated(mean, std, low, high):
    preprocessing = Preprocessing(mean=mean, std=std)
    assert preprocessing.value_range() == pytest.approx((low, high))
    values = preprocessing(IMAGES)
    assert (values.min().item(), values.max().item()) == pytest.approx((low, high))


def test_values_equal_to_tensor_and_normalize():
    """The arithmetic of torchvision: x.float().div(255), then sub mean, then div std, in float32."""
    expected = IMAGES.float().div(255).sub(0.1307).div(0.3081).unsqueeze(1)
    assert torch.equal(Preprocessing(mean=0.1307, std=0.3081)(IMAGES), expected)


def test_standardise_gives_the_same_and_leaves_its_images():
    preprocessing, scaled = Preprocessing(mean=0.1307, std=0.3081), IMAGES.unsqueeze(1).float().div(255)
    before = scaled.clone()
    assert torch.equal(preprocessing.standardise(scaled), preprocessing(IMAGES))
    assert torch.equal(scaled, before)


def test_one_channel_axis_is_added():
    """D7: (N, 28, 28) becomes (N, 1, 28, 28)."""
    assert Preprocessing()(IMAGES).shape == (3, 1, 28, 28)


def test_images_are_left_as_they_were():
    before = IMAGES.clone()
    Preprocessing(mean=0.5, std=0.5)(IMAGES)
    assert torch.equal(IMAGES, before)


def test_three_channel_means_are_refused():
    """S0-4, S1-2: Normalize((.5, .5, .5), ...) on one grey channel."""
    with pytest.raises(ValidationError, match="valid number"):
        Preprocessing(mean=(0.5, 0.5, 0.5))


@pytest.mark.parametrize("images", [IMAGES.float() / 255, IMAGES[0], IMAGES.unsqueeze(1)])
def test_other_shapes_and_types_are_refused(images):
    with pytest.raises(ShapeError, match=r"images must be uint8 of shape \(N, 28, 28\), got"):
        Preprocessing()(images)


def test_measured_on_mnist_gives_the_known_numbers(mnist_folder):
    """D5: 0.1307 and 0.3081 over all 60,000 training images."""
    from inkwise.data.load import load_dataset

    images = load_dataset("mnist", fetch=False).train.images
    measured = Preprocessing.measured(images, np.arange(60_000))
    assert (measured.mean, measured.std) == (0.1307, 0.3081)


def test_measured_looks_at_the_given_images_only():
    """One image of 0 and one of 255 have mean 1/2 and standard deviation 1/2; the third is not looked at."""
    images = np.stack([np.full((28, 28), value, np.uint8) for value in (0, 255, 128)])
    assert Preprocessing.measured(images, np.array([0, 1])) == Preprocessing(mean=0.5, std=0.5)


def test_measured_on_one_grey_never_divides_by_zero():
    measured = Preprocessing.measured(np.zeros((2, 28, 28), np.uint8), np.array([0, 1]))
    assert measured.std > 0
