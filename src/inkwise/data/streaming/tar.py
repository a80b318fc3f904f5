"""Tar shards in WebDataset's layout: NAME.png (or another picture) and NAME.cls side by side.

A tar has no table of contents. One is made by looking through the whole file, kept in the cache under
the file's path, size and time, and read from there at every later start.

Source: https://github.com/webdataset/webdataset, README, "The WebDataset Format".
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.cores import num_cores
from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Memory, Part, hold
from inkwise.data.formats.paths import list_entries, printable, shards_by_part
from inkwise.data.formats.picture import RESIZE_NOTE
from inkwise.data.streaming.array import open_descriptor, read_exactly
from inkwise.data.streaming.images import StreamedImages
from inkwise.data.streaming.pixels import decode_pixels
from inkwise.data.streaming.shards import Pixels, Rows, cut_runs, fingerprint_files
from inkwise.data.streaming.tar_index import TarIndex, load_index
from inkwise.errors import DataError

_GZIP_NAMES = (".tar.gz", ".tgz")
_FAR = 8  # pictures are read one by one where reading all between them were so many times as much


def find_tar_files(folder: Path) -> dict[str, list[Path]]:
    """Return the tars of a folder by part, as of shards_by_part, each sorted by name.

    Raises:
        DataError: tars are compressed.
    """
    entries = list_entries(folder)
    for path in entries:
        if path.name.endswith(_GZIP_NAMES):
            raise DataError(
                f"{printable(path)}: a compressed tar, which cannot be read from the middle; expected .tar, "
                "unpack it (gunzip): pictures hardly get smaller by it"
            )
    return shards_by_part(path for path in entries if path.suffix == ".tar" and path.is_file())


def read_tars(paths: Sequence[Path], *, memory: Memory) -> Part:
    """Return the images of tars, one file after the other, with their labels: streamed if they are too many.

    Raises:
        DataError: a tar is damaged, compressed or empty, or a picture has no label.
    """
    shards = TarShards(tuple(paths), tuple(_indexes(paths, memory)))
    images = StreamedImages(shards)
    if memory.is_too_small_for(len(images)):
        held = images.as_array()
    else:
        fill = partial(images.copy_to, on_progress=memory.report)
        held = hold(len(images), fill, sources=paths, memory=memory).images
    notes = {"resize": f"pictures of another size than 28x28 are {RESIZE_NOTE}"}
    return Part(held, shards.labels(), notes=notes, sources=tuple(paths))


def _indexes(paths: Sequence[Path], memory: Memory) -> list[TarIndex]:
    found = []
    with ThreadPoolExecutor(min(4, num_cores())) as pool:
        load = partial(load_index, folder=memory.folder.parent / "shards")
        for number, index in enumerate(pool.map(load, paths), 1):
            found.append(index)
            memory.report(number, len(paths))
    return found


@dataclass(frozen=True)
class TarShards:
    """The images of tars, one file after the other.

    Attributes:
        paths: the files.
        indexes: what lies where in each.
    """

    paths: tuple[Path, ...]
    indexes: tuple[TarIndex, ...]

    @cached_property
    def _layout(self) -> tuple[Rows, NDArray[np.int64]]:
        return cut_runs([len(index) for index in self.indexes])

    @property
    def starts(self) -> Rows:
        """As of Shards."""
        return self._layout[0]

    @property
    def entries(self) -> Rows:
        """As of Shards."""
        return self.starts[:-1]

    @cached_property
    def fingerprint(self) -> str:
        """As of Shards."""
        return fingerprint_files(self.paths)

    @cached_property
    def _firsts(self) -> Rows:
        return np.concatenate([[0], np.cumsum([len(index) for index in self.indexes])])

    def open(self, run: int) -> "_TarCursor":
        """As of Shards.

        Raises:
            DataError: the file cannot be opened.
        """
        shard = int(self._layout[1][run])
        first = int(self.starts[run] - self._firsts[shard])
        return _TarCursor(self.paths[shard], self.indexes[shard], first)

    def labels(self) -> NDArray[np.int64] | NDArray[np.str_] | None:
        """Return the labels of all images, or None where no tar has any.

        Raises:
            DataError: some tars have labels and some have none, or a label is empty.
        """
        has = [index.texts is not None for index in self.indexes]
        if not any(has):
            return None
        if not all(has):
            path = self.paths[has.index(False)]
            raise DataError(
                f"{printable(path)}: pictures without labels; expected NAME.cls beside each NAME.png "
                "as in the other shards, leave the file out or write it again"
            )
        distinct = sorted({text for index in self.indexes for text in index.texts or ()})
        values = labels_from_text(distinct, name=printable(self.paths[0]))
        place = {text: number for number, text in enumerate(distinct)}
        return np.concatenate(
            [
                values[np.array([place[text] for text in index.texts or ()], np.int64)][index.codes]
                for index in self.indexes
            ]
        )


class _TarCursor:
    def __init__(self, path: Path, index: TarIndex, first: int) -> None:
        self.path, self.index, self.first = path, index, first
        self.file = open_descriptor(path)

    def read(self, rows: Rows, out: Pixels) -> None:
        rows = rows + self.first
        starts, sizes = self.index.offsets[rows], self.index.sizes[rows].astype(np.int64)
        begin, span = int(starts[0]), int(starts[-1] + sizes[-1] - starts[0])
        is_far = span > _FAR * int(sizes.sum() + 2048 * len(rows))
        whole = b"" if is_far else read_exactly(self.file, begin, span, path=self.path)
        view = memoryview(whole)
        for start, size, row, image in zip(starts.tolist(), sizes.tolist(), rows.tolist(), out, strict=True):
            if is_far:
                raw = memoryview(read_exactly(self.file, start, size, path=self.path))
            else:
                raw = view[start - begin : start - begin + size]
            image[:] = decode_pixels(raw, name=f"{printable(self.path)}, image {row} at byte {start:,}")

    def close(self) -> None:
        os.close(self.file)
