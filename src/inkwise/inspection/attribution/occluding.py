"""Occlusion, by captum: paint a field black and see what the answer loses."""

import torch
from torch import Tensor, nn

from inkwise.inspection.attribution.attribution import Attribution
from inkwise.inspection.attribution.fresh_weights import draw_and_check
from inkwise.inspection.attribution.log_odds import log_odds
from inkwise.networks.layers import OutputConvention

# A field of 4 pixels is about as wide as a stroke; in steps of 2 it fits 28 pixels exactly, 13 times.
FIELD = 4
STEP = 2
_AT_ONCE = 57  # painted images a forward pass, a third of the 169; more leave the cache


def occlusion(
    network: nn.Module, image: Tensor, *, target: int, black: float = 0.0, output: OutputConvention = "logits"
) -> Attribution:
    """Return what the log-odds of a class lose where a field of the image is painted black.

    The network is left as it was found, its gradients too.

    Args:
        network: any module for 28x28 images of one channel.
        image: (1, 28, 28) float32, preprocessed.
        target: the class, 0 to K - 1.
        black: what a black pixel is after preprocessing, preprocessing.value_range()[0].
        output: what the network returns; log-probabilities may be called logits.
    Raises:
        ShapeError: an image of another shape, no such class, or a network that cannot take the image.
    Source: Zeiler and Fergus, ECCV 2014, section 4.2.
    """

    def draw(twin: nn.Module) -> Tensor:
        from captum.attr import Occlusion  # a third of a second, so only where it is asked for

        score = log_odds(twin, image, target=target, output=output)
        with torch.no_grad():
            values: Tensor = Occlusion(score).attribute(
                image[None],
                sliding_window_shapes=(1, FIELD, FIELD),
                strides=(1, STEP, STEP),
                baselines=black,
                perturbations_per_eval=_AT_ONCE,
            )
        return values[0, 0]

    note = (
        f"What the log-odds of the class lose when a field of {FIELD}x{FIELD} pixels is painted black, in "
        f"steps of {STEP}; each pixel shows the mean over the fields that cover it. What two distant fields "
        "do only together is not seen."
    )
    values, agreement = draw_and_check(draw, network)
    return Attribution("occlusion", target, values, None, note, agreement)
