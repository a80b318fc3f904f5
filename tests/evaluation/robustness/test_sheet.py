"""The sheet: each cell is what evaluating the changed images gives; attacks and outliers are measured."""

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset

from inkwise.classifier import Classifier
from inkwise.data.dataset import Split
from inkwise.evaluation.robustness.attacks import attack_accuracy
from inkwise.evaluation.robustness.outliers import outlier_auroc
from inkwise.evaluation.robustness.sheet import Robustness, answer, measure_robustness
from inkwise.experiments.train import train

NOISE = Split(np.random.default_rng(5).integers(0, 256, (60, 28, 28), dtype=np.uint8), np.zeros(60, np.int64))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    out = tmp_path_factory.mktemp("runs") / "bars"
    settings = {"minimum_steps": 0, "learning_rate": 0.1}
    return train(
        "mlp-sequential", data=bars_dataset(600, 60), epochs=8, settings=settings, out=out, report=False
    ).classifier


@pytest.fixture(scope="module")
def sheet(classifier: Classifier) -> Robustness:
    steps: list[tuple[int, int]] = []
    found = measure_robustness(
        classifier, bars(80, seed=9), dataset="bars", num_images=60, outliers=("noise", NOISE), attacks=True,
        on_step=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert steps == [(done, steps[0][1]) for done in range(1, steps[0][1] + 1)]
    return found


def cell(sheet: Robustness, kind: str, severity: int) -> float:
    return next(row for row in sheet.rows if row.kind == kind).cells[severity - 1].accuracy


def test_unchanged_images_are_what_the_classifier_predicts(sheet: Robustness, classifier: Classifier) -> None:
    split = bars(80, seed=9)
    expected = (classifier.predict(split.images[:60]).labels == split.labels[:60]).mean()
    assert sheet.clean == pytest.approx(expected)
    assert sheet.num_images == 60


def test_cells_are_what_evaluating_the_changed_images_gives(
    sheet: Robustness, classifier: Classifier
) -> None:
    """A bar is 2 pixels above its neighbour's: moved by 2 or 4 it is another class, and turned over none."""
    assert sheet.clean > 0.9
    assert cell(sheet, "shift", 4) < 0.3
    split = bars(80, seed=9)
    inverted = (classifier.predict(255 - split.images[:60]).labels == split.labels[:60]).mean()
    assert cell(sheet, "inversion", 1) == pytest.approx(inverted, abs=1e-9)


def test_mnist_c_is_the_mean_of_its_kinds(sheet: Robustness) -> None:
    marked = [row.cells[row.mnist_c - 1].accuracy for row in sheet.rows if row.mnist_c is not None]
    assert len(marked) == 15
    assert sheet.mnist_c_accuracy == pytest.approx(np.mean(marked))


def test_attacks_break_a_network_and_more_steps_break_more(sheet: Robustness) -> None:
    assert sheet.fgsm_accuracy is not None
    assert sheet.pgd_accuracy is not None
    assert sheet.pgd_accuracy <= sheet.fgsm_accuracy < sheet.clean - 0.3


def test_attack_of_nothing_changes_nothing(classifier: Classifier) -> None:
    split = bars(80, seed=9)
    images, labels = torch.tensor(split.images).float().div(255)[:, None], torch.tensor(split.labels)
    clean = float((answer(classifier, images).argmax(1) == labels).float().mean())
    assert attack_accuracy(classifier, images, labels, epsilon=0.0, steps=3, seed=0) == pytest.approx(clean)


def test_same_seed_gives_the_same_sheet(sheet: Robustness, classifier: Classifier) -> None:
    again = measure_robustness(classifier, bars(80, seed=9), dataset="bars", num_images=60)
    assert again.rows == sheet.rows


def test_surer_of_what_is_known_is_an_auroc_above_a_half() -> None:
    sure, unsure = (
        torch.tensor([[0.9, 0.1], [0.8, 0.2]]).log(),
        torch.tensor([[0.6, 0.4], [0.85, 0.15]]).log(),
    )
    assert outlier_auroc(sure, unsure) == pytest.approx(0.75), "3 of 4 pairs are the right way round"
    assert outlier_auroc(unsure, sure) == pytest.approx(0.25)
