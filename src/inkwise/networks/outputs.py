"""The three conventions of what a network's last line returns, and the way from each to log-probabilities.

The tutorials use all three. They describe the same classifier: softmax turns logits into probabilities,
its logarithm into log-probabilities, and the argmax is the same in each.
"""

import torch
from torch import Tensor

from inkwise.networks.layers import OutputConvention

_SUM_TOLERANCE = 1e-3  # rows of a float32 softmax sum to 1 within 1e-6; in bfloat16 within 1e-3 or so


def to_log_probabilities(outputs: Tensor, convention: OutputConvention) -> Tensor:
    """Return log-probabilities (N, K) float32, rows of exp() sum to 1.

    Args:
        outputs: (N, K) what the network returned, in the given convention.
        convention: "logits" (any numbers), "log_probabilities" (LogSoftmax) or "probabilities" (softmax).
    """
    outputs = outputs.float()
    if convention == "logits":
        return torch.log_softmax(outputs, dim=1)
    if convention == "probabilities":
        # The smallest normal float32 keeps log finite where softmax underflowed to 0.
        return outputs.clamp_min(torch.finfo(torch.float32).tiny).log()
    return outputs


def guess_convention(outputs: Tensor) -> OutputConvention:
    """Return what outputs (N, K) are, by the sums of their rows; several rows make a chance hit unlikely.

    >>> logits = torch.tensor([[2.0, 0.5, -1.0], [0.0, 3.0, 1.0]])
    >>> guess_convention(logits), guess_convention(logits.softmax(1)), guess_convention(logits.log_softmax(1))
    ('logits', 'probabilities', 'log_probabilities')
    """
    outputs = outputs.detach().float()
    if bool((outputs >= 0).all()) and bool(((outputs.sum(1) - 1).abs() < _SUM_TOLERANCE).all()):
        return "probabilities"
    if bool((outputs.logsumexp(1).abs() < _SUM_TOLERANCE).all()):
        return "log_probabilities"
    return "logits"
