"""Batches from images that stay on the disk: a BatchSource's face over a shuffle buffer.

Each fill of the buffer is a small set in memory, and is handed out by a BatchSource of its own. The order
of an epoch is a function of (seed, epoch): a resumed training makes the plan again and leaves out what is
done, without reading it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.data.streaming.images import StreamedImages, sample_places, streamed
from inkwise.data.streaming.shuffle import BUFFER_IMAGES, RAMP, Fill, plan_fills, shuffle_fill
from inkwise.preprocessing import Preprocessing, as_image_tensor
from inkwise.training.batches import ORDER, Augment, BatchSource, place_images

MEASURED_IMAGES = 16_384  # stand for a streamed set where mean and std are measured
_STORED_BUFFER = 8192  # images read at once where the order stays


class Shuffle(NamedTuple):
    """The order of an epoch, of a training's first where is_first; a seed of None is the stored order."""

    seed: tuple[int, ...] | None
    is_first: bool = False


@dataclass(frozen=True)
class StreamedSource:
    """Images on the disk that are handed out in batches; every attribute and method as of BatchSource.

    Attributes:
        images: what reads them.
        labels: (M,) int64, of all of images.
        indices: (N,) int64, ascending: which of them belong to this source.
        buffer_images: how many are held and shuffled at once; as many again are read meanwhile. Rounded
            down to whole batches.
        gathered_as: what gathers the batches of a fill, made from the source that would.
    """

    images: StreamedImages
    labels: Tensor
    indices: Tensor
    preprocessing: Preprocessing
    batch_size: int
    device: torch.device
    layout: torch.memory_format
    buffer_images: int = BUFFER_IMAGES
    gathered_as: Callable[[BatchSource], BatchSource] = lambda source: source

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def num_batches(self) -> int:
        """Batches an epoch; the last one may be smaller."""
        return -(-len(self) // self.batch_size)

    @property
    def num_labelled(self) -> int:
        """Images that are of a class."""
        return int((self.labels[self.indices] >= 0).sum())

    def order(self, *, seed: int | None = None, epoch: int = 0) -> Shuffle:
        """Return the order of an epoch; without a seed the stored order."""
        return Shuffle(None) if seed is None else Shuffle((seed, ORDER, epoch), is_first=epoch == 0)

    def epoch(
        self, order: Shuffle, *, first_batch: int = 0, ahead: bool = False, augment: Augment | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches (images (B, 1, 28, 28) float32, labels (B,)); as BatchSource.epoch.

        Raises:
            DataError: a shard or a picture is damaged; the message names it.
        """
        chosen = self.images.take(self.indices.numpy())
        plan, number, begin = self._plan(chosen.sizes, order), 0, 0
        for fill in plan:  # those that are done
            num_batches = -(-sum(map(len, fill)) // self.batch_size)
            if begin + num_batches > first_batch:
                plan = chain([fill], plan)
                break
            number, begin = number + 1, begin + num_batches
        for images, places in chosen.read(plan):
            part = self._source(images, places)
            yield from part.epoch(
                _within(order, len(images), number=number),
                first_batch=max(first_batch - begin, 0),
                ahead=ahead,
                augment=augment and _numbered_from(begin, augment),
            )
            number, begin = number + 1, begin + part.num_batches
            del images, places, part  # else three fills would be held while the next is waited for

    def _plan(self, sizes: list[int], order: Shuffle) -> Iterator[Fill]:
        """Return the fills of an epoch, all but the last of whole batches."""
        held = self.buffer_images if order.seed is not None else _STORED_BUFFER
        per_fill = max(held // self.batch_size, 1)
        # A small set would be shuffled badly by small fills, and is read soon.
        is_slow = order.is_first and len(self) >= RAMP[0] * self.buffer_images
        before = [max(per_fill // times, 1) * self.batch_size for times in RAMP] if is_slow else []
        return plan_fills(sizes, images=per_fill * self.batch_size, seed=order.seed, before=before)

    def _source(self, images: NDArray[np.uint8], places: NDArray[np.int64]) -> BatchSource:
        labels = self.labels[self.indices[torch.from_numpy(places)]]
        source = BatchSource(
            torch.from_numpy(images).to(self.device), labels.to(self.device), torch.arange(len(images)),
            self.preprocessing, self.batch_size, self.device, self.layout,
        )  # fmt: skip
        return self.gathered_as(source)


def _within(order: Shuffle, num_images: int, *, number: int) -> Tensor:
    if order.seed is None:
        return torch.arange(num_images)
    return torch.from_numpy(shuffle_fill(num_images, seed=order.seed, number=number))


def _numbered_from(begin: int, augment: Augment) -> Augment:
    """Return augment for a source whose batch 0 is batch `begin` of the epoch."""
    return lambda images, number: augment(images, begin + number)


def measure(images: StreamedImages, indices: NDArray[np.int64]) -> Preprocessing:
    """Return the preprocessing by mean and standard deviation of a sample of the images at indices."""
    sample = images[sample_places(images, indices, most=MEASURED_IMAGES)]
    return Preprocessing.measured(sample, np.arange(len(sample)))


class Source(Protocol):
    """What the training loop takes its batches from: a BatchSource or a StreamedSource."""

    @property
    def batch_size(self) -> int: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def num_batches(self) -> int: ...

    @property
    def num_labelled(self) -> int: ...

    def __len__(self) -> int: ...

    def order(self, *, seed: int | None = None, epoch: int = 0) -> Any:
        """Return what epoch takes; without a seed the stored order."""

    def epoch(
        self, order: Any, *, first_batch: int = 0, ahead: bool = False, augment: Augment | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of an epoch, as BatchSource.epoch."""


def open_source(
    split: Split, indices: NDArray[np.int64], preprocessing: Preprocessing, *,
    batch_size: int, device: torch.device, layout: torch.memory_format,
) -> BatchSource | StreamedSource:  # fmt: skip
    """Return what hands out the images of split at indices: from memory, or from the disk.

    Args:
        indices: (N,) int64; ascending where the images are on the disk.
    """
    images, places = streamed(split), torch.from_numpy(indices)
    if images is None:
        return BatchSource(*place_images(split, device), places, preprocessing, batch_size, device, layout)
    labels = as_image_tensor(split.labels)
    return StreamedSource(images, labels, places, preprocessing, batch_size, device, layout)
