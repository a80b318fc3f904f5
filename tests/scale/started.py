"""Processes that a driver has started."""

import psutil


def below(pid: int) -> list[psutil.Process]:
    """Return all processes below one, but for Ray's own agents.

    After a SIGKILL of the driver these try for a minute to tell somebody. They never see a folder of ours;
    test_cluster.py waits for them.
    """
    return [one for one in psutil.Process(pid).children(recursive=True) if not one.name().endswith("Agent")]
