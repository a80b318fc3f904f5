"""Arrays on the disk as shards: an uncompressed NPZ, an IDX file, or the copy made of another format.

They are memory maps, but not read through the map: every page that is touched counts as resident, and a
shuffled training touches all of them. Reading pieces of the file leaves no page behind.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.paths import printable
from inkwise.data.streaming.shards import Pixels, Rows, cut_runs, fingerprint_files, unreadable
from inkwise.errors import DataError

IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE
_FINGERPRINT_IMAGES = 32  # a disk that turns needs 10 ms for each
_SPARSE = 4  # a span is read whole unless it is over so many times what is wanted of it


@dataclass(frozen=True)
class ArrayShards:
    """The images (N, 28, 28) uint8 in one stretch of a file.

    Attributes:
        path: the file.
        offset: where the first image begins, in bytes.
        num_images: N.
    """

    path: Path
    offset: int
    num_images: int

    @cached_property
    def starts(self) -> Rows:
        """As of Shards."""
        return cut_runs([self.num_images])[0]

    @property
    def entries(self) -> Rows:
        """As of Shards."""
        return self.starts[:-1]

    @property
    def fingerprint(self) -> str:
        """As of Shards: of the file's name, size and ends, and of 32 images spread over it."""
        digest = hashlib.sha256(fingerprint_files([self.path]).encode())
        file = open_descriptor(self.path)
        try:
            for row in np.linspace(0, self.num_images - 1, _FINGERPRINT_IMAGES).astype(np.int64).tolist():
                start = self.offset + row * IMAGE_BYTES
                digest.update(read_exactly(file, start, IMAGE_BYTES, path=self.path))
        finally:
            os.close(file)
        return digest.hexdigest()

    def open(self, run: int) -> "_ArrayCursor":
        """As of Shards.

        Raises:
            DataError: the file cannot be opened.
        """
        return _ArrayCursor(self.path, self.offset + int(self.starts[run]) * IMAGE_BYTES)


class _ArrayCursor:
    def __init__(self, path: Path, offset: int) -> None:
        self.path, self.offset = path, offset
        self.file = open_descriptor(path)

    def read(self, rows: Rows, out: Pixels) -> None:
        first, last = int(rows[0]), int(rows[-1])
        if last - first + 1 > _SPARSE * len(rows):
            for row, image in zip(rows.tolist(), out, strict=True):
                image[:] = self._read(row, 1)[0]
        else:
            images = self._read(first, last - first + 1)
            np.take(images, rows - first, axis=0, out=out)

    def _read(self, row: int, num_images: int) -> Pixels:
        start = self.offset + row * IMAGE_BYTES
        raw = read_exactly(self.file, start, num_images * IMAGE_BYTES, path=self.path)
        return np.frombuffer(raw, np.uint8).reshape(num_images, IMAGE_SIZE, IMAGE_SIZE)

    def close(self) -> None:
        os.close(self.file)


def open_descriptor(path: Path) -> int:
    """Return the descriptor of a file, open for reading.

    Raises:
        DataError: it cannot be opened.
    """
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise unreadable(path, error) from error


def read_exactly(file: int, start: int, size: int, *, path: Path) -> bytes:
    """Return size bytes of an open file from start on; other threads may read it at the same time.

    Raises:
        DataError: the disk fails, or the file ends before.
    """
    parts: list[bytes] = []
    try:
        while size and (part := os.pread(file, size, start)):
            parts.append(part)
            start, size = start + len(part), size - len(part)
    except OSError as error:
        raise unreadable(path, error) from error
    if size:
        raise DataError(
            f"{printable(path)}: ends {size:,} bytes too early, expected a whole file; get the shard again"
        )
    return parts[0] if len(parts) == 1 else b"".join(parts)


def shards_of_map(images: "np.memmap[Any, Any]") -> ArrayShards | None:
    """Return the shards that a map (N, 28, 28) uint8 shows, or None where that is no stretch of a file."""
    if images.filename is None or not images.flags.c_contiguous or images.dtype != np.uint8:
        return None
    whole = images
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    # A slice of a map keeps the offset of the whole.
    inside = images.ctypes.data - whole.ctypes.data
    return ArrayShards(Path(str(images.filename)), images.offset + inside, len(images))
