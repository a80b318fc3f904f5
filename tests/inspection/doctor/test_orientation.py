"""Checks of orientation: against the train part, against known digits, and of augmentation."""

import numpy as np
import pytest
import torch
from tests.bars import bars

from inkwise.data.load import load_dataset
from inkwise.inspection.doctor.data import as_grey
from inkwise.inspection.doctor.labels import nearest_mean
from inkwise.inspection.doctor.orientation import (
    REFERENCE,
    TURNS,
    check_mirrored,
    check_turned,
    check_upright,
    cut_to_ink,
)

DIGITS = load_dataset("digits")
IMAGES, LABELS = as_grey(DIGITS.train.images), torch.from_numpy(DIGITS.train.labels)
TURNED = [name for name in TURNS if name != "as they are"]


def test_reference_is_the_mean_of_the_digits_set() -> None:
    """Numbers in the source are derived: the mean of each digit's cut images, scaled to 0 to 15."""
    cut = cut_to_ink(IMAGES)
    for digit, known in enumerate(REFERENCE):
        average = cut[digit == LABELS].mean(0)
        scaled = (average - average.min()) / (average.max() - average.min()) * 15
        assert "".join(f"{value:x}" for value in scaled.round().long().flatten().tolist()) == known


def test_turns_are_the_eight_of_a_square() -> None:
    square = torch.arange(9).view(1, 3, 3)
    assert len({tuple(turn(square).flatten().tolist()) for turn in TURNS.values()}) == 8


@pytest.mark.parametrize("name", TURNED)
def test_turned_test_images_name_the_turn_back(name: str) -> None:
    answer = nearest_mean(IMAGES, LABELS, num_classes=10)
    (back,) = (n for n, turn in TURNS.items() if torch.equal(turn(TURNS[name](IMAGES[:1])), IMAGES[:1]))
    assert check_turned(answer, IMAGES, LABELS) is None
    finding = check_turned(answer, TURNS[name](IMAGES), LABELS)
    assert finding is not None
    assert f"when {back}." in finding.evidence


@pytest.mark.parametrize("name", TURNED)
def test_digits_turned_in_both_parts_are_seen_by_their_looks(name: str) -> None:
    assert check_upright(IMAGES, LABELS, classes=DIGITS.classes) is None
    assert check_upright(TURNS[name](IMAGES), LABELS, classes=DIGITS.classes) is not None


def test_dark_ink_on_paper_is_looked_at_too() -> None:
    assert check_upright(1 - IMAGES, LABELS, classes=DIGITS.classes) is None
    assert check_upright(1 - IMAGES.transpose(1, 2), LABELS, classes=DIGITS.classes) is not None


def test_mnist_and_usps_are_upright(real_data) -> None:  # type: ignore[no-untyped-def]
    for name in ("mnist", "usps"):
        real_data(name)
        dataset = load_dataset(name)
        images, labels = as_grey(dataset.train.images[:2000]), torch.tensor(dataset.train.labels[:2000])
        assert check_upright(images, labels, classes=dataset.classes) is None
        for name in TURNED:
            assert check_upright(TURNS[name](images), labels, classes=dataset.classes) is not None


def test_what_is_called_a_digit_and_is_none_is_left_alone() -> None:
    split = bars(400)
    classes = tuple("0123456789")
    assert check_upright(as_grey(split.images), torch.from_numpy(split.labels), classes=classes) is None
    assert check_upright(IMAGES.transpose(1, 2), LABELS, classes=tuple("abcdefghij")) is None


def test_batch_of_shifted_originals_is_not_mirrored() -> None:
    batch = torch.from_numpy(np.roll(IMAGES[:128].numpy(), 1, axis=2))
    assert check_mirrored(batch, IMAGES) is None
    finding = check_mirrored(batch.flip(1), IMAGES)
    assert finding is not None
    assert "mirrored top to bottom" in finding.evidence


def test_images_unlike_every_original_say_nothing() -> None:
    assert check_mirrored(as_grey(DIGITS.test.images), IMAGES) is None
