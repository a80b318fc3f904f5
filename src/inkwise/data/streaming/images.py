"""StreamedImages: on the disk, and like an array to those who take a few, or all in their order."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE, Dataset, Split
from inkwise.data.formats.part import MEMORY_MAP_BYTES
from inkwise.data.streaming.array import shards_of_map
from inkwise.data.streaming.reading import Reader
from inkwise.data.streaming.shards import Pixels, Rows, Shards
from inkwise.data.streaming.shuffle import Fill, plan_fills
from inkwise.errors import DataError

Progress = Callable[[int, int], None]

_SAMPLED_PLACES = 32
_STORED_FILL = 8192  # images read at once where their order stays; 6 MB


class StreamedImages:
    """(N, 28, 28) uint8 images that stay on the disk.

    images[3], images[10:20] and images[indices] read what they name; the whole is read by batches() in the
    stored order, and by a training shuffled. np.asarray is refused past MEMORY_MAP_BYTES.

    Args:
        shards: where the images lie.
        rows: (N,) int64, ascending: which of them these are; None for all.
    """

    ndim = 3
    dtype = np.dtype(np.uint8)

    def __init__(self, shards: Shards, rows: Rows | None = None) -> None:
        self.shards, self.rows = shards, rows

    def __len__(self) -> int:
        return int(self.shards.starts[-1]) if self.rows is None else len(self.rows)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, 28, 28)."""
        return len(self), IMAGE_SIZE, IMAGE_SIZE

    @property
    def fingerprint(self) -> str:
        """Changes when the files do, or the choice among their images."""
        chosen = b"" if self.rows is None else np.ascontiguousarray(self.rows).data
        return hashlib.sha256(self.shards.fingerprint.encode() + chosen).hexdigest()

    def take(self, indices: NDArray[np.int64]) -> "StreamedImages":
        """Return the images at indices ((M,) int64, ascending, each once) without reading them."""
        return StreamedImages(self.shards, self.places_of(indices))

    def places_of(self, indices: NDArray[np.int64]) -> Rows:
        """Return which images of the shards those at indices are."""
        return indices if self.rows is None else self.rows[indices]

    def read(self, plan: Iterator[Fill]) -> Iterator[tuple[Pixels, NDArray[np.int64]]]:
        """Yield the fills of a plan for sizes, each with the places of its images.

        Raises:
            DataError: a shard or a picture is damaged.
        """
        return Reader(self.shards, self.rows).read(plan)

    @property
    def sizes(self) -> list[int]:
        """Images of each run, as plan_fills takes them."""
        return [int(size) for size in np.diff(Reader(self.shards, self.rows).bounds)]

    def batches(self, batch_size: int) -> Iterator[Pixels]:
        """Yield all images in the stored order, (batch_size, 28, 28) each, the last one perhaps smaller.

        Raises:
            DataError: a shard or a picture is damaged.
        """
        per_fill = max(_STORED_FILL // batch_size, 1) * batch_size
        for images, _ in self.read(plan_fills(self.sizes, images=per_fill, seed=None)):
            for start in range(0, len(images), batch_size):
                yield images[start : start + batch_size]

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for batch in self.batches(_STORED_FILL):
            yield from batch

    def copy_to(self, held: Pixels, *, on_progress: Progress = lambda done, total: None) -> None:
        """Read all images into held, (N, 28, 28) uint8; on_progress is told (done, in all)."""
        done = 0
        for batch in self.batches(_STORED_FILL):
            held[done : done + len(batch)] = batch
            done += len(batch)
            on_progress(done, len(self))

    def as_array(self) -> Pixels:
        """Return these images as what Split and Part call an array; those who take all of it are refused."""
        return cast(Pixels, self)

    def __getitem__(self, key: Any) -> Pixels:
        if isinstance(key, int | np.integer):
            image: NDArray[np.uint8] = self[np.array([range(len(self))[int(key)]])][0]
            return image
        if isinstance(key, slice):
            indices = np.arange(*key.indices(len(self)))
        else:
            indices = np.asarray(key)
            indices = np.flatnonzero(indices) if indices.dtype == np.bool_ else indices.astype(np.int64)
        indices = np.where(indices < 0, indices + len(self), indices)
        if len(indices) and (indices.min() < 0 or indices.max() >= len(self)):
            raise IndexError(f"image {indices.max()} of {len(self)}")
        distinct, back = np.unique(indices, return_inverse=True)
        chosen = self.take(distinct)
        out = np.empty((len(distinct), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        for images, places in chosen.read(plan_fills(chosen.sizes, images=_STORED_FILL, seed=None)):
            out[places] = images
        # The common case, ascending and each once, needs no copy.
        return out if len(distinct) == len(indices) and np.array_equal(distinct, indices) else out[back]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Pixels:
        if len(self) * IMAGE_SIZE * IMAGE_SIZE > MEMORY_MAP_BYTES:
            raise DataError(
                f"{len(self):,} images are streamed from the disk, and were to be held in memory at once; "
                "take a part of them, images[:1000], or go through images.batches(1000)"
            )
        return self[:] if dtype is None else self[:].astype(dtype)


def streamed(split: Split) -> StreamedImages | None:
    """Return what reads the images of a split from the disk, or None where they are in memory.

    A memory map counts as on the disk: a shuffled training through the map would touch every page.
    """
    images: Any = split.images
    if isinstance(images, StreamedImages):
        return images
    if isinstance(images, np.memmap) and (shards := shards_of_map(images)) is not None:
        return StreamedImages(shards)
    return None


def sample_places(images: StreamedImages, indices: NDArray[np.int64], *, most: int) -> NDArray[np.int64]:
    """Return those of indices (ascending), about `most` of them, that stand for a streamed set.

    As many in a row from each of 32 places spread evenly over the set, each where the format can begin to
    read: little is read for it. Where there are fewer such places, more from each.
    """
    if len(indices) <= most:
        return indices
    entries = np.unique(np.searchsorted(images.places_of(indices), images.shards.entries))
    entries = entries[entries < len(indices)]
    firsts = entries[np.linspace(0, len(entries) - 1, min(_SAMPLED_PLACES, len(entries))).astype(np.int64)]
    each = most // len(firsts)
    chosen = np.unique(np.minimum(firsts, len(indices) - each)[:, None] + np.arange(each))
    return np.asarray(indices[chosen])


def sample_dataset(dataset: Dataset, *, most: int) -> Dataset:
    """Return dataset with samples in memory instead of its streamed parts; notes["sample"] says so.

    For what looks at images here and there, which would read every shard. A set in memory, or mapped, is
    given back as it is.

    Args:
        most: images of a part, at most.
    """
    parts, notes = {}, []
    for name, split in (("train", dataset.train), ("test", dataset.test)):
        images: Any = split.images
        parts[name] = split
        if isinstance(images, StreamedImages):
            places = sample_places(images, np.arange(len(images)), most=most)
            parts[name] = split.take(places)
            notes.append(f"{len(places):,} of {len(images):,} {name} images")
    if not notes:
        return dataset
    said = {"sample": f"{' and '.join(notes)}, from places spread over the shards, stand for all"}
    return replace(dataset, train=parts["train"], test=parts["test"], notes={**dataset.notes, **said})
