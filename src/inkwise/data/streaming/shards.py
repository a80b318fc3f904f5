"""What a set of shards is to the rest: runs of images that are opened and read front to back.

The formats beside this file implement it; they know nothing of shuffling, and shuffling nothing of them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.paths import printable
from inkwise.errors import DataError

RUN_IMAGES = 512  # images of a run, where the format can begin to read anywhere
_EDGE_BYTES = 4096

Pixels = NDArray[np.uint8]
"""(N, 28, 28) uint8."""

Rows = NDArray[np.int64]
"""(N,) int64, ascending places of images."""


class Cursor(Protocol):
    """A run that is being read."""

    def read(self, rows: Rows, out: Pixels) -> None:
        """Write the images at rows into out.

        Args:
            rows: counted from the first image of the run, ascending, and past all that were read before.
            out: (len(rows), 28, 28) uint8.
        Raises:
            DataError: the shard is damaged, or one of the pictures is; the message names both.
        """

    def close(self) -> None:
        """Let go of the file."""


class Shards(Protocol):
    """The images of one part, in files on the disk.

    Attributes:
        starts: (R + 1,) int64, the first image of each run, then the number of all images.
        entries: (E,) int64, the images at which reading can begin without passing over others.
        fingerprint: of the files' names, sizes, beginnings and ends; a change of these changes it.
    """

    @property
    def starts(self) -> Rows: ...

    @property
    def entries(self) -> Rows: ...

    @property
    def fingerprint(self) -> str: ...

    def open(self, run: int) -> Cursor:
        """Return a cursor at the beginning of a run."""


def cut_runs(counts: Sequence[int], *, longest: int = RUN_IMAGES) -> tuple[Rows, NDArray[np.int64]]:
    """Return where runs begin and which shard each is of, where a shard may be read from anywhere.

    Args:
        counts: images of each shard.
        longest: images of a run, at most.
    Returns:
        starts (R + 1,) as of Shards, and shards (R,) int64.

    >>> cut_runs([700, 10], longest=512)
    (array([  0, 512, 700, 710]), array([0, 0, 1]))
    """
    runs = [-(-count // longest) for count in counts]
    firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    pieces = [first + longest * np.arange(num) for first, num in zip(firsts[:-1], runs, strict=True)]
    starts = np.concatenate([*pieces, firsts[-1:]]).astype(np.int64)
    return starts, np.repeat(np.arange(len(counts)), runs)


def fingerprint_files(paths: Iterable[Path]) -> str:
    """Return a fingerprint of the files' names, sizes, first and last 4096 bytes.

    Parquet has its footer at the end, a tar its first header at the beginning. Neither the folder nor the
    time counts, so that a copy on another machine is the same set.

    Raises:
        DataError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                head = file.read(_EDGE_BYTES)
                size = file.seek(0, 2)
                file.seek(max(size - _EDGE_BYTES, 0))
                digest.update(f"{printable(path.name)}\0{size}\0".encode() + head + file.read())
        except OSError as error:
            raise unreadable(path, error) from error
    return digest.hexdigest()


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the error that says a shard cannot be opened or read."""
    return DataError(
        f"{printable(path)}: cannot be read ({error.strerror or error}); "
        "expected a readable shard, check its permissions and the disk"
    )
