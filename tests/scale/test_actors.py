"""What begins beside the driver, and what answers, imports no more than it needs: each is a process."""

import subprocess
import sys

import pytest


def imported_with(module: str) -> set[str]:
    """Return every module that a new process has imported after this one."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("module", "needless"),
    [
        ("inkwise.scale.actors", {"torch", "pandas", "ray.data", "ray.train"}),
        ("inkwise.scale.predicting.workers", {"torch", "inkwise.handwriting.reader"}),
    ],
)
def test_process_imports_only_what_it_needs(module: str, needless: set[str]) -> None:
    assert needless & imported_with(module) == set()
