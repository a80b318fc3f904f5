"""What is done to images, and how much of it: the kinds and severities of MNIST-C, and some of our own.

Source: Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, and the numbers in its
corruptions.py. Each is written anew for whole batches. We differ by clouds made of smooth noise instead of
the diamond-square fractal, by OpenCV's edges instead of scikit-image's, and by a motion blur without
ImageMagick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from inkwise.evaluation.robustness import geometry, marks, pixels

Change = Callable[[Tensor, Any, torch.Generator], Tensor]


@dataclass(frozen=True)
class Kind:
    """One way in which images differ from those that were learned from.

    Attributes:
        name: one or two words.
        change: (images (N, 1, 28, 28) float32 in [0, 1], amount, generator) -> images likewise.
        amounts: one for each severity, mild to severe.
        said: what the amounts are, for a table.
        mnist_c: which of the amounts MNIST-C has, counted from 0; None where it has no such kind.
    """

    name: str
    change: Change
    amounts: tuple[Any, ...]
    said: str
    mnist_c: int | None = None

    def __call__(self, images: Tensor, severity: int, generator: torch.Generator) -> Tensor:
        """Return the images changed; severity 0 leaves them, 1 is mild."""
        return images if severity == 0 else self.change(images, self.amounts[severity - 1], generator)


_TURNS = (11.5, 22.9, 34.4, 45.8, 57.3)  # 0.2 to 1 radian
_GLASS = ((0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2))
_MOTION = ((10, 3.0), (15, 5.0), (15, 8.0), (15, 12.0), (20, 15.0))
_FOG = ((1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4))
_SPATTER = (
    (0.65, 0.3, 4.0, 0.69, 0.6), (0.65, 0.3, 3.0, 0.68, 0.6), (0.65, 0.3, 2.0, 0.68, 0.5),
    (0.65, 0.3, 1.0, 0.65, 1.5), (0.67, 0.4, 1.0, 0.65, 1.5),
)  # fmt: skip

KINDS = (
    Kind("shift", geometry.shift, (1, 2, 3, 4, 5), "pixels, both ways", 2),
    Kind("rotation", geometry.rotate, _TURNS, "degrees", 1),
    Kind("smaller", geometry.scale, (0.9, 0.8, 0.7, 0.6, 0.5), "of the size", 2),
    Kind("larger", geometry.scale, (1.05, 1.1, 1.2, 1.3, 1.4), "of the size"),
    Kind("shear", geometry.shear, (0.2, 0.4, 0.6, 0.8, 1.0), "pixels a pixel of height", 1),
    Kind("thin lines", geometry.change_width, (-0.5, -1, -1.5, -2, -2.5), "pixels of width"),
    Kind("thick lines", geometry.change_width, (0.5, 1, 2, 3, 4), "pixels of width"),
    Kind("noise", pixels.add_noise, (0.08, 0.12, 0.18, 0.26, 0.38), "standard deviation"),
    Kind("shot noise", pixels.add_shot_noise, (60, 25, 12, 5, 3), "photons of white", 4),
    Kind("impulse noise", pixels.add_impulse_noise, (0.03, 0.06, 0.09, 0.17, 0.27), "of the pixels", 3),
    Kind("blur", pixels.blur, (0.5, 1, 1.5, 2, 3), "pixels"),
    Kind("glass blur", pixels.blur_by_glass, _GLASS, "of MNIST-C", 0),
    Kind("motion blur", pixels.blur_by_motion, _MOTION, "of MNIST-C", 0),
    Kind("contrast", pixels.lower_contrast, (0.4, 0.3, 0.2, 0.1, 0.05), "of the contrast"),
    Kind("brightness", pixels.brighten, (0.1, 0.2, 0.3, 0.4, 0.5), "added", 4),
    Kind("inversion", pixels.invert, (1.0,), "black on white"),
    Kind("occlusion", marks.occlude, (4, 6, 8, 10, 12), "pixels, a square"),
    Kind("stripe", marks.add_stripe, (1.0,), "quarters inverted", 0),
    Kind("fog", marks.add_fog, _FOG, "of MNIST-C", 4),
    Kind("spatter", marks.add_spatter, _SPATTER, "of MNIST-C", 3),
    Kind("dotted line", marks.add_dotted_line, (1.0,), "one line", 0),
    Kind("zigzag", marks.add_zigzag, (1.0,), "one line", 0),
    Kind("edges", pixels.find_edges, (1.0,), "Canny's", 0),
)
