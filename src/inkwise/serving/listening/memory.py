"""Memory given back: what large pictures and documents took must not stay with the process for good."""

import ctypes
import platform
import threading
import time

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # malloc.h of glibc
_LARGE_BYTES = 256 * 1024
_PAUSE_SECONDS = 10.0


def give_memory_back() -> None:
    """Have glibc return what is free to the system, now and from now on; does nothing on other systems.

    By itself it keeps blocks of up to 32 MB, a heap for each thread, and the holes between small blocks:
    under attack the process grew by 4 KB a request.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    library = ctypes.CDLL(None)
    library.mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
    library.mallopt(_ARENA_MAX, 2)
    threading.Thread(target=_trim_for_ever, args=(library,), name="inkwise-memory", daemon=True).start()


def _trim_for_ever(library: ctypes.CDLL) -> None:
    while True:
        time.sleep(_PAUSE_SECONDS)
        library.malloc_trim(0)
