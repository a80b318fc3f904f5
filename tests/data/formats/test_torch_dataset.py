"""Real torch datasets: Pillow images, tensors and arrays, and torchvision's .data and .targets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.data.formats.drawn import numbered
from torch.utils.data import Dataset, TensorDataset

from inkwise.data.formats.part import Memory
from inkwise.data.formats.picture import fit_images
from inkwise.data.formats.torch_dataset import is_torch_dataset, read_torch_dataset
from inkwise.errors import DataError, ShapeError

IMAGES = numbered(4)
LABELS = [1, 0, 1, 0]


class Listed(Dataset):
    """Gives what it is given, item by item."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


class LikeTorchvision(Dataset):
    """The face of torchvision.datasets.MNIST: .data, .targets, .classes and an optional transform."""

    classes = ("0 - zero", "1 - one")

    def __init__(self, transform: Any = None) -> None:
        self.data, self.targets, self.transform = torch.from_numpy(IMAGES), torch.tensor(LABELS), transform
        self.asked = 0

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> Any:
        self.asked += 1
        image = Image.fromarray(self.data[index].numpy())
        return (self.transform(image) if self.transform else image), int(self.targets[index])


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps")


def paired(images: list[Any]) -> Listed:
    return Listed(list(zip(images, LABELS, strict=True)))


@pytest.mark.parametrize(
    "images",
    [
        [Image.fromarray(image) for image in IMAGES],
        list(IMAGES),
        [torch.from_numpy(image) for image in IMAGES],
        [torch.from_numpy(image)[None] for image in IMAGES],
        [torch.from_numpy(image)[None].float() / 255 for image in IMAGES],
        [torch.from_numpy(image).expand(3, 28, 28) for image in IMAGES],
        [np.repeat(image[..., None], 3, axis=2) for image in IMAGES],
    ],
    ids=["pillow", "array", "tensor", "channel", "to_tensor", "colour_first", "colour_last"],
)
def test_images_of_any_kind_are_equal(memory: Memory, images: list[Any]) -> None:
    part = read_torch_dataset(paired(images), memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS
    assert part.classes is None


def test_tensor_dataset_is_read(memory: Memory) -> None:
    dataset = TensorDataset(torch.from_numpy(IMAGES)[:, None], torch.tensor(LABELS))
    part = read_torch_dataset(dataset, memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS


def test_torchvision_face_is_read_whole(memory: Memory) -> None:
    dataset = LikeTorchvision()
    part = read_torch_dataset(dataset, memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.classes == ("0 - zero", "1 - one")
    assert dataset.asked == 0


def test_torchvision_transform_is_applied(memory: Memory) -> None:
    dataset = LikeTorchvision(transform=lambda image: np.asarray(image)[::-1])
    part = read_torch_dataset(dataset, memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES[:, ::-1])
    assert dataset.asked == 4


def test_other_size_is_fitted(memory: Memory) -> None:
    small = numbered(4, side=12)
    np.testing.assert_array_equal(
        read_torch_dataset(paired(list(small)), memory=memory).images, fit_images(small)
    )


def test_past_the_limit_is_mapped(tmp_path: Path) -> None:
    part = read_torch_dataset(paired(list(IMAGES)), memory=Memory(tmp_path / "maps", limit_bytes=100))
    assert isinstance(part.images, np.memmap)
    np.testing.assert_array_equal(part.images, IMAGES)


@pytest.mark.parametrize(
    ("items", "error", "message"),
    [
        ([IMAGES[0]], DataError, r"Listed, item 0: ndarray, expected a pair \(image, label\)"),
        ([(IMAGES[0], [1, 0])], DataError, r"item 0: label \[1, 0\], expected one number or name"),
        (
            [(IMAGES[0, 0], 1)],
            ShapeError,
            r"item 0: image of shape \(28,\), expected \(H, W\) or \(C, H, W\)",
        ),
        (
            [(IMAGES[0] / 255 - 0.5, 1)],
            ShapeError,
            r"item 0: pixels of type float64 from -0\.5 .* normalisation",
        ),
    ],
)
def test_bad_item_is_named(memory: Memory, items: list[Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_torch_dataset(Listed(items), memory=memory)


def test_face_of_a_dataset_is_told() -> None:
    assert is_torch_dataset(Listed([]))
    assert not is_torch_dataset(3)
    assert not is_torch_dataset("name")
