"""One process at a time in a run folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from inkwise.errors import RunError
from inkwise.files import remove_leftovers, unwritable
from inkwise.runs.run import LOCK_NAME, Run


@contextmanager
def locked(run: Run) -> Iterator[None]:
    """Hold the run folder for one process, and clear what one that was killed left half written.

    Raises:
        RunError: another process is training in it.
        OutputError: it cannot be written to.
    """
    lock = FileLock(run.path / LOCK_NAME, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(
            f"{run.path}: another process is training here; wait for it, or choose another --out"
        ) from None
    except OSError as error:
        raise unwritable(run.path / LOCK_NAME, error) from error
    try:
        remove_leftovers(run.path)
        yield
    finally:
        lock.release()
