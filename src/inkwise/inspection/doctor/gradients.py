"""How large the gradients are, and how far training has moved the weights."""

import math
from collections.abc import Mapping, Sequence
from statistics import median

import torch
from torch import Tensor, nn

from inkwise.classifier import evaluation_mode
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.doctor.history import is_young
from inkwise.training.losses import LossFunction

# Cross-entropy's derivative by the outputs of one image is at most sqrt(2) long. Above 100 the layers stretch
# it more than 70 times. The built-in recipes, fresh and trained, on MNIST and digits, stay below 7.
LARGEST_NORM = 100.0


def matrices(network: nn.Module) -> list[nn.Parameter]:
    """Return the weights that training moves, but no biases: the last has a slope in a dead network too."""
    return [weight for weight in network.parameters() if weight.requires_grad and weight.ndim > 1]


def gradient_norm(
    network: nn.Module, images: Tensor, labels: Tensor, *, loss_function: LossFunction
) -> float:
    """Return the Euclidean length of the gradient of one batch's mean loss by all weights but the biases.

    In evaluation mode, so that dropout draws nothing; mode, random state and .grad are left as found.

    Args:
        network: takes images.
        images: (N, ...) float, as the network takes them.
        labels: (N,) int64.
        loss_function: (outputs (N, K), labels) -> mean loss.
    """
    weights = matrices(network)
    with evaluation_mode(network), torch.enable_grad():
        loss = loss_function(network(images).float(), labels)
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    return math.sqrt(sum(float(part.double().square().sum()) for part in gradients if part is not None))


def check_gradients(norms: Sequence[float], *, num_steps: int | None = None) -> Finding | None:
    """Return "exploding-gradients" where the gradients of a training's last steps are far too long.

    Args:
        norms: Euclidean lengths of the gradient of one or more steps, the last last; their median over the
            last fifth is judged, so that one odd batch is not.
        num_steps: how many the network has made, if that is known. After fewer than 20 the running means of
            batch normalisation are still far off, and no length but an infinite one says anything.
    """
    last = list(norms)[-max(len(norms) // 5, 1) :]
    is_finite = all(map(math.isfinite, last))
    if not last or (is_finite and (is_young(num_steps) or median(last) <= LARGEST_NORM)):
        return None
    worst = median(last) if is_finite else next(n for n in last if not math.isfinite(n))
    return Finding(
        "exploding-gradients",
        "The gradients explode.",
        f"The gradient is {worst:.3g} long at the end, and {min(norms):.3g} to {max(norms):.3g} over "
        f"{len(norms)} steps; below 10 is usual, {LARGEST_NORM:g} is suspicious.",
        "A step of such a length throws the weights far away, and soon the loss is not a number.",
        "Scale the images, keep the default initial weights, lower the learning rate, or clip: "
        "torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0).",
    )


def weights_moved(network: nn.Module, initial: Mapping[str, Tensor]) -> float:
    """Return how far the weights are from the initial ones, as a share of those; biases are left out.

    Biases begin at or near 0, so that a share of them says nothing.

    Args:
        network: trained.
        initial: its state_dict before training.

    >>> network = nn.Linear(2, 1)
    >>> initial = {"weight": 2 * network.weight.detach()}
    >>> round(weights_moved(network, initial), 4)
    0.5
    """
    way = length = 0.0
    for name, weight in network.named_parameters():
        if weight.ndim > 1 and name in initial:
            before = initial[name].double()
            way += float((weight.detach().double() - before).square().sum())
            length += float(before.square().sum())
    return math.sqrt(way / length) if length else 0.0
