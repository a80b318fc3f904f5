"""The training images that look most alike to the network, not to the eye."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Neighbours:
    """The nearest of some images, by what the network's last layer with weights takes in.

    Attributes:
        indices: (k,) int64, into the images given, the nearest first.
        distances: (k,) float32, Euclidean, between those inputs.
        layer: the name of the layer whose input is compared.
        num_searched: how many of the images given were looked at.
    """

    indices: Tensor
    distances: Tensor
    layer: str
    num_searched: int
