"""Batches from images in memory: one permutation an epoch, and no Python per image.

A DataLoader that opens, scales and stacks one image at a time takes most of a tutorial's training time.
Here a whole stretch of the epoch is gathered, scaled and cut into batches by a few tensor operations.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inkwise.data.dataset import Split
from inkwise.errors import RecipeError
from inkwise.preprocessing import Preprocessing, as_image_tensor
from inkwise.recipes.recipe import Recipe

STRETCH = 2048  # images gathered and scaled at once; 6 MB as float32

# Purposes of randomness; each draws from a stream of its own, so that changing one leaves the others.
# The initial weights come from the plain seed, as after torch.manual_seed(seed) in anybody's script.
ORDER, DROPOUT, AUGMENTATION, WRITING = 1, 2, 3, 4

# From float32 images (B, 1, 28, 28) in [0, 1] and the number of their batch to the images changed.
Augment = Callable[[Tensor, int], Tensor]
# Images (B, 1, 28, 28) float32 and labels (B,) of each.
Batches = list[tuple[Tensor, Tensor]]


def seed_for(seed: int, purpose: int, *more: int) -> int:
    """Return the seed of one stream of randomness, from the recipe's seed and the purpose."""
    return int(np.random.SeedSequence([seed, purpose, *more]).generate_state(1)[0])


@dataclass(frozen=True)
class BatchSource:
    """Images that are handed out in batches, in any order.

    Attributes:
        images: (M, 28, 28) uint8; a memory map stays one.
        labels: (M,) int64; -1 is an image of no class.
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

    @property
    def num_labelled(self) -> int:
        """Images that are of a class."""
        return int((self.labels[self.indices.to(self.labels.device)] >= 0).sum())

    def order(self, *, seed: int | None = None, epoch: int = 0) -> Tensor:
        """Return the order (N,) int64 of an epoch; without a seed the stored order."""
        if seed is None:
            return torch.arange(len(self))
        return epoch_order(len(self), seed=seed, epoch=epoch)

    def epoch(
        self, order: Tensor, *, first_batch: int = 0, ahead: bool = False, augment: Augment | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches (images (B, 1, 28, 28) float32, labels (B,)) in the given order.

        Args:
            order: (N,) int64, a permutation of 0..N-1.
            first_batch: batches to leave out, where a resumed epoch goes on.
            ahead: prepare the next batches on a thread of their own while these are used. The batches are
                the same; it pays where the network leaves a core idle.
            augment: changes the images of a batch, between scaling to [0, 1] and mean and std.
        """
        per_stretch = max(STRETCH // self.batch_size, 1)  # batches
        rest = order[first_batch * self.batch_size :]
        # Split makes one empty part of nothing, and the mean loss of an empty batch is not a number.
        parts = torch.split(rest, per_stretch * self.batch_size) if len(rest) else ()
        jobs: Iterator[Callable[[], Batches]] = (
            partial(self._gather, part, augment=augment, first_batch=first_batch + number * per_stretch)
            for number, part in enumerate(parts)
        )
        if ahead:
            yield from run_ahead(jobs)
            return
        for job in jobs:
            yield from job()

    def _gather(self, part: Tensor, *, augment: Augment | None, first_batch: int) -> Batches:
        """Return the batches of one stretch of the order, which begins with batch number first_batch."""
        chosen = self.indices[part].to(self.images.device)
        pixels, size = self.images[chosen].to(self.device), self.batch_size
        if augment is None:
            images = self.preprocessing(pixels)
        else:
            # Batch by batch, each from a seed of its own: a resumed epoch begins its stretches elsewhere.
            scaled = torch.split(pixels.unsqueeze(1).to(torch.float32).div_(255), size)
            batches = [augment(batch, first_batch + number) for number, batch in enumerate(scaled)]
            images = self.preprocessing.standardise_(torch.cat(batches))
        images = images.to(memory_format=self.layout)
        labels = self.labels[chosen].to(self.device)
        return list(zip(torch.split(images, size), torch.split(labels, size), strict=True))


def run_ahead(jobs: Iterable[Callable[[], Batches]]) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of the jobs in order; the next job runs on a thread while these are used."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="inkwise-batches") as pool:
        following: Future[Batches] | None = None
        for job in jobs:
            current, following = following, pool.submit(job)
            yield from current.result() if current else ()
        yield from following.result() if following else ()


def append_images(
    split: Split, indices: NDArray[np.int64], *, more: Split | None
) -> tuple[Split, NDArray[np.int64]]:
    """Return split with more images behind its own, and indices with those of the new ones behind."""
    if more is None or not len(more):
        return split, indices
    images = np.concatenate([split.images, more.images])
    labels = np.concatenate([split.labels, more.labels])
    return Split(images, labels), np.concatenate([indices, np.arange(len(split), len(images))])


def place_images(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return a split's images and labels as tensors; on an accelerator they move there whole, as uint8."""
    images, labels = as_image_tensor(split.images), as_image_tensor(split.labels)
    if device.type == "cpu" or isinstance(split.images, np.memmap):
        return images, labels
    return images.to(device), labels.to(device)


def fitting_batch_size(recipe: Recipe, network: nn.Module, num_images: int) -> int:
    """Return the recipe's batch size, or the nearest by which batch normalisation gets no batch of one image.

    It measures the spread of a batch, and one image has none. Other networks take any.

    Raises:
        RecipeError: every batch would be one image.
    """
    wanted = recipe.training.batch_size
    if not any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in network.modules()):
        return wanted
    if min(wanted, num_images) < 2:
        raise RecipeError(
            f"{recipe.name}: {recipe.network.architecture} has batch normalisation, which measures the "
            f"spread of a batch, and got batches of {min(wanted, num_images)}; take 2 train images or more, "
            "and a batch_size of 2 or more"
        )
    sizes = (wanted + sign * distance for distance in itertools.count() for sign in (-1, 1))
    return next(size for size in sizes if size > 1 and num_images % size != 1)


def epoch_order(num_images: int, *, seed: int, epoch: int) -> Tensor:
    """Return the order (N,) int64 in which an epoch sees its images; the same for the same arguments."""
    generator = torch.Generator().manual_seed(seed_for(seed, ORDER, epoch))
    return torch.randperm(num_images, generator=generator)
