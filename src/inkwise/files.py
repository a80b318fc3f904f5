"""Writing files so that a reader never sees half of one."""

import os
import tempfile
from pathlib import Path

from inkwise.errors import OutputError


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write content to path: the old file or the whole new one is there, never a part.

    Text is written as UTF-8. The bytes go to a temporary file in the same folder, are flushed to the
    disk, and take the name by one rename; on any failure the temporary file is removed.

    Raises:
        OutputError: the folder cannot be written to, or the disk is full.
    """
    path = Path(path)
    raw = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(_message(path, error)) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise OutputError(_message(path, error)) from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def _message(path: Path, error: OSError) -> str:
    return (
        f"cannot write {path}: {error.strerror or error}; "
        "expected a writable folder with free space, choose another with --out"
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
