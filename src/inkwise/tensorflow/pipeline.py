"""tf.data pipelines: the whole set shuffled, cut into batches, scaled, and prepared ahead."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
import torch
from numpy.typing import NDArray

from inkwise.preprocessing import Preprocessing
from inkwise.training.batches import ORDER, Augment, seed_for


def one_hot(labels: Any, num_classes: int, *, label_smoothing: float = 0.0) -> Any:
    """Return labels (N,) whole numbers as rows (N, K) float32: 1 at the class, 0 elsewhere.

    The way back is argmax over axis 1. A loss on "sparse" labels, the numbers themselves, is the same number.

    Args:
        label_smoothing: the share of each label that is spread evenly over all classes, in [0, 1).
    """
    rows = tf.one_hot(labels, num_classes)
    return rows * (1 - label_smoothing) + label_smoothing / num_classes


@dataclass(frozen=True)
class Pipeline:
    """Images and labels in memory, handed out by tf.data.

    Attributes:
        images: (N, 28, 28) uint8.
        labels: (N,) int64.
        preprocessing: of the classifier; the same arithmetic as in PyTorch.
        seed: of the order; each epoch has an order of its own.
        encode: from labels (B,) to what the loss takes, one_hot or the labels themselves.
        augment: of an epoch, what changes its images; None changes nothing.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    preprocessing: Preprocessing
    batch_size: int
    seed: int = 0
    encode: Callable[[Any], Any] = lambda labels: labels
    augment: Callable[[int], Augment | None] = lambda epoch: None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def device(self) -> torch.device:
        """Where the classifier made of the training lies: beside the images."""
        return torch.device("cpu")

    @property
    def num_batches(self) -> int:
        """Batches an epoch; the last one may be smaller."""
        return -(-len(self) // self.batch_size)

    @cached_property
    def _rows(self) -> Any:
        return tf.data.Dataset.from_tensor_slices((self.images, self.labels))

    def epoch(self, number: int, *, first_batch: int = 0) -> Any:
        """Return an epoch's batches (images (B, 28, 28, 1) float32, encoded labels) as a tf.data.Dataset.

        The order is drawn over the whole set: a shuffle buffer smaller than the set, as the tutorial's, mixes
        neighbours only.

        Args:
            number: 0 for the first epoch; the same number gives the same order.
            first_batch: batches to leave out, where a resumed epoch goes on.
        """
        order_seed = seed_for(self.seed, ORDER, number)
        batches = self._rows.shuffle(len(self), seed=order_seed).batch(self.batch_size).skip(first_batch)
        augment = self.augment(number)
        if augment is None:
            return batches.map(self._prepare).prefetch(tf.data.AUTOTUNE)
        changed = batches.enumerate(first_batch).map(_by_torch(augment))
        return changed.map(self._standardise).prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> Any:
        """Return the batches in the order of the images, neither shuffled nor changed."""
        return self._rows.batch(self.batch_size).map(self._prepare).prefetch(tf.data.AUTOTUNE)

    def _prepare(self, pixels: Any, labels: Any) -> Any:
        return self._standardise(tf.cast(pixels, tf.float32) / 255, labels)

    def _standardise(self, images: Any, labels: Any) -> Any:
        images = (images - self.preprocessing.mean) / self.preprocessing.std
        return images[..., tf.newaxis], self.encode(labels)  # (B, 28, 28, 1): grey adds 1 channel


def _by_torch(augment: Augment) -> Callable[[Any, Any], Any]:
    """Return augment, written in PyTorch, as a step of a pipeline; the same seeds change the same images."""

    def change(batch: NDArray[np.int64], pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        scaled = torch.from_numpy(pixels.copy())[:, None].to(torch.float32).div_(255)
        return augment(scaled, int(batch))[:, 0].numpy()

    def apply(batch: Any, rows: Any) -> Any:
        pixels, labels = rows
        images = tf.numpy_function(change, [batch, pixels], tf.float32)
        return tf.ensure_shape(images, pixels.shape), labels

    return apply
