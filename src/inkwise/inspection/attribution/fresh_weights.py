"""The check that a map shows what a network has learned: it must change when the weights know nothing.

Source: Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018.
"""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from inkwise.inspection.recording.calling import left_as_found, plain_module

FRESH_SEED = 7_331_201  # unlikely as a user's seed: such a network would be compared with itself
NUM_FRESH = 3  # two smooth maps agree within 0.3 of 0 by chance, the mean of three pairs within 0.2


def draw_and_check(
    draw: Callable[[nn.Module], Tensor],
    network: nn.Module,
    *,
    finely: Callable[[nn.Module], Tensor] | None = None,
) -> tuple[Tensor, float | None]:
    """Return the map of network (28, 28), and its mean agreement with those of three twins of fresh weights.

    finely draws the network's own map where those of the twins may be rougher.
    """
    agreements = []
    with left_as_found(network), torch.inference_mode(False), torch.enable_grad():
        values = (finely or draw)(network).float().cpu()
        for number in range(NUM_FRESH):
            twin = with_fresh_weights(plain_module(network), seed=FRESH_SEED + number)
            untrained = draw(twin).float().cpu() if twin is not None else torch.zeros_like(values)
            shown = (values != 0) | (untrained != 0)
            agreements.append(rank_correlation(values[shown], untrained[shown]))
    known = [agreement for agreement in agreements if agreement is not None]
    return values, sum(known) / len(known) if known else None


def with_fresh_weights(network: nn.Module, *, seed: int = FRESH_SEED) -> nn.Module | None:
    """Return a copy of network whose weights know nothing, or None where it cannot be copied.

    Every layer is initialised anew by its own reset_parameters; weights outside of such layers are shuffled.
    The random state moves: call it within left_as_found.
    """
    try:
        twin = copy.deepcopy(network)
    except (RuntimeError, TypeError):  # a tensor with a history, a lock, an open file
        return None
    device = next((weights.device for weights in twin.parameters()), torch.device("cpu"))
    twin.cpu()  # the same weights wherever the network is
    torch.default_generator.manual_seed(seed)
    with torch.no_grad():
        for layer in twin.modules():
            if callable(reset := getattr(layer, "reset_parameters", None)):
                reset()
                continue
            for weights in layer.parameters(recurse=False):
                order = torch.randperm(weights.numel())
                weights.copy_(weights.flatten()[order].view_as(weights))
    return twin.to(device)


def rank_correlation(first: Tensor, second: Tensor) -> float | None:
    """Return Spearman's rank correlation of two tensors of one shape, in [-1, 1]; None where one is flat.

    Equal values share the mean of their ranks.

    >>> rank_correlation(torch.tensor([1.0, 2.0, 30.0]), torch.tensor([0.1, 0.3, 0.2]))
    0.5
    """
    ranks = torch.stack([_ranks(values.flatten()) for values in (first, second)])
    ranks -= ranks.mean(dim=1, keepdim=True)
    spread = float(ranks.square().sum(dim=1).prod().sqrt())
    return round(float((ranks[0] * ranks[1]).sum()) / spread, 6) if spread else None


def _ranks(values: Tensor) -> Tensor:
    place: Tensor
    counts: Tensor
    _, place, counts = values.unique(return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    mean = last - (counts - 1) / 2
    return mean[place]
