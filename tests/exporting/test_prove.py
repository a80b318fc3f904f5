"""Equal or not: what counts as a difference, and what is said of it."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from tests.exporting.classifiers import random_classifier

from inkwise.errors import ExportError
from inkwise.exporting.prove import (
    Difference,
    answer_in_pytorch,
    check_equal,
    compare_answers,
    measure_pytorch,
)

IMAGES = np.arange(20, dtype=np.uint8)[:, None, None].repeat(28, axis=1).repeat(28, axis=2)
EXPECTED = np.tile(np.array([0.7, 0.3], np.float32), (20, 1))


def answer_with(index: int, row: list[float], *, batch: int | None = None):
    """Return an answer that is the expected one but for the image at index; for batches of one size only."""

    def answer(images: np.ndarray) -> np.ndarray:
        found = np.tile(EXPECTED[:1], (len(images), 1))
        if batch is None or len(images) == batch:
            found[images[:, 0, 0] == index] = row
        return found

    return answer


@pytest.mark.parametrize(
    ("row", "num_other", "greatest"), [([0.7, 0.3], 0, 0.0), ([0.6, 0.4], 0, 0.1), ([0.4, 0.6], 1, 0.3)]
)
def test_difference_is_counted(row: list[float], num_other: int, greatest: float) -> None:
    found = compare_answers(answer_with(15, row), EXPECTED, IMAGES)
    assert (found.num_images, found.num_other_classes) == (20, num_other)
    assert found.greatest_difference == pytest.approx(greatest, abs=1e-6)


def test_image_asked_alone_counts_too() -> None:
    found = compare_answers(answer_with(3, [0.6, 0.4], batch=1), EXPECTED, IMAGES)
    assert found.greatest_difference == pytest.approx(0.1, abs=1e-6)


def test_answer_that_is_no_number_is_refused() -> None:
    with pytest.raises(ExportError, match=r"with shape \(30, 2\) or with NaN, .* nothing was written"):
        compare_answers(answer_with(15, [np.nan, 0.3]), EXPECTED, IMAGES)


def test_another_number_of_classes_is_refused() -> None:
    with pytest.raises(
        ExportError, match=r"shape \(30, 2\) or with NaN, expected numbers of shape \(30, 3\)"
    ):
        compare_answers(answer_with(0, [0.7, 0.3]), np.zeros((20, 3), np.float32), IMAGES)


@pytest.mark.parametrize(("num_other", "greatest"), [(1, 0.0), (0, 1.1e-5)])
def test_what_is_not_equal_is_refused_with_its_figures(num_other: int, greatest: float) -> None:
    difference = Difference(num_images=1000, num_other_classes=num_other, greatest_difference=greatest)
    words = (
        f"the model: {num_other} of 1,000 images get another class and probabilities differ by up to "
        f"{greatest:.1e} from PyTorch's, expected none and at most 1e-05; nothing was written"
    )
    with pytest.raises(ExportError, match=re.escape(words)):
        check_equal(difference, name="the model")


def test_difference_of_rounding_is_equal() -> None:
    check_equal(Difference(num_images=9, num_other_classes=0, greatest_difference=1e-5), name="the model")


@pytest.mark.parametrize("name", ["mlp-class", "cnn-lenet", "cnn-keras"])
def test_plain_answer_is_what_the_classifier_says(name: str) -> None:
    classifier = random_classifier(name)
    found = answer_in_pytorch(classifier)(IMAGES)
    np.testing.assert_allclose(found, classifier.predict(IMAGES).probabilities, atol=1e-6)


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def test_pytorch_is_timed_in_the_layout_that_it_answers_in() -> None:
    """Two times as slow would be a measurement of the wrong layout."""
    classifier = random_classifier("cnn-keras")
    seen: list[bool] = []
    last = [layer for layer in classifier.network.modules() if isinstance(layer, torch.nn.Conv2d)][-1]
    last.register_forward_hook(
        lambda layer, given, found: seen.append(found.is_contiguous(memory_format=torch.channels_last))
    )
    answer_in_pytorch(classifier)(IMAGES)
    classifier.log_probabilities(IMAGES)
    assert seen == [True, True]


@pytest.mark.usefixtures("three_threads")
def test_measuring_leaves_network_and_threads_as_they_were() -> None:
    classifier = random_classifier("mlp-class")
    classifier.network.train()
    speed = measure_pytorch(classifier, IMAGES)
    assert (speed.runtime, torch.get_num_threads()) == ("PyTorch", 3)
    assert classifier.network.training
    assert speed.one_image_seconds > 0
    assert speed.images_per_second > 0
