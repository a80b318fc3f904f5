from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.networks import mkl
from inkwise.networks.build import build_network


class Calls(TorchDispatchMode):
    """Every operation on the processor, with the type and size of what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[str, torch.dtype, int]] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if args and isinstance(args[0], torch.Tensor) and args[0].device.type == "cpu":
            self.seen.add((func.overloadpacket.__name__, args[0].dtype, args[0].numel()))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_each_function_is_first_called_by_one_thread_for_both_types(device: str) -> None:
    """A network that is only counted, on the device "meta", may be the first."""
    with Calls() as calls, torch.device(device):
        mkl.make_ready.__wrapped__()
    for name in ("exp", "sqrt", "log", "sin", "cos", "tanh", "erf"):
        assert {(name, torch.float32, 1), (name, torch.float64, 1)} <= calls.seen


def test_no_network_is_made_before() -> None:
    mkl.make_ready.cache_clear()
    build_network("mlp-class")
    build_network("mlp-class")
    assert mkl.make_ready.cache_info()[:2] == (1, 1)  # asked for twice, done once
