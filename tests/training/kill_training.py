"""A training that a test kills: arguments are the run folder, the recipe, epochs, and --resume or nothing."""

import sys

import numpy as np
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.train import train
from inkwise.training.loop import Progress

torch.set_num_threads(1)


def noisy_bars(num_images: int, seed: int) -> Split:
    """Return images of ten classes: a bright bar whose height is the class, under noise."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, num_images)
    images = generator.integers(0, 120, (num_images, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 + 2 * label : 5 + 2 * label] += 90
    return Split(images, labels.astype(np.int64))


def tell(progress: Progress) -> None:
    """Say that training has come so far, at once."""
    sys.stdout.write(f"{progress.epoch} {progress.batch}\n")
    sys.stdout.flush()


# A small network, and as few written images as are worth a process.
FEWER = {"reader": {"width": 8, "written_images": 40, "outliers": 0.2, "drawn": 1.0, "patience": 0}}


if __name__ == "__main__":
    out, recipe, epochs, *resume = sys.argv[1:]
    dataset = Dataset("bars", tuple("0123456789"), noisy_bars(1200, 0), noisy_bars(200, 1))
    train(
        recipe, data=dataset, out=out, resume=bool(resume), report=False, checkpoint_seconds=0.05,
        epochs=None if resume else int(epochs), device="cpu",
        settings=None if resume else {"batch_size": 50, **FEWER.get(recipe, {})},
        on_progress=tell,
    )  # fmt: skip
