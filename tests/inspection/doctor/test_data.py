"""Checks of the images: range, channels, overlap."""

import numpy as np
import pytest
import torch
from tests.bars import bars

from inkwise.inspection.doctor.data import (
    check_bytes,
    check_channels,
    check_overlap,
    check_range,
    choose_places,
)


def test_range_tells_both_ends_and_the_share_outside() -> None:
    """Of 0, 1, 2, 3 the two above 1 lie outside [0, 1]."""
    finding = check_range(torch.tensor([0.0, 1.0, 2.0, 3.0]), declared=(0.0, 1.0))
    assert finding is not None
    assert finding.evidence == "Found 0 to 3, declared 0 to 1; 50.0 % of the pixels lie outside."


@pytest.mark.parametrize(
    ("values", "is_found"),
    [([-1.0, 1.0], False), ([-1.0, 1.0001], False), ([-1.0, 1.1], True), ([float("nan")], True)],
)
def test_range_allows_rounding_and_no_more(values: list[float], is_found: bool) -> None:
    assert (check_range(torch.tensor(values), declared=(-1.0, 1.0)) is not None) is is_found


def test_imagenet_and_mnist_scaling_is_within_the_undeclared_range() -> None:
    for mean, std in ((0.485, 0.229), (0.1307, 0.3081), (0.5, 0.5)):
        assert check_range((torch.tensor([0.0, 1.0]) - mean) / std) is None


@pytest.mark.parametrize(("brightest", "factor"), [(1, 255), (16, 15)])
def test_bytes_scaled_before_name_the_factor(brightest: int, factor: int) -> None:
    images = np.full((5, 28, 28), brightest, np.uint8)
    finding = check_bytes(images)
    assert finding is not None
    assert f"multiply by {factor} " in finding.advice
    assert check_bytes(images * np.uint8(8) + np.uint8(24)) is None


def test_three_numbers_for_one_channel_are_found_without_looking() -> None:
    """S0-4, S1-2: Normalize((.5, .5, .5), (.5, .5, .5)) on grey images."""
    finding = check_channels(torch.zeros(2, 1, 28, 28), mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    assert finding is not None
    assert finding.evidence == "The images have 1 channel, mean and std have 3 numbers."
    assert check_channels(torch.zeros(2, 1, 28, 28), mean=(0.5,), std=(0.5,)) is None


def test_channels_that_differ_a_little_are_colours() -> None:
    grey = torch.from_numpy(bars(10).images)[:, None].float()
    tinted = grey.repeat(1, 3, 1, 1)
    assert check_channels(tinted) is not None
    tinted[:, 1, :14] *= 0.5
    assert check_channels(tinted) is None


@pytest.mark.parametrize("at_once", [4096, 10])
def test_overlap_counts_copies_to_the_image(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inkwise.inspection.doctor.data._HASHED_AT_ONCE", at_once)
    first, second = bars(100).images, bars(100, seed=1).images
    assert check_overlap(first, second) is None
    finding = check_overlap(first, np.concatenate((second, first[:25])))
    assert finding is not None
    assert finding.evidence.startswith("20.0 % of 125 test images stand in train, equal in every pixel.")


def test_equal_parts_are_called_the_same() -> None:
    images = bars(100).images
    finding = check_overlap(images, images[::-1].copy(), names=("validation", "test"))
    assert finding is not None
    assert finding.what == "The test part is the same as the validation part."


def test_one_pixel_of_one_step_makes_another_image() -> None:
    images = bars(100).images
    changed = images.copy()
    changed[:, 27, 27] ^= 1
    assert check_overlap(images, changed) is None


def test_places_are_drawn_in_order_without_repeats() -> None:
    places = choose_places(1000, 100)
    assert len(set(places.tolist())) == 100
    assert places.tolist() == sorted(places.tolist())
    assert choose_places(5, 100).tolist() == [0, 1, 2, 3, 4]
    assert len(set((choose_places(800, 400) % 10).tolist())) == 10, "evenly spaced, only even places come"
