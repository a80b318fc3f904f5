"""The optimizer and the learning rate at each step, as a recipe asks for them."""

import inspect
import math
from typing import TypeVar, cast

import torch
from torch import nn

from inkwise.recipes.recipe import TrainingSection

_Kind = TypeVar("_Kind", bound=torch.optim.Optimizer)


def _without_compiler(kind: type[_Kind]) -> type[_Kind]:
    """Return a subclass whose methods skip the wrappers of PyTorch's compiler; inkwise compiles nothing.

    Some methods of optimizers import torch._dynamo when they are first called, to be left out of what is
    compiled: over a second and 70 MB for nothing. What they wrap is called as it is; where a PyTorch wraps
    nothing, that is the method itself.
    """
    names = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")
    methods = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return cast(type[_Kind], type(kind.__name__, (kind,), {**methods, "step": step}))


_SGD = _without_compiler(torch.optim.SGD)
_ADAM = _without_compiler(torch.optim.Adam)
_ADAMW = _without_compiler(torch.optim.AdamW)


def build_optimizer(network: nn.Module, training: TrainingSection) -> torch.optim.Optimizer:
    """Return SGD (with momentum), Adam or AdamW over all parameters of network, in one fused kernel."""
    parameters = list(network.parameters())
    if training.optimizer == "sgd":
        return _SGD(
            parameters,
            lr=training.learning_rate,
            momentum=training.momentum,
            nesterov=training.nesterov,
            weight_decay=training.weight_decay,
            fused=True,
        )
    kind = _ADAM if training.optimizer == "adam" else _ADAMW
    return kind(
        parameters,
        lr=training.learning_rate,
        betas=(training.beta1, training.beta2),
        eps=training.epsilon,
        weight_decay=training.weight_decay,
        fused=True,
    )


def set_learning_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Set the learning rate of every parameter group."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def learning_rate_at(step: int, *, num_steps: int, training: TrainingSection) -> float:
    """Return the learning rate of one step: a function of its number alone, so that resuming needs no state.

    Args:
        step: 0 for the first.
        num_steps: steps of the whole training.
        training: its schedule is "constant"; "linear" or "cosine", from learning_rate down to 0 after a
            linear warm-up; or "one-cycle", a cosine rise from 1/25 and a cosine fall to 1/250,000 of it.
    Source: one-cycle as torch.optim.lr_scheduler.OneCycleLR with its defaults (Smith and Topin, 2017).
    """
    peak, last = training.learning_rate, max(num_steps - 1, 1)
    if training.schedule == "constant":
        return peak
    if training.schedule == "one-cycle":
        top = training.warmup_fraction * num_steps - 1
        if top > 0 and step <= top:
            return _cosine(peak / 25, peak, step / top)
        return _cosine(peak, peak / 25 / 1e4, (step - top) / (last - top) if last > top else 1.0)
    warmup_steps = training.warmup_fraction * num_steps
    if step < warmup_steps:
        return peak * (step + 1) / (warmup_steps + 1)
    share = (step - warmup_steps) / max(num_steps - warmup_steps, 1)
    return peak * (1 - share) if training.schedule == "linear" else _cosine(peak, 0.0, share)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
