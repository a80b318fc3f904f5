"""How many processor cores this process may use."""

import os


def num_cores() -> int:
    """Return the cores this process may run on: under taskset, or in a cpuset, fewer than there are."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
