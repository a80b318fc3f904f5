"""The machine and the sources at work, found without PyTorch."""

import platform
import subprocess
from pathlib import Path

# Processor features that decide which arithmetic is quick.
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve")


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


def processor_name() -> str:
    """Return the processor's own name."""
    lines = _cpuinfo().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def processor_features() -> list[str]:
    """Return the features of the processor that decide which arithmetic is quick."""
    words = set(_cpuinfo().split())
    return [feature for feature in _FEATURES if feature in words]


def _cpuinfo() -> str:
    """Return what Linux says of the processors; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    return path.read_text(errors="replace") if path.exists() else ""
