"""What a number depends on beside the recipe: machine, versions, threads and commit, as environment.json."""

import datetime
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from inkwise.cores import num_cores

# Processor features that decide which arithmetic is quick.
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve")


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
        "processor_features": _processor_features(),
        "num_cores": num_cores(),
        "threads": torch.get_num_threads(),
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def source_commit() -> str | None:
    """Return the commit of the checkout inkwise runs from, with "+" if files differ; None if installed."""
    root = Path(__file__).parents[3]
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "--short=10", "HEAD").strip()
        return commit + ("+" if _git(root, "status", "--porcelain", "--", "src") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor_features() -> list[str]:
    cpuinfo = Path("/proc/cpuinfo")
    words = set(cpuinfo.read_text(errors="replace").split()) if cpuinfo.exists() else set()
    return [feature for feature in _FEATURES if feature in words]


def device_name(device: torch.device) -> str:
    """Return the processor's or accelerator's own name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _processor_name() if device.type == "cpu" else device.type


def _processor_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(errors="replace").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
