"""Confused pairs and contested labels are counted from the answers, and their cards say what happened."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inkwise.data.catalogue import CATALOGUE, ContestedLabel
from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs
from inkwise.reports.mistakes import Answers, contested_labels, say_contested, say_votes


def _outputs(predicted: list[int], sure: list[float]) -> torch.Tensor:
    """Three classes; the two others share what is left."""
    rows = torch.tensor([[(1 - p) / 2] * 3 for p in sure], dtype=torch.float64)
    rows[torch.arange(len(sure)), torch.tensor(predicted)] = torch.tensor(sure, dtype=torch.float64)
    return rows.log()


def _evaluate(outputs: torch.Tensor, dataset: Dataset) -> Evaluation:
    labels = torch.tensor(dataset.test.labels)
    return evaluate_outputs(outputs, labels, classes=dataset.classes, dataset=dataset.name, split_name="test")


@pytest.fixture
def pets() -> Dataset:
    """Image k is filled with the grey k; labels cat, cat, dog, dog, fox, fox."""
    images = np.repeat(np.arange(6, dtype=np.uint8), 28 * 28).reshape(6, 28, 28)
    split = Split(images, np.array([0, 0, 1, 1, 2, 2]))
    return Dataset("pets", ("cat", "dog", "fox"), split, split)


def test_confused_pairs_count_both_ways_and_show_the_surest_first(pets: Dataset) -> None:
    """Both cats are called dogs, one dog a cat, one fox a dog."""
    outputs = _outputs([1, 1, 0, 1, 1, 2], [0.7, 0.9, 0.8, 0.9, 0.6, 0.9])
    pairs = Answers(pets, outputs).confused_pairs(_evaluate(outputs, pets))
    assert [(pair.classes, pair.num_errors) for pair in pairs] == [(("cat", "dog"), 3), (("dog", "fox"), 1)]
    first, second = pairs[0].ways
    assert (first.label, first.answer, first.count) == ("cat", "dog", 2)
    assert [card.index for card in first.cards] == [1, 0]
    assert (second.label, [card.index for card in second.cards]) == ("dog", [2])
    assert len(pairs[1].ways) == 1


def test_card_tells_label_answer_and_both_probabilities(pets: Dataset) -> None:
    card = Answers(pets, _outputs([1] * 6, [0.7] * 6)).card(0)
    assert (card.index, card.label, card.answer, card.is_right) == (0, "cat", "dog", False)
    assert (card.sure, card.sure_of_label) == (pytest.approx(0.7), pytest.approx(0.15))
    assert card.votes == ""


def test_confidence_is_the_mean_of_the_largest_probabilities(pets: Dataset) -> None:
    answers = Answers(pets, _outputs([1] * 6, [0.7, 0.9, 0.8, 0.8, 0.8, 0.8]))
    assert answers.mean_confidence == pytest.approx(0.8)


def test_pairs_of_a_perfect_classifier_are_none(pets: Dataset) -> None:
    outputs = _outputs([0, 0, 1, 1, 2, 2], [0.9] * 6)
    assert Answers(pets, outputs).confused_pairs(_evaluate(outputs, pets)) == []


def test_votes_are_told_without_those_that_nobody_gave() -> None:
    classes = CATALOGUE["mnist"].classes
    assert say_votes(ContestedLabel(947, 8, 9, 0, 5, 0), classes) == "0 of 5 said 8, 5 said 9"
    assert say_votes(ContestedLabel(3520, 6, 4, 2, 0, 3), classes) == "2 of 5 said 6, 3 neither"


def _mnist_sized(labels: np.ndarray) -> Dataset:
    """Black images in the number of MNIST's test part, and none worth training on."""
    test = Split(np.zeros((len(labels), 28, 28), dtype=np.uint8), labels)
    return Dataset("mnist", CATALOGUE["mnist"].classes, test.take(np.arange(2)), test)


@pytest.fixture
def mnist_labels() -> np.ndarray:
    """10,000 labels, those of the contested places as in MNIST, the others 0 and 1 by turns."""
    labels = np.arange(10_000) % 2
    for row in CATALOGUE["mnist"].contested_test_labels:
        labels[row.index] = row.label
    return labels


def test_contested_labels_are_those_of_the_catalogues_own_test_part(mnist_labels: np.ndarray) -> None:
    dataset = _mnist_sized(mnist_labels)
    assert tuple(contested_labels(dataset)) == CATALOGUE["mnist"].contested_test_indices
    assert not contested_labels(replace(dataset, name="./mnist"))
    assert not contested_labels(_mnist_sized(mnist_labels[:-1]))
    assert not contested_labels(_mnist_sized(mnist_labels[::-1].copy()))


def test_contested_errors_are_counted_and_left_out(mnist_labels: np.ndarray) -> None:
    """Wrong on 947 and 1621, which are contested, and on 0, which is not: 9,984 of the other 9,985 right."""
    dataset = _mnist_sized(mnist_labels)
    answers = torch.tensor(mnist_labels)
    answers[[947, 1621, 0]] = 9
    outputs = torch.full((10_000, 10), 0.01, dtype=torch.float64)
    outputs[torch.arange(10_000), answers] = 0.91
    evaluation = _evaluate(outputs.log(), dataset)
    contested = Answers(dataset, outputs.log()).contested(evaluation)
    assert contested is not None
    assert (len(contested.cards), contested.num_errors) == (15, 2)
    assert contested.accuracy_without == pytest.approx(9984 / 9985)
    assert contested.cards[0].votes == "0 of 5 said 8, 5 said 9"
    assert say_contested(contested, evaluation) == (
        "People disagree with 15 of the 10,000 test labels, and 2 of the 3 errors are on those. "
        "Without these images 99.99 % are recognised."
    )


def test_contested_labels_of_the_real_mnist_are_found(real_data: Callable[[str], Path]) -> None:
    real_data("mnist")
    assert len(contested_labels(load_dataset("mnist"))) == 15
