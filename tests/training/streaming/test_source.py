"""A StreamedSource has a BatchSource's face, and its batches are those of the same images in memory."""

import numpy as np
import pytest
import torch
from tests.data.formats.drawn import numbered

from inkwise.data.dataset import Split
from inkwise.data.streaming.array import ArrayShards, shards_of_map
from inkwise.data.streaming.images import StreamedImages, sample_places, streamed
from inkwise.preprocessing import Preprocessing
from inkwise.training.batches import BatchSource
from inkwise.training.streaming.source import (
    StreamedSource,
    measure,
    open_source,
)

NUM_IMAGES = 2100
IMAGES = np.tile(numbered(100), (21, 1, 1))
IMAGES[:, 0, :2] = np.arange(NUM_IMAGES, dtype=">u2").view(np.uint8).reshape(-1, 2)  # each tells its number
LABELS = np.arange(NUM_IMAGES) % 10
PREPROCESSING = Preprocessing(mean=0.5, std=0.5)


@pytest.fixture
def split(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    images = StreamedImages(shards_of_map(np.load(tmp_path / "images.npy", mmap_mode="r")))
    return Split(images.as_array(), LABELS)


def opened(split, indices=None, *, buffer_images=256, batch_size=20):
    chosen = np.arange(NUM_IMAGES) if indices is None else indices
    source = open_source(
        split, chosen, PREPROCESSING, batch_size=batch_size, device=torch.device("cpu"),
        layout=torch.contiguous_format,
    )  # fmt: skip
    assert isinstance(source, StreamedSource)
    return StreamedSource(**{**vars(source), "buffer_images": buffer_images})


def numbers_of(batches):
    """Return the number that each image tells, and check its label on the way."""
    numbers = []
    for images, labels in batches:
        two = ((images[:, 0, 0, :2] * 0.5 + 0.5) * 255).round().int()
        numbers.append((two[:, 0] * 256 + two[:, 1]).tolist())
        assert [number % 10 for number in numbers[-1]] == labels.tolist()
    return numbers


def flat(batches):
    return [number for batch in batches for number in batch]


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("buffer_images", [7, 256, 5000])
def test_epoch_hands_out_every_image_once_with_its_label(split, buffer_images, ahead):
    source = opened(split, buffer_images=buffer_images)
    batches = numbers_of(source.epoch(source.order(seed=1, epoch=0), ahead=ahead))
    assert sorted(flat(batches)) == list(range(NUM_IMAGES))
    assert [len(batch) for batch in batches] == [20] * 105
    assert (len(source), source.num_batches, source.num_labelled) == (NUM_IMAGES, 105, NUM_IMAGES)


def test_chosen_images_alone_are_handed_out(split):
    chosen = np.flatnonzero(np.arange(NUM_IMAGES) % 7 > 1)
    source = opened(split, chosen)
    batches = numbers_of(source.epoch(source.order(seed=1, epoch=0)))
    assert sorted(flat(batches)) == chosen.tolist()
    assert len(batches) == source.num_batches == -(-len(chosen) // 20)


def test_stored_order_gives_batches_of_memory(split):
    """Validation: bit for bit what a BatchSource over the same images in memory gives."""
    chosen = np.flatnonzero(np.arange(NUM_IMAGES) % 3 == 0)
    source = opened(split, chosen)
    held = open_source(
        Split(IMAGES, LABELS), chosen, PREPROCESSING, batch_size=20, device=torch.device("cpu"),
        layout=torch.contiguous_format,
    )  # fmt: skip
    assert isinstance(held, BatchSource)
    pairs = zip(source.epoch(source.order()), held.epoch(held.order()), strict=True)
    for (images, labels), (expected, expected_labels) in pairs:
        assert torch.equal(images, expected)
        assert torch.equal(labels, expected_labels)


def test_equal_seed_and_epoch_give_equal_orders_and_others_others(split):
    source = opened(split)
    orders = [
        numbers_of(source.epoch(source.order(seed=seed, epoch=epoch)))
        for seed, epoch in ((1, 0), (1, 0), (1, 1), (2, 0))
    ]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3] != orders[0]


@pytest.mark.parametrize("first_batch", [1, 12, 13, 50, 104, 105])
def test_resumed_epoch_goes_on_with_the_same_batches(split, first_batch):
    """12 batches fill the buffer, so 12 begins with its second fill and 13 within it."""
    source = opened(split)
    order = source.order(seed=3, epoch=2)

    def augment(images, number):
        return (images * (1 + number)).remainder(1)

    whole = list(source.epoch(order, augment=augment))
    rest = list(source.epoch(order, first_batch=first_batch, augment=augment))
    assert len(rest) == 105 - first_batch
    for (images, labels), (expected, expected_labels) in zip(rest, whole[first_batch:], strict=True):
        assert torch.equal(images, expected)
        assert torch.equal(labels, expected_labels)


def test_resumed_epoch_reads_nothing_of_what_is_done(split, monkeypatch):
    source = opened(split)
    whole = flat(numbers_of(source.epoch(source.order(seed=0, epoch=0))))
    read = []
    copy = np.take
    monkeypatch.setattr(
        "inkwise.data.streaming.array.np.take",
        lambda *given, **more: read.append(len(given[1])) or copy(*given, **more),
    )
    rest = flat(numbers_of(source.epoch(source.order(seed=0, epoch=0), first_batch=96)))
    assert rest == whole[1920:]
    assert sum(read) == NUM_IMAGES - 96 * 20


def test_own_gatherer_makes_the_batches_of_every_fill(split):
    seen = []

    def gathered_as(source):
        seen.append(len(source))
        return source

    source = StreamedSource(**{**vars(opened(split)), "gathered_as": gathered_as})
    list(source.epoch(source.order(seed=0, epoch=0)))
    assert seen == [240] * 8 + [180]


def test_mean_and_std_of_a_sample_are_near_those_of_all(tmp_path):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 100, (20_000, 28, 28), np.uint8)
    images[10_000:] += 100  # the second half is lighter, so a sample of the first rows would be wrong
    np.save(tmp_path / "images.npy", images)
    on_disk = streamed(Split(np.load(tmp_path / "images.npy", mmap_mode="r"), np.zeros(20_000, np.int64)))
    found = measure(on_disk, np.arange(20_000))
    exact = Preprocessing.measured(images, np.arange(20_000))
    assert found.mean == pytest.approx(exact.mean, abs=0.02)  # of the first rows alone 0.2 less
    assert found.std == pytest.approx(exact.std, abs=0.02)


