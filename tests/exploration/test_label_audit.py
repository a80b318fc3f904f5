"""Planted wrong labels are found; what cannot be judged is said to be so."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.bars import bars, bars_dataset

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import DataError
from inkwise.exploration import label_audit
from inkwise.exploration.folds import OutOfFold
from inkwise.exploration.label_audit import audit_labels


@pytest.fixture(scope="module")
def planted() -> tuple[Dataset, set[int], set[int]]:
    """Bars of which five train labels and three test labels are one too high."""
    clean = bars_dataset(200, 60)
    wrong_train, wrong_test = {3, 50, 77, 120, 199}, {4, 20, 59}
    parts = []
    for split, wrong in ((clean.train, wrong_train), (clean.test, wrong_test)):
        labels = split.labels.copy()
        labels[sorted(wrong)] = (labels[sorted(wrong)] + 1) % 10
        parts.append(Split(split.images, labels))
    return Dataset("planted", clean.classes, *parts), wrong_train, wrong_test


@pytest.mark.slow
def test_planted_labels_are_the_most_doubtful(planted: tuple[Dataset, set[int], set[int]]) -> None:
    dataset, wrong_train, wrong_test = planted
    found = audit_labels(dataset, contested=(4, 20, 7), device="cpu")
    assert {suspect.index for suspect in found.train.suspects[:5]} == wrong_train
    assert {suspect.index for suspect in found.test.suspects[:3]} == wrong_test
    for suspect in found.train.suspects[:5]:
        assert suspect.suggested == (suspect.label - 1) % 10
        assert suspect.probability < 0.5 < suspect.suggested_probability
    assert len(found.train.suspects) == 50
    assert found.train.num_suspicious == 5
    assert found.contested is not None
    assert found.contested.num_known == 3
    assert found.contested.num_found >= 2
    assert f"{found.train.num_suspicious} of 200 train labels and" in found.verdict
    assert found.seconds > 0


def judge(dataset: Dataset, train: list[list[float]], test: list[list[float]]) -> tuple:
    return label_audit._judge(dataset, OutOfFold(np.array(train), np.array(test)))


def small(train: list[int], test: list[int]) -> Dataset:
    parts = (Split(np.zeros((len(k), 28, 28), np.uint8), np.array(k)) for k in (train, test))
    return Dataset("small", ("a", "b", "c"), *parts)


def test_suspects_ascend_by_the_probability_of_their_label() -> None:
    train, test = judge(
        small([0, 0, 1, 1], [0, 1]),
        [[0.9, 0.1, 0], [0.2, 0.8, 0], [0.4, 0.6, 0], [0.99, 0.01, 0]],
        [[0.7, 0.3, 0], [0.5, 0.4, 0.1]],
    )
    assert [(s.index, s.label, s.suggested) for s in train.suspects] == [
        (3, 1, 0), (1, 0, 1), (2, 1, 1), (0, 0, 0),
    ]  # fmt: skip
    assert [s.probability for s in train.suspects] == [0.01, 0.2, 0.6, 0.9]
    assert train.accuracy == 0.5
    assert [(s.index, s.suggested_probability) for s in test.suspects] == [(1, 0.5), (0, 0.7)]


def test_class_that_a_judge_may_not_have_seen_is_left_out() -> None:
    """Class c has one train image: the network that judges it has seen none."""
    train, test = judge(
        small([0, 0, 1, 1, 2], [2, 2]), [[0.6, 0.4, 0]] * 5, [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]]
    )
    assert (train.num_judged, train.num_unjudged) == (4, 1)
    assert all(suspect.label != 2 for suspect in train.suspects)
    assert (test.num_judged, test.num_unjudged, test.accuracy, test.suspects) == (0, 2, None, ())


def test_test_part_of_one_class_is_judged() -> None:
    train, test = judge(
        small([0, 0, 1, 1], [1, 1]),
        [[0.9, 0.1, 0], [0.8, 0.2, 0], [0.3, 0.7, 0], [0.2, 0.8, 0]],
        [[0.1, 0.9, 0], [0.95, 0.05, 0]],
    )
    assert (train.accuracy, test.accuracy) == (1, 0.5)
    assert test.suspects[0].index == 1


@pytest.mark.parametrize(("labels", "said"), [([0, 1], "2 train images"), ([0, 0, 0, 1], "4 train images")])
def test_too_few_images_are_refused(labels: list[int], said: str) -> None:
    with pytest.raises(DataError, match=rf"{said} are too few to audit labels; .* leave out --audit-labels"):
        audit_labels(small(labels, [0]), device="cpu")


def test_fewer_images_than_folds_take_fewer_folds() -> None:
    images = bars(4, num_classes=2)
    dataset = Dataset("four", ("a", "b"), Split(images.images, images.labels), bars(2, num_classes=2))
    found = audit_labels(dataset, device="cpu")
    assert found.num_folds == 4
    assert found.train.num_judged == 4


def test_larger_part_is_sampled_with_its_own_indices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_audit, "AUDITED_IMAGES", 30)
    dataset = bars_dataset(100, 20, num_classes=2)
    sampled, train_indices, test_indices = label_audit._draw(dataset)
    assert (len(sampled.train), len(sampled.test)) == (30, 20)
    np.testing.assert_array_equal(dataset.train.labels[train_indices], sampled.train.labels)
    np.testing.assert_array_equal(test_indices, np.arange(20))
    probabilities = [np.eye(2)[labels] for labels in (sampled.train.labels, sampled.test.labels)]
    train, _ = label_audit._judge(sampled, OutOfFold(*probabilities))
    placed = label_audit._place(train, train_indices, num_images=100)
    assert (placed.num_judged, placed.num_unjudged) == (30, 70)
    for suspect in placed.suspects:
        assert dataset.train.labels[suspect.index] == suspect.label


@pytest.mark.slow
def test_mnist_contested_labels_are_found(mnist_folder: Path, real_data: Callable[[str], Path]) -> None:
    """At least 9 of the 15 test labels that people disagree with are among the 50 most doubtful."""
    from inkwise.data.catalogue import CATALOGUE

    contested = CATALOGUE["mnist"].contested_test_indices
    found = audit_labels(load_dataset("mnist"), contested=contested, device="cpu")
    assert found.contested is not None
    assert found.contested.num_known == 15
    assert found.contested.num_found >= 9
