"""The tutorials' way from image files to batches: each image goes through PIL, one at a time.

torchvision is not needed: what its version 0.20 does to one MNIST image (datasets/mnist.py `__getitem__`,
transforms/functional.py `to_tensor`, transforms/_functional_tensor.py `normalize`) is written out here,
without its checks of argument types, which favours the baseline a little. The image files are the same
files that inkwise reads, read by the same function, so reading them costs both sides alike.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset as TorchDataset

from inkwise.data.idx import read_idx


def to_tensor(picture: Image.Image) -> Tensor:
    """Return a grey picture as (1, H, W) float32 in [0, 1], as torchvision's ToTensor does."""
    tensor = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    tensor = tensor.view(picture.size[1], picture.size[0], len(picture.getbands()))
    return tensor.permute((2, 0, 1)).contiguous().to(torch.get_default_dtype()).div(255)


def normalize(tensor: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Return (tensor - mean) / std by channel ((C, H, W) float32), as torchvision's Normalize does.

    Raises:
        ValueError: a std of 0.
    """
    tensor = tensor.clone()
    means = torch.as_tensor(mean, dtype=tensor.dtype, device=tensor.device)
    stds = torch.as_tensor(std, dtype=tensor.dtype, device=tensor.device)
    if (stds == 0).any():
        raise ValueError(f"std must not be 0, got {tuple(std)}; give the spread of each channel")
    return tensor.sub_(means.view(-1, 1, 1)).div_(stds.view(-1, 1, 1))


class ToTensor:
    """torchvision.transforms.ToTensor."""

    def __call__(self, picture: Image.Image) -> Tensor:
        """Return to_tensor(picture)."""
        return to_tensor(picture)


class Normalize(nn.Module):
    """torchvision.transforms.Normalize, a module there too."""

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, tensor: Tensor) -> Tensor:
        """Return normalize(tensor, mean, std)."""
        return normalize(tensor, self.mean, self.std)


class Compose:
    """torchvision.transforms.Compose: one transform after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, picture: Image.Image) -> Tensor:
        """Return what the last transform makes of the picture."""
        item: Any = picture
        for transform in self.transforms:
            item = transform(item)
        return cast(Tensor, item)


class TutorialImages(TorchDataset[tuple[Tensor, int]]):
    """torchvision.datasets.MNIST.

    Args:
        images: (N, 28, 28) uint8.
        labels: (N,) integer.
        transform: makes a tensor of a PIL image.
    """

    def __init__(
        self, images: NDArray[np.uint8], labels: NDArray[Any], *, transform: Callable[[Image.Image], Tensor]
    ) -> None:
        self.data = torch.from_numpy(images)
        self.targets = torch.from_numpy(labels)
        self.transform = transform

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image, label = self.data[index], int(self.targets[index])
        return self.transform(Image.fromarray(image.numpy())), label

    def __len__(self) -> int:
        return len(self.data)


def load_part(
    files: Mapping[str, Path],
    part: str,
    *,
    transform: Callable[[Image.Image], Tensor],
    num_images: int | None = None,
) -> TutorialImages:
    """Return the train or test part read from its two IDX files.

    Args:
        files: paths by "train_images", "train_labels", "test_images", "test_labels".
        part: "train" or "test".
        transform: makes a tensor of a PIL image.
        num_images: only the first so many; None takes all.
    """
    images = read_idx(files[f"{part}_images"], num_dims=3)[:num_images]
    labels = read_idx(files[f"{part}_labels"], num_dims=1)[:num_images]
    return TutorialImages(images, labels, transform=transform)
