"""Batches from images in memory: one permutation an epoch, and no Python per image.

A DataLoader that opens, scales and stacks one image at a time takes most of a tutorial's training time.
Here a whole stretch of the epoch is gathered, scaled and cut into batches by a few tensor operations.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.preprocessing import Preprocessing, as_image_tensor

STRETCH = 2048  # images gathered and scaled at once; 6 MB as float32

# Purposes of randomness; each draws from a stream of its own, so that changing one leaves the others.
# The initial weights come from the plain seed, as after torch.manual_seed(seed) in anybody's script.
ORDER, DROPOUT = 1, 2


def seed_for(seed: int, purpose: int, *more: int) -> int:
    """Return the seed of one stream of randomness, from the recipe's seed and the purpose."""
    return int(np.random.SeedSequence([seed, purpose, *more]).generate_state(1)[0])


@dataclass(frozen=True)
class BatchSource:
    """Images that are handed out in batches, in any order.

    Attributes:
        images: (M, 28, 28) uint8; a memory map stays one.
        labels: (M,) int64.
        indices: (N,) int64, which of them belong to this source: validation is cut without a copy.
        layout: the memory layout of a batch that suits the network.
    """

    images: Tensor
    labels: Tensor
    indices: Tensor
    preprocessing: Preprocessing
    batch_size: int
    device: torch.device
    layout: torch.memory_format

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def num_batches(self) -> int:
        """Batches an epoch; the last one may be smaller."""
        return -(-len(self) // self.batch_size)

    def epoch(
        self, order: Tensor, *, first_batch: int = 0, ahead: bool = False
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches (images (B, 1, 28, 28) float32, labels (B,)) in the given order.

        Args:
            order: (N,) int64, a permutation of 0..N-1.
            first_batch: batches to leave out, where a resumed epoch goes on.
            ahead: prepare the next batches on a thread of their own while these are used. The batches are
                the same; it pays where the network leaves a core idle.
        """
        stretch = max(STRETCH // self.batch_size, 1) * self.batch_size
        rest = order[first_batch * self.batch_size :]
        # Split makes one empty part of nothing, and the mean loss of an empty batch is not a number.
        parts = torch.split(rest, stretch) if len(rest) else ()
        if ahead:
            yield from self._gather_ahead(parts)
            return
        for part in parts:
            yield from self._gather(part)

    def _gather(self, part: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return the batches of one stretch of the order."""
        chosen = self.indices[part].to(self.images.device)
        images = self.preprocessing(self.images[chosen].to(self.device)).to(memory_format=self.layout)
        labels = self.labels[chosen].to(self.device)
        size = self.batch_size
        return list(zip(torch.split(images, size), torch.split(labels, size), strict=True))

    def _gather_ahead(self, parts: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="inkwise-batches") as pool:
            following: Future[list[tuple[Tensor, Tensor]]] | None = None
            for part in parts:
                current, following = following, pool.submit(self._gather, part)
                yield from current.result() if current else ()
            yield from following.result() if following else ()


def place_images(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return a split's images and labels as tensors; on an accelerator they move there whole, as uint8."""
    images, labels = as_image_tensor(split.images), as_image_tensor(split.labels)
    if device.type == "cpu" or isinstance(split.images, np.memmap):
        return images, labels
    return images.to(device), labels.to(device)


def epoch_order(num_images: int, *, seed: int, epoch: int) -> Tensor:
    """Return the order (N,) int64 in which an epoch sees its images; the same for the same arguments."""
    generator = torch.Generator().manual_seed(seed_for(seed, ORDER, epoch))
    return torch.randperm(num_images, generator=generator)
