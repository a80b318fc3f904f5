"""The process that a bench starts."""

import time

import psutil


def first_child(process: psutil.Process) -> psutil.Process:
    """Return the first child of a process, waiting for it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if children := process.children():
            return children[0]
        time.sleep(0.05)
    raise AssertionError("the bench started no child within 30 s")
