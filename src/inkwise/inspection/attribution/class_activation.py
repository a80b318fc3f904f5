"""Grad-CAM: where in the image the last convolution's channels speak for a class.

Ours and not captum's, which cannot see a ReLU that forward calls as a function; a test holds them equal.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.inspection.attribution.attribution import Attribution
from inkwise.inspection.attribution.fresh_weights import draw_and_check
from inkwise.inspection.attribution.log_odds import gradient, log_odds, log_odds_of
from inkwise.inspection.layers import RECTIFIERS, view_layers
from inkwise.inspection.recording.recorder import record
from inkwise.networks.layers import OutputConvention


def grad_cam(
    network: nn.Module, image: Tensor, *, target: int, black: float = 0.0, output: OutputConvention = "logits"
) -> Attribution | None:
    """Return where the last convolution speaks for a class, or None for a network without convolutions.

    Its channels, after the ReLU that follows, are added up, each weighted by the mean gradient of the
    log-odds; negative sums are kept. Arguments and errors are those of `occlusion`; black is not used.
    None too where no gradient reaches the channels. The network is left as it was found.

    Source: Selvaraju et al., ICCV 2017, without their last ReLU.
    """
    log_odds(network, image, target=target, output=output)  # refuses what cannot be explained
    place = _last_channels(network, image)
    if place is None:
        return None
    index, name = place
    with torch.inference_mode(False):
        coarse = _weigh_channels(network, image, index, target=target, output=output)
    if coarse is None:
        return None

    def draw(twin: nn.Module) -> Tensor:
        own = coarse if twin is network else _weigh_channels(twin, image, index, target=target, output=output)
        assert own is not None
        return F.interpolate(own[None, None], (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear")[0, 0]

    values, agreement = draw_and_check(draw, network)
    note = (
        f"The channels of layer {name}, weighted by the mean gradient of the log-odds: {coarse.shape[0]}x"
        f"{coarse.shape[1]} numbers stretched to {IMAGE_SIZE}x{IMAGE_SIZE}. It is coarse, and less "
        "sure than the other maps where linear layers follow, because a mean over places weighs each channel."
    )
    return Attribution("Grad-CAM", target, values, None, note, agreement)


def _last_channels(network: nn.Module, image: Tensor) -> tuple[int, str] | None:
    """Return position and name of the last convolution, or of the ReLU that follows it."""
    views = view_layers(network, image)
    convolutions = [view for view in views if view.kind.lower() == "conv2d" and view.output.ndim == 3]
    if not convolutions:
        return None
    last = convolutions[-1]
    for view in views[last.index + 1 :]:
        if view.output.ndim != 3 or len(view.output) != len(last.output):
            break
        if view.kind.lower() in RECTIFIERS:
            return view.index, f"{view.name}, the {view.kind} behind the last convolution {last.name}"
    return last.index, f"{last.name}, the last convolution"


def _weigh_channels(
    network: nn.Module, image: Tensor, index: int, *, target: int, output: OutputConvention
) -> Tensor | None:
    """Return the channels of layer index, added up by their mean gradients: (rows, columns)."""
    kept: list[Tensor] = []

    def keep(position: int, tensor: Tensor) -> None:
        if position == index:
            kept.extend((tensor, tensor.detach().clone()))  # a later layer may write into the first

    pair = image.detach()[None].repeat(2, 1, 1, 1).requires_grad_()
    with torch.enable_grad():
        _, outputs = record(network, pair, keep_output=keep)
    slope = gradient(log_odds_of(outputs, target, output)[0], kept[0])
    if slope is None:
        return None
    return (kept[1][0] * slope[0].mean(dim=(1, 2), keepdim=True)).sum(dim=0).float().cpu()
