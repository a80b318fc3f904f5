"""Batches from memory: D7, D9, D10, D11, D12, D13."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from inkwise.preprocessing import Preprocessing
from inkwise.recipes.load import load_recipe
from inkwise.training.batches import STRETCH, BatchSource, epoch_order, fitting_batch_size, seed_for


def source(num_images=20, *, batch_size=8, indices=None, mean=0.0, std=1.0):
    images = torch.arange(num_images, dtype=torch.uint8)[:, None, None].expand(-1, 28, 28).contiguous()
    return BatchSource(
        images, torch.arange(num_images), torch.arange(num_images) if indices is None else indices,
        Preprocessing(mean=mean, std=std), batch_size, torch.device("cpu"), torch.contiguous_format,
    )  # fmt: skip


def test_batch_has_channel_axis_and_range():
    """D3, D7, D12: (B, 1, 28, 28) float32 in [0, 1], labels (B,) int64."""
    images, labels = next(source().epoch(torch.arange(20)))
    assert images.shape == (8, 1, 28, 28)
    assert labels.shape == (8,)
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    assert images.flatten(1).shape == (8, 784)  # D13
    assert images[5].unique().tolist() == [torch.tensor(5.0).div(255).item()]


def test_last_batch_is_smaller_and_nothing_is_lost():
    batches = list(source().epoch(epoch_order(20, seed=0, epoch=0)))
    assert [len(labels) for _, labels in batches] == [8, 8, 4]
    assert sorted(torch.cat([labels for _, labels in batches]).tolist()) == list(range(20))


def test_fitting_batch_size_is_the_nearest_that_leaves_no_image_alone():
    """33 images by 16 leave one, by 15 three; by 2 one, by 3 none."""
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(784))
    for wanted in range(2, 20):
        recipe = load_recipe("quick").with_settings({"batch_size": wanted})
        for num_images in range(2, 60):
            fit = {size for size in range(2, 99) if num_images % size != 1}
            found = fitting_batch_size(recipe, network, num_images)
            assert found in fit
            assert abs(found - wanted) == min(abs(size - wanted) for size in fit)
            assert fitting_batch_size(recipe, nn.Linear(1, 1), num_images) == wanted
    assert fitting_batch_size(recipe.with_settings({"batch_size": 16}), network, 33) == 15
    assert fitting_batch_size(recipe.with_settings({"batch_size": 2}), network, 33) == 3


def test_images_stay_with_their_labels():
    for images, labels in source(200, batch_size=7).epoch(epoch_order(200, seed=1, epoch=0)):
        assert torch.equal((images[:, 0, 0, 0] * 255).round().long(), labels)


def test_only_the_indices_are_handed_out():
    part = source(indices=torch.tensor([3, 5, 7]))
    labels = torch.cat([labels for _, labels in part.epoch(torch.arange(3))])
    assert labels.tolist() == [3, 5, 7]
    assert (len(part), part.num_batches) == (3, 1)


def test_epochs_have_different_orders_that_repeat_with_the_seed():
    """D10, D15."""
    assert not torch.equal(epoch_order(100, seed=0, epoch=0), epoch_order(100, seed=0, epoch=1))
    assert not torch.equal(epoch_order(100, seed=0, epoch=0), epoch_order(100, seed=1, epoch=0))
    assert torch.equal(epoch_order(100, seed=0, epoch=1), epoch_order(100, seed=0, epoch=1))


def test_order_does_not_touch_the_global_random_state():
    before = torch.get_rng_state()
    epoch_order(100, seed=0, epoch=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_resumed_epoch_goes_on_with_the_same_batches():
    order = epoch_order(20_000, seed=0, epoch=0)
    whole = [labels for _, labels in source(256, batch_size=64).epoch(order % 256)]
    rest = [labels for _, labels in source(256, batch_size=64).epoch(order % 256, first_batch=130)]
    assert len(rest) == len(whole) - 130
    assert all(torch.equal(one, other) for one, other in zip(whole[130:], rest, strict=True))


def test_purposes_have_streams_of_their_own():
    seeds = {
        seed_for(seed, purpose, epoch) for seed in range(3) for purpose in range(3) for epoch in range(3)
    }
    assert len(seeds) == 27


def test_memory_map_is_read_batch_by_batch(tmp_path):
    np.save(tmp_path / "images.npy", np.full((10, 28, 28), 7, np.uint8))
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    from inkwise.data.dataset import Split
    from inkwise.training.batches import place_images

    images, labels = place_images(Split(mapped, np.zeros(10, np.int64)), torch.device("cpu"))
    assert images.data_ptr() == mapped.ctypes.data  # shared, not copied
    assert int(images.sum()) == 10 * 784 * 7
    assert labels.shape == (10,)


def test_preview_of_three_batches_reads_no_more_than_it_shows() -> None:
    """D12, D14, E5: take(3) of a whole shuffled set; later stretches of it are not gathered."""
    num_images = 3 * STRETCH
    seen: list[int] = []

    def watch(images: torch.Tensor) -> torch.Tensor:
        seen.append(len(images))
        return Preprocessing()(images)

    labels = torch.arange(num_images) % 10
    images = labels.to(torch.uint8)[:, None, None].expand(-1, 28, 28)
    part = BatchSource(
        images, labels, torch.arange(num_images), watch,  # type: ignore[arg-type]
        32, torch.device("cpu"), torch.contiguous_format,
    )  # fmt: skip
    order = epoch_order(num_images, seed=0, epoch=0)
    preview = list(islice(part.epoch(order), 3))
    assert [(tuple(shown.shape), tuple(named.shape)) for shown, named in preview] == [
        ((32, 1, 28, 28), (32,))
    ] * 3
    assert all(torch.equal((shown[:, 0, 5, 5] * 255).round().long(), named) for shown, named in preview)
    assert sum(seen) <= STRETCH
    assert order[:96].max() > STRETCH, "the whole set is shuffled, not a window at its beginning"


def test_nothing_is_left_of_an_epoch_whose_batches_are_all_done() -> None:
    order = epoch_order(20, seed=0, epoch=0)
    assert list(source().epoch(order, first_batch=3)) == []


def test_batches_prepared_ahead_are_the_same():
    """D11: a thread that loads in parallel changes neither order nor values."""
    order = epoch_order(5000, seed=0, epoch=0) % 256
    plain = list(source(256, batch_size=64).epoch(order, first_batch=3))
    ahead = list(source(256, batch_size=64).epoch(order, first_batch=3, ahead=True))
    assert len(plain) == len(ahead) == 76
    for (images, labels), (other_images, other_labels) in zip(plain, ahead, strict=True):
        assert torch.equal(images, other_images)
        assert torch.equal(labels, other_labels)
    assert list(source(20).epoch(torch.arange(20), first_batch=3, ahead=True)) == []


def test_a_fault_on_the_loading_thread_is_raised_here():
    """D11: an index outside the images ends the epoch with the error, not with a hang."""
    with pytest.raises(IndexError, match=r"out of range|out of bounds"):
        list(source(20).epoch(torch.tensor([0, 99]), ahead=True))


def test_images_are_changed_between_scaling_and_mean():
    """Black and white are 0 and 1 where the change sees them, and standardised afterwards."""
    seen = []

    def turn_white(images, number):
        seen.append((float(images.min()), float(images.max()), number))
        return torch.ones_like(images)

    part = source(20, mean=0.5, std=0.25)
    ((images, _), *_) = part.epoch(torch.arange(20), augment=turn_white)
    assert all(0 <= low < high <= 1 for low, high, _ in seen)
    expected = (1 - part.preprocessing.mean) / part.preprocessing.std
    torch.testing.assert_close(images, torch.full_like(images, expected))


@pytest.mark.parametrize("ahead", [False, True])
def test_each_batch_is_changed_under_its_own_number(ahead):
    """4,300 images in batches of 64 are 68, in stretches of 32 batches; a resume begins within one."""
    part, order = source(256, batch_size=64), epoch_order(4300, seed=0, epoch=0) % 256
    part = replace(part, indices=torch.arange(256).repeat(17))
    numbers = []

    def note(images, number):
        numbers.append((number, len(images)))
        return images

    plain = list(part.epoch(order, first_batch=5))
    changed = list(part.epoch(order, first_batch=5, ahead=ahead, augment=note))
    assert numbers == [(number, 64) for number in range(5, 67)] + [(67, 4300 - 67 * 64)]
    assert all(torch.equal(one, other) for (one, _), (other, _) in zip(plain, changed, strict=True))
