"""From the uint8 images of a Dataset to the float32 images a network takes: saved with the weights.

Training, evaluation, prediction and export all go through it, so none can scale an image differently.
"""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import ShapeError

if TYPE_CHECKING:  # a classifier file is read where PyTorch, a second's import, is not wanted
    from torch import Tensor


class Preprocessing(BaseModel):
    """Scale to [0, 1], then subtract mean and divide by std, both in units of that range.

    mean 0 and std 1 leave [0, 1] (ToTensor alone); 0.5 and 0.5 give [-1, 1]; 0.1307 and 0.3081 are
    MNIST's own. One grey channel: a mean of three numbers, as for colour, is refused by its type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: float = Field(default=0.0, ge=0.0, le=1.0)
    std: float = Field(default=1.0, gt=0.0, le=1.0)

    @classmethod
    def measured(cls, images: NDArray[np.uint8], indices: NDArray[np.int64]) -> "Preprocessing":
        """Return the preprocessing by the mean and standard deviation of images[indices], to 4 decimals."""
        # A table of counts instead of 47 million floats: exact, and quick on a memory map. Two pixels are
        # counted at once, as one number of 16 bits, and parted afterwards.
        pairs = np.zeros(256 * 256, dtype=np.int64)
        for start in range(0, len(indices), 512):
            two = images[indices[start : start + 512]].reshape(-1).view(np.uint16)
            pairs += np.bincount(two, minlength=256 * 256)
        counts = pairs.reshape(256, 256).sum(axis=0) + pairs.reshape(256, 256).sum(axis=1)
        values = np.arange(256) / 255
        mean = float((counts * values).sum() / counts.sum())
        variance = float((counts * (values - mean) ** 2).sum() / counts.sum())
        return cls(mean=round(mean, 4), std=max(round(variance**0.5, 4), 1e-4))

    def __call__(self, images: "Tensor") -> "Tensor":
        """Return float32 images (N, 1, 28, 28), as the network takes them.

        Args:
            images: (N, 28, 28) uint8, 0 to 255, on any device.
        Raises:
            ShapeError: any other shape or type.
        """
        import torch

        if images.dtype != torch.uint8 or images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
            raise ShapeError(
                f"images must be uint8 of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), got {images.dtype} of shape "
                f"{tuple(images.shape)}; for one image pass image[None], for floats in [0, 1] multiply by 255"
            )
        # The same three operations, in the same order, as ToTensor and Normalize of the tutorials.
        return self.standardise_(images.unsqueeze(1).to(torch.float32).div_(255))

    def standardise_(self, images: "Tensor") -> "Tensor":
        """Subtract mean and divide by std, in place; images are float32 in [0, 1]."""
        return images.sub_(self.mean).div_(self.std)

    def standardise(self, images: "Tensor") -> "Tensor":
        """Return images less mean, divided by std; they stay as they are, and gradients pass through."""
        return (images - self.mean) / self.std

    def value_range(self) -> tuple[float, float]:
        """Return what black (0) and white (255) become.

        >>> Preprocessing(mean=0.5, std=0.5).value_range()
        (-1.0, 1.0)
        """
        return (0 - self.mean) / self.std, (1 - self.mean) / self.std


def as_image_tensor(images: Any) -> "Tensor":
    """Return images as a tensor that shares their memory; a read-only array or memory map stays so.

    Raises:
        ShapeError: images are no array of numbers.
    """
    import torch

    if isinstance(images, torch.Tensor):
        return images
    array = np.asarray(images)
    if array.dtype.kind not in "uif" or array.dtype.itemsize > 8:
        raise ShapeError(
            f"images must be uint8 of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), got {type(images).__name__} "
            f"of {array.dtype}; to read files take load_dataset or inkwise predict"
        )
    if any(stride < 0 for stride in array.strides) or not array.dtype.isnative:
        # A mirrored view, images[:, :, ::-1]: PyTorch has no negative strides.
        array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    with warnings.catch_warnings():
        # PyTorch warns that a tensor over read-only memory could be written to. inkwise never does.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(array)
