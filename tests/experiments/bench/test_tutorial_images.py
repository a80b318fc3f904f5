from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from inkwise.experiments.bench.tutorial_images import (
    Compose,
    Normalize,
    ToTensor,
    TutorialImages,
    load_part,
    normalize,
    to_tensor,
)


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    """Every grey level, and then some: (2, 28, 28)."""
    return (np.arange(2 * 28 * 28) % 256).astype(np.uint8).reshape(2, 28, 28)


@pytest.mark.parametrize(("mean", "std"), [(0.5, 0.5), (0.1307, 0.3081)])
def test_item_equals_pixels_scaled_then_normalised_exactly(
    pixels: NDArray[np.uint8], mean: float, std: float
) -> None:
    """D4, D5: (x / 255 - mean) / std in float32, no bit differs."""
    transform = Compose([ToTensor(), Normalize((mean,), (std,))])
    image, label = TutorialImages(pixels, np.array([3, 9]), transform=transform)[1]
    expected = (torch.from_numpy(pixels[1]).float() / 255 - torch.tensor(mean)) / torch.tensor(std)
    assert image.shape == (1, 28, 28)
    assert torch.equal(image[0], expected)
    assert (type(label), label) == (int, 9)


def test_to_tensor_of_white_is_one() -> None:
    """D3: [0, 255] becomes [0, 1]."""
    tensor = to_tensor(Image.fromarray(np.array([[0, 255]], np.uint8)))
    assert tensor.tolist() == [[[0.0, 1.0]]]


def test_normalize_leaves_its_input_alone() -> None:
    tensor = torch.ones(1, 2, 2)
    assert normalize(tensor, (0.5,), (0.5,)).max() == 1
    assert normalize(tensor, (0.0,), (0.5,)).max() == 2
    assert tensor.sum() == 4


def test_normalize_by_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="std must not be 0, got"):
        normalize(torch.ones(1, 2, 2), (0.5,), (0.0,))


def test_load_part_takes_the_first_images_in_order(digit_files: dict[str, Path]) -> None:
    few = load_part(digit_files, "test", transform=ToTensor(), num_images=7)
    whole = load_part(digit_files, "test", transform=ToTensor())
    assert (len(few), len(whole)) == (7, 297)
    assert [few[i][1] for i in range(7)] == [whole[i][1] for i in range(7)]
