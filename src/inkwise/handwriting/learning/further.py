"""What a training takes beside its data set: written images, own ones, the weights to begin with."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset, Split
from inkwise.errors import DataError
from inkwise.files import write_atomically
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import OWN_IMAGES_NAME
from inkwise.training.batches import WRITING, seed_for
from inkwise.training.session import cut_validation

CORRECTIONS, SHIPPED_READER = "corrections", "reader"  # what own_images and start say in place of a path
_MOST_REPEATS = 200  # of one image an epoch: past that a few glyphs are learned by heart


def todays_corrections(recipe: Recipe) -> bytes | None:
    """Return the corrections of today, as a file of own images; None for a recipe that names none.

    Raises:
        HandwritingError: there are none yet.
    """
    if recipe.data.own_images != CORRECTIONS:
        return None
    from inkwise.handwriting.corrections import load_corrections

    images, labels = load_corrections()
    return save({"images": np.ascontiguousarray(images), "labels": labels})


def keep_corrections(recipe: Recipe, corrections: bytes | None, folder: Path) -> Recipe:
    """Write todays_corrections to folder, and return the recipe that names that file from now on."""
    if corrections is None:
        return recipe
    path = folder / OWN_IMAGES_NAME
    write_atomically(path, corrections)
    return recipe.with_settings({"own_images": str(path.absolute())})


def first_classifier(recipe: Recipe) -> Classifier | None:
    """Return the classifier whose weights a training begins with; None draws them.

    Raises:
        CheckpointError: it cannot be read.
    """
    if not recipe.network.start:
        return None
    if recipe.network.start == SHIPPED_READER:
        from inkwise.handwriting.recogniser import SHIPPED_FILE

        return Classifier.load(SHIPPED_FILE)
    return Classifier.load(recipe.network.start)


def further_images(
    recipe: Recipe,
    dataset: Dataset,
    *,
    workers: int = 1,
    on_write: Callable[[int, int], None] | None = None,
) -> Split | None:
    """Return the images to train on beside the data set's, the same at every resume, or None.

    Args:
        workers: processes that make written images.
        on_write: called with (done, in all) while they do.
    Raises:
        DataError: the recipe's own_images cannot be read.
    """
    if not (recipe.data.written_images or recipe.data.own_images):
        return None
    train, _ = cut_validation(dataset, recipe)
    splits = []
    if recipe.data.written_images:
        from inkwise.handwriting.learning.written import written_images

        splits.append(
            written_images(
                dataset.train.take(train),
                count=recipe.data.written_images,
                seed=seed_for(recipe.training.seed, WRITING),
                drawn=recipe.data.drawn,
                outliers=recipe.data.outliers,
                workers=workers,
                on_progress=on_write,
            )
        )
    if recipe.data.own_images:
        images, labels = _load_own(recipe.data.own_images, num_classes=len(dataset.classes))
        others = len(train) + sum(len(split) for split in splits)
        share = recipe.data.own_share
        repeats = math.ceil(share / (1 - share) * others / len(labels))
        repeats = min(repeats, _MOST_REPEATS)
        splits.append(Split(np.tile(images, (repeats, 1, 1)), np.tile(labels, repeats)))
    images = np.concatenate([split.images for split in splits])
    return Split(images, np.concatenate([split.labels for split in splits]))


def _load_own(path: str, *, num_classes: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images (N, 28, 28) and labels (N,) of the recipe's own_images."""
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"own_images = {path!r}: cannot be read ({error}); expected safetensors of images and labels"
        ) from error
    images, labels = tensors.get("images"), tensors.get("labels")
    if images is None or labels is None or images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise DataError(f"{path}: expected images (N, 28, 28) uint8 and labels (N,) int64; write it anew")
    if labels.shape != (len(images),) or labels.dtype != np.int64 or not len(labels):
        raise DataError(f"{path}: {len(images)} images, labels of shape {labels.shape}; expected one each")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise DataError(
            f"{path}: labels from {labels.min()} to {labels.max()}, expected 0 to {num_classes - 1}; "
            "correct them"
        )
    return images, labels
