"""The training images that look most alike to the network, not to the eye."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import ShapeError
from inkwise.inspection.layers import check_image
from inkwise.inspection.recording.recorder import Recorded, record

_BATCH = 100  # images at once: more leave the cache, and layers recorded one by one hold more of them


@dataclass(frozen=True)
class Neighbours:
    """The nearest of some images, by what the network's last layer with weights takes in.

    Attributes:
        indices: (k,) int64, into the images given, the nearest first.
        distances: (k,) float32, Euclidean, between those inputs.
        layer: the name of the layer whose input is compared; "" where none has weights: then pixels are.
        num_searched: how many images were looked at.
        num_features: how many numbers are compared for each image.
    """

    indices: Tensor
    distances: Tensor
    layer: str
    num_searched: int
    num_features: int


def nearest_images(network: nn.Module, image: Tensor, images: Tensor, *, k: int = 8) -> Neighbours:
    """Return the k of images that are nearest to image for the network's last layer.

    The network is left as it was found.

    Args:
        network: any module for 28x28 images of one channel.
        image: (1, 28, 28) float32, preprocessed.
        images: (N, 1, 28, 28) float32, preprocessed alike; time grows with N.
        k: 1 or more; N where there are fewer.
    Raises:
        ShapeError: a shape differs, N or k is 0, or the network cannot take the images.
    """
    check_image(image)
    if images.ndim != 4 or images.shape[1:] != (1, IMAGE_SIZE, IMAGE_SIZE) or not len(images) or k < 1:
        raise ShapeError(
            f"images must have shape (N, 1, {IMAGE_SIZE}, {IMAGE_SIZE}) with N and k of 1 or more, got "
            f"{tuple(images.shape)} and k = {k}; pass preprocessing(images)"
        )
    last = _last_weighted(network, image)
    given = features(network, image[None], last)
    found = torch.cat([features(network, batch, last) for batch in images.split(_BATCH)])
    # Differences, not the product form: that rounds the distance of an image to itself up to 0.01.
    distances = torch.cdist(given, found, compute_mode="donot_use_mm_for_euclid_dist")[0]
    indices = distances.argsort(stable=True)[:k]
    return Neighbours(
        indices, distances[indices], last[1] if last else "", len(images), num_features=found.shape[1]
    )


def features(network: nn.Module, images: Tensor, last: tuple[int, str] | None) -> Tensor:
    """Return what the layer at position last takes in, (N, D) float32; the pixels where last is None."""
    if last is None:
        return images.flatten(1)

    def keep(index: int, tensor: Tensor) -> Tensor | None:
        return tensor.flatten(1).float().cpu() if index == last[0] else None

    # One image alone would leave its batch axis unknown, so it goes in twice.
    batch = images if len(images) > 1 else images.expand(2, *images.shape[1:])
    records, _ = record(network, batch, keep_input=keep)
    found = records[last[0]].input
    assert found is not None
    return found[: len(images)]


def _last_weighted(network: nn.Module, image: Tensor) -> tuple[int, str] | None:
    """Return position and name of the last layer with a matrix of weights that has an input."""

    def keep(index: int, tensor: Tensor) -> Tensor:
        return torch.empty(0)

    pair = image[None].expand(2, *image.shape)
    records, _ = record(network, pair, keep_input=keep)
    weighted = [(index, recorded.name) for index, recorded in enumerate(records) if _is_weighted(recorded)]
    return weighted[-1] if weighted else None


def _is_weighted(recorded: Recorded) -> bool:
    return recorded.weight is not None and recorded.weight.ndim > 1 and recorded.input is not None