def test_sample_is_all_of_few_and_16384_of_many(tmp_path):
    images = StreamedImages(ArrayShards(tmp_path / "none", 0, 2_000_000))  # nothing is read
    assert sample_places(images, np.arange(5), most=16_384).tolist() == list(range(5))
    places = sample_places(images, np.arange(0, 2_000_000, 2), most=16_384)
    assert len(places) == len(set(places.tolist())) == 16_384
    assert (places % 2 == 0).all()
    assert np.bincount(places // 62_500, minlength=32).min() >= 100  # from all parts of the set


def test_first_fills_of_a_training_on_many_images_are_small(split):
    """The buffer holds 100, in batches of 20: 5 of them, then 1 (of 5 // 16), 1, 1, 2."""
    seen = []

    def gathered_as(source):
        seen.append(len(source))
        return source

    source = StreamedSource(**{**vars(opened(split, buffer_images=100)), "gathered_as": gathered_as})
    whole = numbers_of(source.epoch(source.order(seed=0, epoch=0)))
    assert seen[:6] == [20, 20, 20, 40, 100, 100]
    assert sorted(flat(whole)) == list(range(NUM_IMAGES))
    for first_batch in (1, 4, 6, 90):
        rest = source.epoch(source.order(seed=0, epoch=0), first_batch=first_batch)
        assert numbers_of(rest) == whole[first_batch:]
    seen.clear()
    list(source.epoch(source.order(seed=0, epoch=1)))
    assert set(seen) == {100}


def test_images_in_memory_are_not_streamed():
    assert streamed(Split(IMAGES, LABELS)) is None
