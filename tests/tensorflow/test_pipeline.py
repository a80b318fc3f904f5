"""The tf.data pipeline: every image once an epoch, in an order of its own, scaled as everywhere."""

from functools import partial

import numpy as np
import torch
from torch import Tensor

from inkwise.preprocessing import Preprocessing
from inkwise.tensorflow.pipeline import Pipeline, one_hot

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8)
LABELS = np.arange(50) % 10


def pipeline(**settings: object) -> Pipeline:
    numbered = {"images": IMAGES, "labels": np.arange(50), "preprocessing": Preprocessing(mean=0.5, std=0.5)}
    return Pipeline(**{**numbered, "batch_size": 8, "seed": 4, **settings})  # type: ignore[arg-type]


def order(number: int, **settings: int) -> list[int]:
    batches = pipeline().epoch(number, **settings)
    return [int(label) for _, labels in batches for label in labels.numpy()]


def test_epoch_has_every_image_once_in_an_order_of_its_own() -> None:
    """D9, D10, D14."""
    assert sorted(order(0)) == sorted(order(1)) == list(range(50))
    assert len({tuple(order(number)) for number in (0, 1, 2)}) == 3
    assert order(1) == order(1)


def test_shuffling_reaches_over_the_whole_set() -> None:
    """S2-TF 11: a buffer below the set's length can only bring early images into the first batches."""
    firsts = [order(number)[0] for number in range(40)]
    assert max(firsts) >= 40
    assert min(firsts) < 10


def test_resumed_epoch_goes_on_where_it_was() -> None:
    assert order(2, first_batch=3) == order(2)[24:]


def test_batches_are_scaled_as_in_pytorch_with_the_channel_last() -> None:
    """D4, D7."""
    images, labels = next(iter(pipeline().in_order()))
    expected = Preprocessing(mean=0.5, std=0.5)(torch.from_numpy(IMAGES[:8]))
    assert images.shape == (8, 28, 28, 1)
    assert labels.numpy().tolist() == list(range(8))
    assert np.abs(images.numpy()[..., 0] - expected.numpy()[:, 0]).max() < 1e-6


def test_labels_become_rows_and_come_back() -> None:
    """D8."""
    rows = one_hot(LABELS, 10).numpy()
    assert rows.shape == (50, 10)
    assert (rows.sum(1) == 1).all()
    assert (rows.max(1) == 1).all()
    assert (rows.argmax(1) == LABELS).all()


def test_smooth_rows_share_a_part_with_every_class() -> None:
    """0.1 of a label over 10 classes: 0.9 + 0.01 at the class, 0.01 elsewhere."""
    row = one_hot([2], 10, label_smoothing=0.1).numpy()[0]
    assert np.allclose(row, [0.91 if k == 2 else 0.01 for k in range(10)])


def test_pipeline_hands_out_rows_where_the_loss_takes_them() -> None:
    encode = partial(one_hot, num_classes=10)
    _, rows = next(iter(pipeline(labels=LABELS, encode=encode).epoch(0)))
    assert rows.shape == (8, 10)


def test_augmentation_is_pytorchs_batch_by_batch() -> None:
    """The batch's number reaches it, also in a resumed epoch; images are those of the batch."""

    def brighter(images: Tensor, batch: int) -> Tensor:
        assert images.shape[1:] == (1, 28, 28)
        return images * 0 + batch / 10

    changed = pipeline(augment=lambda epoch: brighter, preprocessing=Preprocessing())
    found = [float(images.numpy().mean()) for images, _ in changed.epoch(0, first_batch=4)]
    assert np.allclose(found, [0.4, 0.5, 0.6])
