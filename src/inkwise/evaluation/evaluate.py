"""The Evaluation of a classifier: every number that `inkwise evaluate` prints, as one frozen record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from inkwise import metrics
from inkwise.classifier import EVALUATION_BATCH, Classifier
from inkwise.errors import DataError, ShapeError
from inkwise.evaluation.intervals import wilson_interval
from inkwise.files import write_atomically
from inkwise.html_table import html_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inkwise.data.dataset import Split
    from inkwise.runs.run import Run

NUM_WORST_MISTAKES = 24  # kept in the record; fills rows of 2, 3, 4, 6 and 8


class ClassEvaluation(BaseModel):
    """The scores of one class, fractions in [0, 1]; a class never predicted has precision 0."""

    model_config = ConfigDict(frozen=True)

    class_name: str
    label: int
    precision: float
    recall: float
    f1: float
    support: int


class Mistake(BaseModel):
    """One wrong image: its place in the split, its label, and what was said how surely."""

    model_config = ConfigDict(frozen=True)

    index: int
    label: int
    predicted: int
    probability: float


class Evaluation(BaseModel):
    """How one classifier did on one split; model_dump() is what `inkwise evaluate --json` prints.

    Attributes:
        dataset, split: what it was measured on, such as "mnist" and "test".
        num_images, num_errors: counts.
        accuracy: fraction in [0, 1]; accuracy_interval: its Wilson 95 % interval (low, high).
        loss: mean negative log-likelihood in nats.
        expected_calibration_error: fraction in [0, 1], 15 bins.
        per_class: one entry a class, in the order of the labels.
        confusion_matrix: K rows of K counts, [true][predicted].
        classes_never_predicted: names of classes that were not predicted once.
        worst_mistakes: wrong images, the surest wrong answer first, at most 24.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    split: str
    num_images: int
    num_errors: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    expected_calibration_error: float
    per_class: tuple[ClassEvaluation, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]
    classes_never_predicted: tuple[str, ...]
    worst_mistakes: tuple[Mistake, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names in the order of the labels."""
        return tuple(scores.class_name for scores in self.per_class)

    @property
    def lost_classes(self) -> tuple[str, ...]:
        """The names of classes that were not predicted once although images of them are there."""
        supports = {scores.class_name: scores.support for scores in self.per_class}
        return tuple(name for name in self.classes_never_predicted if supports[name])

    def _repr_html_(self) -> str:
        """Return what a notebook shows: two tables, the whole and its classes."""
        low, high = self.accuracy_interval
        whole = [
            ("images right", f"{self.num_images - self.num_errors:,} of {self.num_images:,}"),
            ("accuracy", _percent(self.accuracy, self.num_images)),
            ("its 95 % interval", f"{_percent(low, self.num_images)} to {_percent(high, self.num_images)}"),
            ("loss: mean of -log p, in nats", f"{self.loss:.4f}"),
            ("expected calibration error", f"{self.expected_calibration_error:.2%}"),
        ]
        if self.lost_classes:
            whole.append(("classes never predicted", ", ".join(self.lost_classes)))
        classes = html_table(
            map(_class_row, self.per_class),
            columns=("class", "precision", "recall", "F1", "images"),
            caption="Each class",
            side="right",
        )
        title = f"{self.dataset}, {self.split} part"
        return f"<div>{html_table(whole, caption=title, side='right')}{classes}</div>"


def _class_row(scores: ClassEvaluation) -> list[str]:
    parts = (scores.precision, scores.recall, scores.f1)
    return [
        scores.class_name, *(_percent(part, scores.support) for part in parts), f"{scores.support:,}"
    ]  # fmt: skip


def _percent(fraction: float, num_images: int) -> str:
    """Return a fraction of num_images as percent, in so many digits that a single image shows.

    >>> _percent(99_999 / 100_000, 100_000), _percent(0.9, 10)
    ('99.999%', '90.00%')
    """
    return f"{fraction:.{max(2, len(str(num_images)) - 3)}%}"


def evaluate_classifier(
    classifier: Classifier,
    split: Split,
    *,
    dataset: str,
    split_name: str = "test",
    batch_size: int = EVALUATION_BATCH,
) -> Evaluation:
    """Return the Evaluation of classifier on split; the classifier is left as it was.

    Args:
        classifier: its classes are those of the split, label k means classes[k].
        split: images uint8 (N, 28, 28), labels int64 (N,).
        dataset, split_name: what to call them in the record.
        batch_size: images through the network at once; changes memory and speed only.
    Raises:
        ShapeError: the split has no images or labels that the classifier has no class for.
        DataError: the classifier's outputs are not finite.
    """
    log_probabilities = classifier.log_probabilities(split.images, batch_size=batch_size)
    return evaluate_outputs(
        log_probabilities.cpu(),
        torch.tensor(split.labels),
        classes=classifier.classes,
        dataset=dataset,
        split_name=split_name,
    )


def evaluate_outputs(
    log_probabilities: Tensor, labels: Tensor, *, classes: Sequence[str], dataset: str, split_name: str
) -> Evaluation:
    """Return the Evaluation of outputs that are already there, so that nothing is computed twice.

    Args:
        log_probabilities: (N, K) float, finite, exp of a row sums to 1.
        labels: (N,) int64 in 0..K-1.
        classes: K names.
        dataset, split_name: what to call them in the record.
    Raises:
        ShapeError: a shape, type or range differs from these.
        DataError: an output is NaN or infinite.
    """
    _check_outputs(log_probabilities, classes)
    confusion = metrics.confusion_matrix(log_probabilities, labels)
    num_images, num_right = len(labels), int(confusion.trace())
    return Evaluation(
        dataset=dataset,
        split=split_name,
        num_images=num_images,
        num_errors=num_images - num_right,
        accuracy=num_right / num_images,
        accuracy_interval=wilson_interval(num_right, num_images),
        loss=metrics.negative_log_likelihood(log_probabilities, labels),
        expected_calibration_error=metrics.expected_calibration_error(
            log_probabilities.double().exp(), labels
        ),
        per_class=_evaluate_classes(confusion, classes),
        confusion_matrix=tuple(tuple(row) for row in confusion.tolist()),
        classes_never_predicted=tuple(
            name for name, count in zip(classes, confusion.sum(0).tolist(), strict=True) if not count
        ),
        worst_mistakes=find_mistakes(log_probabilities, labels, limit=NUM_WORST_MISTAKES),
    )


def find_mistakes(log_probabilities: Tensor, labels: Tensor, *, limit: int) -> tuple[Mistake, ...]:
    """Return the wrong images, the surest wrong answer first; equally sure ones in the order of the split.

    Args:
        log_probabilities: (N, K) float, natural logarithms.
        labels: (N,) int64 in 0..K-1.
        limit: at most so many.
    """
    surest, predicted = log_probabilities.max(dim=1)
    wrong = (predicted != labels).nonzero()[:, 0]
    order = wrong[surest[wrong].argsort(descending=True, stable=True)][:limit]
    columns = (order, labels[order], predicted[order], surest[order].double().exp())
    return tuple(
        Mistake(index=index, label=label, predicted=called, probability=probability)
        for index, label, called, probability in zip(*(column.tolist() for column in columns), strict=True)
    )


def _evaluate_classes(confusion: Tensor, classes: Sequence[str]) -> tuple[ClassEvaluation, ...]:
    columns = (column.tolist() for column in metrics.per_class_scores(confusion))
    return tuple(
        ClassEvaluation(class_name=name, label=label, precision=precision, recall=recall, f1=f1, support=n)
        for label, (name, precision, recall, f1, n) in enumerate(zip(classes, *columns, strict=True))
    )


def _check_outputs(log_probabilities: Tensor, classes: Sequence[str]) -> None:
    if log_probabilities.ndim == 2 and log_probabilities.shape[1] != len(classes):
        raise ShapeError(
            f"the classifier gives {log_probabilities.shape[1]} outputs an image, "
            f"expected {len(classes)}, one for each class ({', '.join(classes)})"
        )
    num_bad = int((~log_probabilities.isfinite()).any(dim=-1).sum())
    if num_bad:
        raise DataError(
            f"the classifier's outputs are not finite for {num_bad} of {len(log_probabilities)} images; "
            "its weights have diverged, train again with a smaller learning_rate"
        )


def save_evaluation(
    run: Run, evaluation: Evaluation, *, train_seconds: float, images_per_second: float | None
) -> None:
    """Write evaluation.json: the keys of `inkwise evaluate --json`, train_seconds and images_per_second."""
    document = evaluation.model_dump(mode="json")
    document["train_seconds"] = round(train_seconds, 4)
    document["images_per_second"] = None if images_per_second is None else round(images_per_second, 1)
    write_atomically(run.evaluation_path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
