"""Checks of the labels: places, numbers, order."""

import numpy as np
import pytest
import torch
from tests.bars import bars

from inkwise.inspection.doctor.data import as_grey
from inkwise.inspection.doctor.labels import (
    check_classes,
    check_numbers,
    check_places,
    check_same_order,
    check_shuffled,
    nearest_mean,
)


def shuffled_bars(num_images: int = 400) -> tuple[np.ndarray, torch.Tensor]:
    split = bars(num_images)
    order = np.random.default_rng(0).permutation(num_images)
    return split.images[order], torch.from_numpy(split.labels[order])


def test_nearest_mean_by_hand() -> None:
    """Class means are 1 and 4; class 2 has no images and is never answered."""
    images = torch.tensor([0.0, 2.0, 4.0]).view(3, 1, 1)
    answer = nearest_mean(images, torch.tensor([0, 0, 1]), num_classes=3)
    assert answer(torch.tensor([2.4, 2.6, 0.0]).view(3, 1, 1)).tolist() == [0, 1, 0]


@pytest.mark.parametrize(("shift", "word"), [(-1, "next"), (1, "previous")])
def test_label_one_place_off_names_the_side(shift: int, word: str) -> None:
    """Rolled by -1, label i is that of image i + 1, so image i fits the label one place back."""
    images, labels = shuffled_bars()
    assert check_places(images, labels, num_classes=10) is None
    finding = check_places(images, labels.roll(-shift), num_classes=10)
    assert finding is not None
    assert f"that of the {word} image" in finding.evidence


def test_sorted_labels_are_no_shift() -> None:
    """In a file sorted by class every label but a few fits both neighbours."""
    images, labels = shuffled_bars()
    order = labels.argsort()
    assert check_places(images[order.numpy()], labels[order], num_classes=10) is None


def test_labels_from_one_are_named_only_where_they_reach_the_end() -> None:
    labels = torch.arange(200) % 10
    assert check_numbers(labels, num_classes=10) is None
    finding = check_numbers(labels + 1, num_classes=11)
    assert finding is not None
    assert finding.evidence == "200 labels run from 1 to 10, and none is 0, of 11 classes."
    assert check_numbers(labels % 5 + 1, num_classes=11) is None, "some classes are missing at both ends"


def test_test_labels_one_class_off_name_the_way_back() -> None:
    images, labels = shuffled_bars()
    grey = as_grey(images)
    answer = nearest_mean(grey, labels, num_classes=10)
    assert check_classes(answer, grey, labels, num_classes=10) is None
    finding = check_classes(answer, grey, (labels + 1) % 10, num_classes=10)
    assert finding is not None
    assert finding.advice.startswith("Subtract 1 from every test label")


def test_order_by_class_is_told_with_what_chance_gives() -> None:
    """100 labels in ten blocks: 90 of 99 neighbours are alike; shuffled it would be a tenth."""
    labels = torch.arange(10).repeat_interleave(10)
    finding = check_shuffled(labels)
    assert finding is not None
    assert finding.evidence == "91 % of 100 images follow one of their own class; shuffled it would be 10 %."
    assert check_shuffled(labels[torch.randperm(100, generator=torch.Generator().manual_seed(0))]) is None


def test_rare_classes_make_alike_neighbours_by_chance() -> None:
    """Nine of ten images of one class: 82 % of neighbours are alike, shuffled as they are."""
    labels = (torch.rand(1000, generator=torch.Generator().manual_seed(0)) < 0.1).long()
    assert check_shuffled(labels) is None


def test_repeated_epoch_is_found_and_a_repeated_batch_is_not() -> None:
    assert check_same_order([1, 2, 3, 4, 1, 2, 3, 4]) is not None
    assert check_same_order([1, 2, 3, 4, 3, 1, 4, 2]) is None
    assert check_same_order([7] * 100) is None, "one batch again and again is a trial"
