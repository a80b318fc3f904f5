"""The three conventions of what a network's last line returns, and the way from each to log-probabilities.

The tutorials use all three. They describe the same classifier: softmax turns logits into probabilities,
its logarithm into log-probabilities, and the argmax is the same in each.
"""

from typing import Literal

import torch
from torch import Tensor

OutputConvention = Literal["logits", "log_probabilities", "probabilities"]


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
