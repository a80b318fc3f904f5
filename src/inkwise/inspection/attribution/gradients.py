"""Integrated gradients, by captum: share out to the pixels what sets the image apart from black paper."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from inkwise.inspection.attribution.attribution import Attribution
from inkwise.inspection.attribution.fresh_weights import draw_and_check
from inkwise.inspection.attribution.log_odds import gradient, log_odds
from inkwise.inspection.recording.calling import left_as_found
from inkwise.networks.layers import OutputConvention

FEWEST_POINTS, MOST_POINTS = 32, 256  # on the way from black paper to the image
# More points are taken until the attributions add up within a hundredth of what they must, or 0.001, a tenth
# of a percent of the odds.
RELATIVE_TOLERANCE, TOLERANCE = 0.01, 1e-3


def integrated_gradients(
    network: nn.Module, image: Tensor, *, target: int, black: float = 0.0, output: OutputConvention = "logits"
) -> Attribution | None:
    """Return how the difference of a class's log-odds between image and black paper is shared out to pixels.

    The gradient is averaged at 32 to 256 points on the straight way from black paper to the image, so many
    that the attributions add up to the difference within a hundredth of it or 0.001, if 256 are enough.
    None where no gradient reaches the image: forward detaches it, or writes over what the gradient needs.
    Arguments and errors are those of `occlusion`; the network is left as it was found, its gradients too.

    Source: Sundararajan, Taly and Yan, ICML 2017.
    """
    if not _has_gradient(network, image, target=target, output=output):
        return None

    def draw(twin: nn.Module, *, most_points: int = FEWEST_POINTS) -> Tensor:
        return _integrate(
            log_odds(twin, image, target=target, output=output), image, black=black, most_points=most_points
        )

    values, agreement = draw_and_check(draw, network, finely=lambda twin: draw(twin, most_points=MOST_POINTS))
    with left_as_found(network), torch.no_grad():
        score = log_odds(network, image, target=target, output=output)
        paper, here = score(torch.stack((torch.full_like(image, black), image))).tolist()
    error = abs(float(values.double().sum()) - (here - paper))
    note = (
        f"The numbers add up to the log-odds of the class for this image, {here:.2f}, less those for black "
        f"paper ({black:.3g} at each pixel after preprocessing), {paper:.2f}; they do within {error:.2g}. "
        "A pixel as black as the paper always gets 0."
    )
    return Attribution("integrated gradients", target, values, error, note, agreement)


def _has_gradient(network: nn.Module, image: Tensor, *, target: int, output: OutputConvention) -> bool:
    with torch.inference_mode(False), torch.enable_grad(), left_as_found(network):
        score = log_odds(network, image, target=target, output=output)
        pixels = image.detach().clone()[None].requires_grad_()
        return gradient(score(pixels)[0], pixels) is not None


def _integrate(score: Callable[[Tensor], Tensor], image: Tensor, *, black: float, most_points: int) -> Tensor:
    """Return integrated gradients (28, 28), with twice the points until they add up or are the most."""
    from captum.attr import IntegratedGradients  # a third of a second, so only where it is asked for

    method, num_points = IntegratedGradients(score), FEWEST_POINTS
    pixels = image.detach().clone()[None]  # captum asks for its gradient
    with torch.no_grad():
        paper, here = score(torch.stack((torch.full_like(image, black), image)))
    while True:
        values: Tensor = method.attribute(pixels, baselines=black, n_steps=num_points)[0, 0].detach()
        error = (values.sum() - (here - paper)).abs()
        allowed = (RELATIVE_TOLERANCE * (here - paper).abs()).clamp(min=TOLERANCE)
        if num_points >= most_points or error <= allowed:
            return values
        num_points *= 2
