"""The sentences agree with the numbers."""

import numpy as np

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore
from inkwise.exploration.classes import class_images
from inkwise.exploration.exploration import Exploration
from inkwise.reports.exploration import words


def pets() -> Exploration:
    """Three cats and a dog to train on, two dogs to test on; cats are black, dogs white."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[3] = 255
    train = Split(images, np.array([0, 0, 0, 1]))
    return explore(Dataset("pets", ("cat", "dog"), train, train.take(np.array([3, 3]))), duplicates=False)


def test_size_is_told() -> None:
    said = "4 images to learn from and 2 to test, of 2 classes, 28 by 28 grey pixels each"
    assert words.say_size(pets()) == said


def test_shares_tell_extremes_and_the_widest_gap() -> None:
    """E2: cats are 75 % of train and 0 % of test: the gap of cats, the first of two alike, is told."""
    said = words.say_shares(pets())
    assert said.startswith(
        "Of the train images 75.00 % are of cat, the most, and 25.00 % are of dog, the fewest."
    )
    assert said.endswith("Train and test differ most in cat: 75.00 points less in test.")


def test_absent_class_is_told() -> None:
    assert words.say_absent(pets()) == "No test image is of cat."


def test_pixels_tell_black_white_and_the_normalisation() -> None:
    """A quarter of the pixels is 1, the rest 0: mean 0.25, deviation sqrt(0.25 * 0.75) = 0.4330."""
    said = words.say_pixels(pets())
    assert "75.00 % are 0, black, and 25.00 % are 255, white" in said
    assert "mean is 0.2500 and their standard deviation 0.4330" in said


def test_brightness_names_the_extremes() -> None:
    assert words.say_brightness(pets()) == "Brightest: dog, 100 % of white on the mean; darkest: cat, 0 %."


def test_spread_names_the_most_varied_class() -> None:
    images = np.zeros((4, 28, 28), np.uint8)
    images[1] = 255
    found = class_images(Split(images, np.array([0, 0, 2, 2])), 3)
    assert words.say_spread(found, ("a", "b", "c")) == "Most varied: a; most alike: c."
