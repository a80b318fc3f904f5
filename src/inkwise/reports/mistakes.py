"""The wrong images as the report shows them: the surest, the classes taken for one another, the contested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from inkwise.data.catalogue import CATALOGUE, ContestedLabel
from inkwise.figures.percent import say_percent
from inkwise.reports.page import picture_address

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from inkwise.data.dataset import Dataset
    from inkwise.evaluation.evaluate import Evaluation

_MOST_PAIRS = 4
_MOST_SHOWN = 6  # images of a pair, each way


@dataclass(frozen=True)
class ImageCard:
    """One test image with its label and the classifier's answer.

    Attributes:
        picture: a data: address of the 28x28 pixels as PNG.
        index: its place in the test part.
        label, answer: class names.
        sure, sure_of_label: the probabilities of answer and label, in [0, 1].
        votes: what people said of its label, where that is contested, else nothing.
    """

    picture: str
    index: int
    label: str
    answer: str
    sure: float
    sure_of_label: float
    votes: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answer is the label."""
        return self.answer == self.label


@dataclass(frozen=True)
class Confusion:
    """Images of one class taken for another: how many, and the surest of them."""

    label: str
    answer: str
    count: int
    cards: tuple[ImageCard, ...]


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes and the one or two ways in which they were taken for one another."""

    classes: tuple[str, str]
    ways: tuple[Confusion, ...]

    @property
    def num_errors(self) -> int:
        """The errors of both ways."""
        return sum(way.count for way in self.ways)


@dataclass(frozen=True)
class Contested:
    """The labels of the test part that people disagree with, and what they do to the result.

    Attributes:
        cards: one a contested label, right answers too.
        num_errors: contested images that count as errors.
        accuracy_without: of the other images.
    """

    cards: tuple[ImageCard, ...]
    num_errors: int
    accuracy_without: float


class Answers:
    """What a classifier answered to the test part of a data set, as cards.

    Args:
        dataset: its test part was evaluated.
        log_probabilities: (N, K) float, the outputs for dataset.test.
    """

    def __init__(self, dataset: Dataset, log_probabilities: Tensor) -> None:
        self._dataset = dataset
        self._probabilities: NDArray[np.float64] = log_probabilities.double().exp().numpy()
        self._predicted = log_probabilities.argmax(dim=1).numpy()
        self._votes = contested_labels(dataset)

    @property
    def mean_confidence(self) -> float:
        """The mean of the largest probabilities, in [0, 1]."""
        return float(self._probabilities.max(axis=1).mean())

    def card(self, index: int) -> ImageCard:
        """Return the card of test image index."""
        classes, label = self._dataset.classes, int(self._dataset.test.labels[index])
        answer, row = int(self._predicted[index]), self._probabilities[index]
        return ImageCard(
            picture=picture_address(self._dataset.test.images[index]),
            index=index,
            label=classes[label],
            answer=classes[answer],
            sure=float(row[answer]),
            sure_of_label=float(row[label]),
            votes=say_votes(self._votes[index], classes) if index in self._votes else "",
        )

    def confused_pairs(self, evaluation: Evaluation) -> list[ConfusedPair]:
        """Return the classes most often taken for one another: at most four pairs, the worst first."""
        confusion = np.array(evaluation.confusion_matrix)
        both = {
            (a, b): int(confusion[a, b] + confusion[b, a]) for a, b in combinations(range(len(confusion)), 2)
        }
        worst = sorted((pair for pair in both if both[pair]), key=lambda pair: -both[pair])[:_MOST_PAIRS]
        return [self._pair(a, b) for a, b in worst]

    def contested(self, evaluation: Evaluation) -> Contested | None:
        """Return the contested labels of the test part; None where none are known."""
        if not self._votes:
            return None
        cards = tuple(self.card(index) for index in self._votes)
        num_errors = sum(not card.is_right for card in cards)
        others = evaluation.num_images - len(cards)
        return Contested(cards, num_errors, 1 - (evaluation.num_errors - num_errors) / others)

    def _pair(self, a: int, b: int) -> ConfusedPair:
        classes = self._dataset.classes
        ways = sorted((self._way(a, b), self._way(b, a)), key=lambda way: -way.count)
        return ConfusedPair((classes[a], classes[b]), tuple(way for way in ways if way.count))

    def _way(self, label: int, answer: int) -> Confusion:
        indices = np.flatnonzero((self._dataset.test.labels == label) & (self._predicted == answer))
        surest = indices[np.argsort(-self._probabilities[indices, answer], kind="stable")]
        classes, cards = self._dataset.classes, map(self.card, surest[:_MOST_SHOWN].tolist())
        return Confusion(classes[label], classes[answer], len(indices), tuple(cards))


def contested_labels(dataset: Dataset) -> Mapping[int, ContestedLabel]:
    """Return the contested test labels of dataset by index; none unless its test part is the catalogue's."""
    entry, labels = CATALOGUE.get(dataset.name), dataset.test.labels
    if entry is None or len(labels) != entry.num_test:
        return {}
    contested = entry.contested_test_labels
    if any(labels[row.index] != row.label for row in contested):  # the same name, in another order
        return {}
    return {row.index: row for row in contested}


def say_votes(contested: ContestedLabel, classes: Sequence[str]) -> str:
    """Return how five people voted on a label, such as "0 of 5 said 8, 5 said 9"."""
    votes = f"{contested.votes_label} of 5 said {classes[contested.label]}"
    if contested.votes_guessed:
        votes += f", {contested.votes_guessed} said {classes[contested.guessed]}"
    return votes + (f", {contested.votes_neither} neither" if contested.votes_neither else "")


def say_contested(contested: Contested, evaluation: Evaluation) -> str:
    """Return how much of the error stands on contested labels, in two sentences."""
    among = "none" if not contested.num_errors else f"{contested.num_errors:,}"
    are = "is" if contested.num_errors == 1 else "are"
    return (
        f"People disagree with {len(contested.cards)} of the {evaluation.num_images:,} test labels, "
        f"and {among} of the {evaluation.num_errors:,} errors {are} on those. "
        f"Without these images {say_percent(contested.accuracy_without)} are recognised."
    )
