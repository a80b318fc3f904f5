"""The result of every method that asks which pixels move the answer."""

from dataclasses import dataclass, field

from torch import Tensor


@dataclass(frozen=True)
class Attribution:
    """A map of what each pixel does to the log-odds of one class, log(p / (1 - p)).

    Attributes:
        method: "occlusion", "integrated gradients" or "Grad-CAM".
        target: the class whose answer is explained.
        values: (28, 28) float32, signed and unscaled; above 0 speaks for the class.
        completeness_error: |sum of values - (f(image) - f(black paper))| for integrated gradients, else None.
        note: what the numbers are and what they are not.
        agreement_with_random: Spearman's rank correlation, in [-1, 1], with the map of the same architecture
            with fresh weights, over the pixels where one of them is not 0; the mean of three. Near 1 the map
            shows the picture and not what was learned; by chance it is within 0.2 of 0. None where a map is
            flat or the network cannot be copied.
    """

    method: str
    target: int
    values: Tensor = field(repr=False)
    completeness_error: float | None
    note: str
    agreement_with_random: float | None
