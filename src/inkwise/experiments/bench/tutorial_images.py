"""The tutorials' way from image files to batches: each image goes through PIL, one at a time.

torchvision is not needed: what its version 0.20 does to one MNIST image (datasets/mnist.py `__getitem__`,
transforms/functional.py `to_tensor`, transforms/_functional_tensor.py `normalize`) is written out here,
without its checks of argument types, which favours the baseline a little. The image files are the same
files that inkwise reads, read by the same function, so reading them costs both sides alike.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
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


class TutorialImages(TorchDataset[tuple[Tensor, int]]):
    """torchvision.datasets.MNIST with Compose([ToTensor(), Normalize((mean,), (std,))]).

    Args:
        images: (N, 28, 28) uint8.
        labels: (N,) integer.
        mean: subtracted from pixels in [0, 1].
        std: what the difference is divided by.
    """

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[Any], *, mean: float, std: float) -> None:
        self.data = torch.from_numpy(images)
        self.targets = torch.from_numpy(labels)
        self.mean, self.std = mean, std

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.data[index].numpy())
        return normalize(to_tensor(picture), (self.mean,), (self.std,)), int(self.targets[index])

    def __len__(self) -> int:
        return len(self.data)


def load_part(
    files: Mapping[str, Path], part: str, *, mean: float, std: float, num_images: int | None = None
) -> TutorialImages:
    """Return the train or test part read from its two IDX files.

    Args:
        files: paths by "train_images", "train_labels", "test_images", "test_labels".
        part: "train" or "test".
        num_images: only the first so many; None takes all.
    """
    images = read_idx(files[f"{part}_images"], num_dims=3)[:num_images]
    labels = read_idx(files[f"{part}_labels"], num_dims=1)[:num_images]
    return TutorialImages(images, labels, mean=mean, std=std)
