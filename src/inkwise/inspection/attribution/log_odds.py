"""The number that attributions explain: the log-odds of one class."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from inkwise.errors import ShapeError
from inkwise.inspection.layers import check_image
from inkwise.inspection.recording.calling import as_function, left_as_found
from inkwise.networks.layers import OutputConvention
from inkwise.networks.outputs import to_log_probabilities


def log_odds(
    network: nn.Module, image: Tensor, *, target: int, output: OutputConvention
) -> Callable[[Tensor], Tensor]:
    """Return the function from images (N, 1, 28, 28) to log(p / (1 - p)) of one class, (N,) float32.

    It does not round to one number where p is almost 1, as log p does.

    Raises:
        ShapeError: as `occlusion`.
    """
    check_image(image)
    run = as_function(network, image)
    with left_as_found(network), torch.no_grad():
        num_classes = run(image[None]).shape[1]
    if not 0 <= target < num_classes or num_classes < 2:
        raise ShapeError(
            f"target {target} is no class of this network, which has {num_classes}; "
            f"expected 0 to {num_classes - 1}, and 2 classes or more"
        )

    # Back to where the images are: captum expects it there.
    return lambda images: log_odds_of(run(images), target, output).to(images.device)


def log_odds_of(outputs: Tensor, target: int, output: OutputConvention) -> Tensor:
    """Return log(p / (1 - p)) of one class, (N,) float32, from what a network returned, (N, K)."""
    logs = to_log_probabilities(outputs, output)
    others = torch.cat((logs[:, :target], logs[:, target + 1 :]), dim=1)
    return logs[:, target] - others.logsumexp(dim=1)


def gradient(score: Tensor, at: Tensor) -> Tensor | None:
    """Return the gradient of a single number at a tensor, or None where none can be had.

    That is so where forward detaches what it is given, or writes over what the gradient needs.
    """
    if not score.requires_grad:
        return None
    try:
        slopes: tuple[Tensor | None, ...] = torch.autograd.grad(score, at, allow_unused=True)
    except RuntimeError:
        return None
    return slopes[0]
