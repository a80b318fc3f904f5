"""Disks to fill and disks that fail: the kernel's own, so they need root."""

import contextlib
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_SMALL_MIB = 96
_BLOCK = 4096  # bytes


@functools.cache
def can_mount() -> bool:
    """Return whether this process may mount a disk in memory."""
    with tempfile.TemporaryDirectory() as folder:
        asked = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
        is_mounted = (
            shutil.which("mount") is not None and subprocess.run(asked, capture_output=True).returncode == 0
        )
        if is_mounted:
            subprocess.run(["umount", folder], check=True)
    return is_mounted


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Within the block folder is a small disk of its own, where that may be mounted."""
    folder.mkdir(parents=True)
    if not can_mount():
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SMALL_MIB}m", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextlib.contextmanager
def failing_disk(file: Path, folder: Path, *, whole_blocks: int) -> Iterator[Path]:
    """Give the path of a copy of file on a disk that gives its first blocks and fails at all others.

    The disk is a loop device whose image is cut short after the copy was written: what was cut off is an
    input/output error, to a read, and a bus error to whoever maps the file.

    Args:
        file: of more than whole_blocks blocks of 4,096 bytes.
        folder: where image and mount point are made.
    """
    image, mounted = folder / "disk.image", folder / "disk"
    mounted.mkdir()
    image.touch()
    with image.open("r+b") as opened:
        opened.truncate(64 << 20)
    _run("mkfs.ext4", "-q", "-b", str(_BLOCK), "-O", "^has_journal", str(image))
    _run("mount", "-o", "loop", str(image), str(mounted))
    path = mounted / file.name
    shutil.copyfile(file, path)
    _run("umount", str(mounted))
    device = _run("losetup", "-f", "--show", str(image)).strip()
    try:
        _run("mount", "-o", "ro", device, str(mounted))
        try:
            with image.open("r+b") as opened:
                opened.truncate((_first_block(path) + whole_blocks) * _BLOCK)
            yield path
        finally:
            _run("umount", str(mounted))
    finally:
        _run("losetup", "-d", device)


def _first_block(path: Path) -> int:
    """Return where on its disk a file begins that lies there in one piece."""
    rows = [line.split() for line in _run("filefrag", "-v", str(path)).splitlines()]
    extents = [row for row in rows if row and row[0].rstrip(":").isdigit()]
    assert len(extents) == 1, "the file was cut to pieces"
    return int(extents[0][3].rstrip("."))


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
