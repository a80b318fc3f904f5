"""Intel's MKL, to which PyTorch hands exp, sqrt and their like, made ready before threads share it."""

import functools

import torch

# Those of PyTorch's ATen/cpu/vml.h that inkwise, its optimisers or a loss may use.
FUNCTIONS = ("exp", "log", "log2", "log10", "sqrt", "sin", "cos", "tanh", "erf", "erfinv")


@functools.cache
def make_ready() -> None:
    """Have each function choose its way of computing, in this thread alone.

    MKL chooses when a function is first called. Two threads that call it at once may have one of them take
    the least accurate way, so that a process's first probabilities are 1e-4 off now and then (PyTorch's issue
    188792). One number is computed by one thread.
    """
    for name in FUNCTIONS:
        for dtype in (torch.float32, torch.float64):
            # Within torch.device("meta"), where networks are made to be counted, nothing would be computed.
            getattr(torch, name)(torch.full((1,), 0.5, dtype=dtype, device="cpu"))
