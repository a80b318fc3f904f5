"""Everything there is to see inside a network for one image, as one frozen record."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from inkwise.inspection.arithmetic import PixelArithmetic
from inkwise.inspection.attribution import Attribution
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.layers import LayerView
from inkwise.inspection.neighbours import Neighbours


@dataclass(frozen=True)
class Inspection:
    """What happens inside a network for one image; tensors are float32 on the processor.

    Attributes:
        image: (28, 28) uint8, as the data set holds it.
        index: its place in the split it comes from, or None.
        label: its class, or None where nobody knows.
        classes: K names.
        layers: in the order they ran.
        probabilities: (K,), their sum is 1 within rounding.
        prediction: the class of the largest probability, the lowest of equal ones.
        attributions: occlusion, integrated gradients and, for a network with convolutions, Grad-CAM.
        arithmetic: one output of the first layer that can be worked out by hand, or None.
        neighbours: None without training images.
        neighbour_images: (k, 28, 28) uint8, or None.
        neighbour_labels: (k,) int64, or None.
        findings: what the doctor says.
        first_weights: the first layer's weights as pictures, (units, 28, 28) or (channels, rows, columns), or
            None where it does not look at the pixels of one channel.
    """

    image: NDArray[np.uint8]
    index: int | None
    label: int | None
    classes: tuple[str, ...]
    layers: tuple[LayerView, ...]
    probabilities: Tensor
    prediction: int
    attributions: tuple[Attribution, ...]
    arithmetic: PixelArithmetic | None
    neighbours: Neighbours | None
    neighbour_images: NDArray[np.uint8] | None
    neighbour_labels: NDArray[np.int64] | None
    findings: tuple[Finding, ...]
    first_weights: Tensor | None
