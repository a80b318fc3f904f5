"""Memory given back: what a large picture took must not stay with the process for good."""

import ctypes
import platform

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # malloc.h of glibc
_LARGE_BYTES = 256 * 1024


def give_memory_back() -> None:
    """Have glibc return each large block to the system once it is free; does nothing on other systems.

    By itself it raises its idea of large up to 32 MB, and keeps a heap for each thread: then the holes that
    pictures of 100 MB leave add up.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    library.mallopt(_ARENA_MAX, 2)
