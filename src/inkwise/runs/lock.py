"""One process at a time in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from inkwise.errors import RunError
from inkwise.files import remove_leftovers, unwritable

LOCK_NAME = ".lock"


@contextmanager
def locked(folder: Path, *, doing: str = "training", name: str = LOCK_NAME) -> Iterator[None]:
    """Hold a folder for one process, and clear what one that was killed left half written.

    Args:
        folder: of a run, a sweep or answers; it is made.
        doing: what another process is doing there, for the message.
        name: of the file that is locked, which stays.
    Raises:
        RunError: another process holds it.
        OutputError: it cannot be written to.
    """
    lock = FileLock(folder / name, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(
            f"{folder}: another process is {doing} here; wait for it, or choose another --out"
        ) from None
    except OSError as error:
        raise unwritable(folder / name, error) from error
    try:
        remove_leftovers(folder)
        yield
    finally:
        lock.release()
