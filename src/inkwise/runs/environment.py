"""What a number depends on beside the recipe: machine, versions, threads and commit, as environment.json."""

import datetime
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

from inkwise.cores import num_cores
from inkwise.runs.machine import processor_features, processor_name, source_commit


def describe_environment(device: torch.device) -> dict[str, Any]:
    """Return the machine, versions and commit as plain JSON values.

    Keys: inkwise, commit (None outside a checkout), python, torch, numpy, platform, device, processor,
    processor_features, num_cores, threads, started (ISO 8601, UTC).
    """
    return {
        "inkwise": version("inkwise"),
        "commit": source_commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": _version("numpy"),
        "platform": platform.platform(),
        "device": str(device),
        "processor": device_name(device),
        "processor_features": processor_features(),
        "num_cores": num_cores(),
        "threads": torch.get_num_threads(),
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def device_name(device: torch.device) -> str:
    """Return the processor's or accelerator's own name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return processor_name() if device.type == "cpu" else device.type
