"""The robustness sheet: accuracy and calibration under everything that kinds.py does to images."""

from collections.abc import Callable

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from inkwise import metrics
from inkwise.classifier import EVALUATION_BATCH, Classifier
from inkwise.data.dataset import Split
from inkwise.evaluation.robustness.attacks import attack_accuracy
from inkwise.evaluation.robustness.kinds import KINDS, Kind
from inkwise.evaluation.robustness.outliers import outlier_auroc

EPSILON = 0.3  # the largest change of a pixel in an attack, of a range of 1; usual for MNIST


class Cell(BaseModel):
    """One kind at one severity, fractions in [0, 1].

    Attributes:
        severity: 1 is mild.
        amount: what that means, as text.
        accuracy: of the images.
        expected_calibration_error: in 15 bins.
        confidence: mean probability of the answers.
    """

    model_config = ConfigDict(frozen=True)

    severity: int
    amount: str
    accuracy: float
    expected_calibration_error: float
    confidence: float


class Row(BaseModel):
    """One kind, mild to severe; mnist_c is the severity that MNIST-C has, or None."""

    model_config = ConfigDict(frozen=True)

    kind: str
    unit: str
    mnist_c: int | None
    cells: list[Cell]


class Robustness(BaseModel):
    """What becomes of a classifier where images differ from those it learned from; fractions in [0, 1].

    Attributes:
        dataset, split: whose images.
        num_images: as many for each cell, the first of the split.
        seed: of all that is random.
        clean: accuracy of the images as they are.
        rows: one a kind.
        mnist_c_accuracy: mean over the 15 kinds of MNIST-C, at its severities.
        outliers: name of the set that holds no such classes, or None.
        outlier_auroc: chance that an image of the set is answered more surely than one of outliers.
        fgsm_accuracy, pgd_accuracy: under attacks that change each pixel by at most 0.3 of its range; None
            where they were not asked for.
    """

    model_config = ConfigDict(frozen=True)

    dataset: str
    split: str
    num_images: int
    seed: int
    clean: float
    rows: list[Row]
    mnist_c_accuracy: float
    outliers: str | None = None
    outlier_auroc: float | None = None
    fgsm_accuracy: float | None = None
    pgd_accuracy: float | None = None


def measure_robustness(
    classifier: Classifier,
    split: Split,
    *,
    dataset: str,
    split_name: str = "test",
    num_images: int = 2000,
    seed: int = 0,
    outliers: tuple[str, Split] | None = None,
    attacks: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Robustness:
    """Return the robustness sheet of a classifier.

    Args:
        split: images and labels; the first num_images are taken.
        dataset, split_name: what they are called.
        seed: of all that is random; each kind and severity draws from a stream of its own.
        outliers: name and images of a set without the classifier's classes.
        attacks: measure accuracy under FGSM and PGD too, which takes a while.
        on_step: called with (steps done, steps in all).
    """
    images = torch.tensor(split.images[:num_images]).float().div_(255)[:, None]
    labels = torch.tensor(split.labels[:num_images])
    total = sum(len(kind.amounts) for kind in KINDS) + attacks + (outliers is not None)
    steps = iter(range(1, total + 1))

    def measure(kind: Kind, severity: int) -> Cell:
        generator = torch.Generator().manual_seed(_stream(seed, kind.name, severity))
        log_probabilities = answer(classifier, kind(images, severity, generator))
        on_step(next(steps), total)
        return _cell(log_probabilities, labels, severity=severity, amount=kind.amounts[severity - 1])

    rows = [
        Row(
            kind=kind.name,
            unit=kind.said,
            mnist_c=None if kind.mnist_c is None else kind.mnist_c + 1,
            cells=[measure(kind, severity) for severity in range(1, len(kind.amounts) + 1)],
        )
        for kind in KINDS
    ]
    clean = answer(classifier, images)
    found = Robustness(
        dataset=dataset, split=split_name, num_images=len(images), seed=seed,
        clean=metrics.accuracy(clean, labels), rows=rows, mnist_c_accuracy=_mnist_c(rows),
    )  # fmt: skip
    if outliers is not None:
        name, others = outliers
        strange = answer(classifier, torch.tensor(others.images[:num_images]).float().div_(255)[:, None])
        found = found.model_copy(update={"outliers": name, "outlier_auroc": outlier_auroc(clean, strange)})
        on_step(next(steps), total)
    if attacks:
        update = {
            f"{name}_accuracy": attack_accuracy(
                classifier, images, labels, epsilon=EPSILON, steps=number, seed=seed
            )
            for name, number in (("fgsm", 1), ("pgd", 40))
        }
        found = found.model_copy(update=update)
        on_step(next(steps), total)
    return found


def answer(classifier: Classifier, images: Tensor) -> Tensor:
    """Return log-probabilities (N, K) for images (N, 1, 28, 28) float32 in [0, 1].

    They are rounded to 256 grey levels: nothing but uint8 images ever reaches a classifier.
    """
    pixels = images[:, 0].mul(255).round_().clamp_(0, 255).byte()
    return classifier.log_probabilities(pixels, batch_size=EVALUATION_BATCH)


def _cell(log_probabilities: Tensor, labels: Tensor, *, severity: int, amount: object) -> Cell:
    probabilities = log_probabilities.exp()
    return Cell(
        severity=severity,
        amount=f"{amount:g}" if isinstance(amount, int | float) else str(severity),
        accuracy=metrics.accuracy(log_probabilities, labels),
        expected_calibration_error=metrics.expected_calibration_error(probabilities, labels),
        confidence=float(probabilities.amax(1).mean()),
    )


def _mnist_c(rows: list[Row]) -> float:
    found = [row.cells[row.mnist_c - 1].accuracy for row in rows if row.mnist_c is not None]
    return float(np.mean(found))


def _stream(seed: int, name: str, severity: int) -> int:
    """Return a seed that another kind, severity or seed does not share."""
    return int(np.random.SeedSequence([seed, severity, *name.encode()]).generate_state(1)[0])
