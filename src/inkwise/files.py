"""Writing files so that a reader never sees half of one; and sending standard error into one."""

import contextlib
import os
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from inkwise.errors import OutputError

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}")  # names that write_atomically gives before the last rename


def write_atomically(path: str | os.PathLike[str], content: bytes | str, *, option: str = "--out") -> None:
    """Write content to path: the old file or the whole new one is there, never a part.

    Text is written as UTF-8. The bytes go to a temporary file in the same folder, are flushed to the
    disk, and take the name by one rename; on any failure the temporary file is removed. A link stays one,
    and what it leads to is written. A device or pipe has no content to replace: the bytes are sent into it;
    so they are into a descriptor that this process has open, such as /dev/stdout, whatever lies behind it.

    Args:
        path: the file; folders above it are made.
        content: what it will hold.
        option: of the command line, which chooses the folder.
    Raises:
        OutputError: the folder cannot be written to, or the disk is full.
        BrokenPipeError: path is a pipe, and nobody reads it to its end.
    """
    raw = content.encode() if isinstance(content, str) else content
    given = Path(path)
    try:
        number = _descriptor(given)
        if number is not None or (given.exists() and not given.is_file() and not given.is_dir()):
            with open(given if number is None else number, "wb", closefd=number is None) as file:
                file.write(raw)
            return
        target = given.resolve() if given.is_symlink() else given
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, raw)
    except BrokenPipeError:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        raise unwritable(given, error, option=option) from error


def _descriptor(path: Path) -> int | None:
    """Return which descriptor of this process a path leads to, 1 for /dev/stdout; None for any other path."""
    for _ in range(40):  # so many links does a system follow
        folder = path.parent.resolve()
        if path.name.isdecimal() and folder in (Path("/dev/fd"), Path(f"/proc/{os.getpid()}/fd")):
            return int(path.name)
        if not path.is_symlink():
            return None
        path = folder / path.readlink()
    return None


def _replace(path: Path, raw: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def unwritable(path: Path, error: Exception, *, option: str = "--out") -> OutputError:
    """Return the error that says a file cannot be written, and why."""
    return OutputError(
        f"cannot write {path}: {getattr(error, 'strerror', None) or error}; "
        f"expected a writable folder with free space, choose another with {option}"
    )


def is_leftover(path: Path) -> bool:
    """Return whether path is named as the temporary file of a write that a kill cut off, or that goes on."""
    return _TEMPORARY.fullmatch(path.name) is not None


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of writes that a kill cut off; nobody may be writing in folder meanwhile."""
    for path in folder.iterdir():
        if is_leftover(path):
            with contextlib.suppress(OSError):  # it is only in the way
                path.unlink()


def free_path(folder: Path, name: str) -> Path:
    """Return the first of folder/name-001, folder/name-002, ... that nothing has the name of yet."""
    number = 1
    while os.path.lexists(path := folder / f"{name}-{number:03d}"):
        number += 1
    return path


def reserve_path(folder: Path, name: str) -> Path:
    """Make the folder free_path(folder, name): of two processes that ask at once, each gets one of its own.

    Raises:
        OutputError: it cannot be made.
    """
    path = free_path(folder, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            with contextlib.suppress(FileExistsError):  # another process was faster
                path.mkdir()
                return path
            path = free_path(folder, name)
    except OSError as error:
        raise unwritable(path, error) from error


@contextlib.contextmanager
def standard_error_in(file: IO[bytes]) -> Iterator[None]:
    """Send into file what is written to standard error within the block, by C++ too.

    The descriptor itself is led elsewhere, for the whole process. Where it is shut, nothing is sent.
    """
    try:
        kept = os.dup(2) if sys.stderr is not None else None  # None where it was shut from the start
    except OSError:
        kept = None
    if kept is None:
        yield
        return
    sys.stderr.flush()
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
