"""From RUN arguments to an Evaluation: run folder, bare file, other data, other classes."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.errors import CheckpointError, DataError
from inkwise.evaluation.evaluate import Evaluation
from inkwise.experiments.evaluate import evaluate, match_classes
from inkwise.experiments.train import train
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        "mlp-sequential", data="digits", epochs=2, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


def _forget(run: Run, path: Path) -> Path:
    """Save the run's classifier without a word of where it comes from."""
    header = run.classifier.header.model_copy(update={"recipe": {}, "provenance": {}})
    replace(run.classifier, header=header).save(path)
    return path


def test_evaluate_of_a_run_equals_what_its_training_wrote(run: Run) -> None:
    assert evaluate(run.path) == Evaluation.model_validate(run.evaluation)


@pytest.mark.parametrize("form", ["text", "run", "file", "classifier"])
def test_evaluate_of_any_form_of_run_is_the_same(run: Run, form: str) -> None:
    forms = {
        "text": str(run.path),
        "run": run,
        "file": run.classifier_path,
        "classifier": Classifier.load(run.path),
    }
    assert evaluate(forms[form]) == evaluate(run.path)


def test_evaluate_of_a_copied_file_finds_its_data(run: Run, tmp_path: Path) -> None:
    shutil.copy(run.classifier_path, tmp_path / "mine.safetensors")
    assert evaluate(tmp_path / "mine.safetensors").dataset == "digits"


def test_evaluate_leaves_the_run_as_it_was(run: Run) -> None:
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    evaluate(run.path)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


def test_evaluate_without_known_data_asks_for_it(run: Run, tmp_path: Path) -> None:
    path = _forget(run, tmp_path / "mine.safetensors")
    with pytest.raises(
        DataError, match=r"mine\.safetensors: .* does not say what it was trained on; .* --data"
    ):
        evaluate(path)
    assert evaluate(path, data="digits").num_images == 359


def test_evaluate_of_a_missing_run_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file; expected a run folder"):
        evaluate(tmp_path / "none")


def test_evaluate_on_classes_in_another_order_is_as_good(run: Run) -> None:
    """Class names decide, not their numbers: reversing the classes and the labels changes nothing."""
    digits = load_dataset("digits")
    backwards = Dataset(
        "backwards",
        digits.classes[::-1],
        replace(digits.train, labels=9 - digits.train.labels),
        replace(digits.test, labels=9 - digits.test.labels),
    )
    assert evaluate(run, data=backwards).confusion_matrix == evaluate(run).confusion_matrix


def test_evaluate_on_fewer_classes_counts_only_those(run: Run) -> None:
    digits = load_dataset("digits")
    kept = np.flatnonzero(np.isin(digits.test.labels, [3, 5]))
    part = digits.test.take(kept)
    part = replace(part, labels=(part.labels == 5).astype(np.int64))
    evaluation = evaluate(run, data=Dataset("two", ("3", "5"), part, part))
    assert evaluation.num_images == len(kept)
    assert [scores.support > 0 for scores in evaluation.per_class] == [k in (3, 5) for k in range(10)]


def test_match_of_unknown_classes_names_both_sides() -> None:
    digits = load_dataset("digits")
    letters = replace(digits, name="mine", classes=("a", *digits.classes[1:]))
    with pytest.raises(DataError, match=r"mine: has classes .* not know \(a\); it knows 0, 1.*--data"):
        match_classes(letters, digits.classes)
