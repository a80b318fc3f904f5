"""Which pixels move the answer for one image: three maps of signed, unscaled numbers."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Attribution:
    """A map of what each pixel adds to the logarithm of the probability of one class.

    Attributes:
        method: "occlusion", "integrated gradients" or "Grad-CAM".
        target: the class whose answer is explained.
        values: (28, 28) float32, signed and unscaled; above 0 speaks for the class.
        completeness_error: |sum of values - (f(image) - f(black paper))| for integrated gradients, else None.
        note: what the numbers are and what they are not.
        agreement_with_random: rank correlation, in [-1, 1], with the map of the same architecture with fresh
            weights, over the pixels where one of them is not 0; near 0 is right. None where there is none.
    """

    method: str
    target: int
    values: Tensor
    completeness_error: float | None
    note: str
    agreement_with_random: float | None
