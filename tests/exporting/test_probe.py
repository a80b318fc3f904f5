"""The images an export is proved on: which they are, and that none is a test image."""

import numpy as np
import pytest

from inkwise.classifier_file import FORMAT, Header
from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.data.splits import split_validation
from inkwise.errors import DataError
from inkwise.exporting.probe import find_probe
from inkwise.preprocessing import Preprocessing

DIGITS = [str(digit) for digit in range(10)]


def header(*, fraction: float | None = 0.5, dataset: str = "digits", classes: list[str] = DIGITS) -> Header:
    recipe = {"data": {"dataset": dataset, "validation_fraction": fraction}, "training": {"seed": 7}}
    return Header(
        format=FORMAT, network="-", output="logits", preprocessing=Preprocessing(), classes=classes,
        recipe=recipe if fraction is not None else {}, provenance={"dataset": dataset},
    )  # fmt: skip


def pixels(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_validation_images_of_the_run_come_first() -> None:
    """719 of the 1,438 training images of digits; the recipe's seed says which."""
    train = load_dataset("digits").train
    learned, validation = split_validation(train.labels, fraction=0.5, seed=7)
    probe = find_probe(header())
    num_validation = len(validation)
    assert (
        probe.words
        == f"{num_validation:,} validation images and {1000 - num_validation:,} training images of digits"
    )
    assert np.array_equal(probe.images[:num_validation], train.images[validation])
    assert pixels(probe.images[num_validation:]) <= pixels(train.images[learned])
    assert probe.validation is not None
    assert probe.train is not None
    assert np.array_equal(probe.validation.labels, train.labels[validation])
    assert pixels(probe.train.images) <= pixels(train.images[learned])


def test_without_a_recipe_nothing_counts_as_validation() -> None:
    probe = find_probe(header(fraction=None))
    assert (probe.words, probe.validation) == ("1,000 training images of digits", None)


def test_no_test_image_is_looked_at() -> None:
    """A set whose test images can be told from the rest."""
    blank, labels = np.zeros((30, 28, 28), np.uint8), np.arange(30, dtype=np.int64) % 10
    dataset = Dataset("own", tuple(DIGITS), Split(blank, labels), Split(blank + 255, labels))
    probe = find_probe(header(), data=dataset)
    assert probe.words.endswith(" of own and 970 of blocks drawn by chance")
    assert not (probe.images == 255).all(axis=(1, 2)).any()
    assert probe.images.shape == (1000, 28, 28)


def test_data_that_is_not_at_hand_gives_blocks_drawn_by_chance() -> None:
    probe = find_probe(header(dataset="mnist"))
    assert (probe.words, probe.train, probe.validation) == (
        "1,000 images of blocks drawn by chance", None, None,
    )  # fmt: skip
    assert len(pixels(probe.images)) > 990  # of 4 blocks a few are drawn twice
    assert np.array_equal(probe.images, find_probe(header(dataset="mnist")).images)


def test_named_data_that_cannot_be_loaded_is_an_error() -> None:
    with pytest.raises(DataError, match="unknown dataset 'mnits'"):
        find_probe(header(), data="mnits")


class Listed:
    """Images on the disk, as it were: what is asked for is noted."""

    def __init__(self, images: np.ndarray) -> None:
        self.images, self.dtype, self.shape, self.asked = images, images.dtype, images.shape, list[int]()

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        self.asked.append(len(indices))
        return self.images[indices]


def test_validation_images_are_read_only_where_they_are_asked_for() -> None:
    digits = load_dataset("digits")
    images = Listed(digits.train.images)
    train = Split(images, digits.train.labels)  # type: ignore[arg-type]
    probe = find_probe(header(), data=Dataset("digits", digits.classes, train, digits.test))
    assert images.asked == [1000]
    assert probe.validation is not None
    assert images.asked == [1000, 719]


def test_validation_images_of_a_large_set_are_taken_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second of 719, and so not the first class alone."""
    monkeypatch.setattr("inkwise.exporting.probe.MOST_TO_JUDGE", 350)
    validation = find_probe(header()).validation
    assert validation is not None
    assert len(validation) == 350
    assert len(np.unique(validation.labels)) == 10


def test_labels_are_matched_by_the_names_of_the_classes() -> None:
    plain, turned = find_probe(header()).validation, find_probe(header(classes=DIGITS[::-1])).validation
    assert plain is not None
    assert turned is not None
    assert np.array_equal(turned.labels, 9 - plain.labels)


def test_class_the_classifier_does_not_know_leaves_nothing_to_judge_by() -> None:
    assert find_probe(header(classes=DIGITS[:9])).validation is None
