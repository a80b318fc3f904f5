"""Mean and spread of each class against NumPy, in pieces and with an empty class."""

import numpy as np

from inkwise.data.dataset import Split
from inkwise.exploration.classes import class_images


def test_mean_and_spread_equal_numpy() -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (5000, 28, 28), np.uint8)  # more than one piece
    labels = generator.integers(0, 3, 5000)
    found = class_images(Split(images, labels), 3)
    for label in range(3):
        pixels = images[labels == label] / 255
        np.testing.assert_allclose(found.mean[label], pixels.mean(axis=0), atol=1e-6)
        np.testing.assert_allclose(found.spread[label], pixels.std(axis=0), atol=1e-6)


def test_class_without_images_has_no_mean() -> None:
    found = class_images(Split(np.zeros((2, 28, 28), np.uint8), np.array([0, 2])), 3)
    assert np.isnan(found.mean[1]).all()
    assert np.isnan(found.spread[1]).all()
    assert (found.spread[[0, 2]] == 0).all()
