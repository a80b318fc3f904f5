"""What can be exported, what it is called, and what PyTorch says of it."""

from pathlib import Path

import numpy as np
import pytest
from tests.exporting.branching import branching_classifier
from tests.exporting.classifiers import random_classifier, saved

from inkwise.classifier import Classifier
from inkwise.errors import CheckpointError, ExportError
from inkwise.experiments.train import train
from inkwise.exporting.opened import in_words, open_for_export, with_titles_apart
from inkwise.handwriting.recogniser import SHIPPED_FILE
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        "mlp-sequential", data="digits", epochs=1, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


@pytest.mark.parametrize("kind", ["folder", "file", "run"])
def test_run_is_called_as_its_folder_and_brings_its_accuracy(run: Run, kind: str) -> None:
    forms = {"folder": run.path, "file": str(run.classifier_path), "run": run}
    opened = open_for_export(forms[kind])
    assert (opened.title, opened.accuracy) == ("one", run.evaluation["accuracy"])
    assert opened.probe.words.endswith("of digits")
    np.testing.assert_array_equal(opened.expected, run.classifier.predict(opened.probe.images).probabilities)


def test_run_here_is_called_as_its_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.path)
    assert open_for_export(".").title == "one"


def test_file_of_another_name_is_called_as_it_is(tmp_path: Path) -> None:
    random_classifier("mlp-class").save(tmp_path / "mine.safetensors")
    opened = open_for_export(tmp_path / "mine.safetensors")
    assert (opened.title, opened.accuracy) == ("mine", None)


def test_classifier_in_memory_is_called_as_its_network() -> None:
    assert open_for_export(random_classifier("mlp-class")).title == "mlp-class"


def test_reader_is_the_one_that_ships_unless_there_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = open_for_export("reader")
    assert shipped.title == "the reader of inkwise"
    assert shipped.classifier.header == Classifier.load(SHIPPED_FILE).header
    (tmp_path / "reader").mkdir()
    saved(random_classifier("mlp-class"), tmp_path / "reader")
    assert open_for_export("reader").classifier.header.network == "mlp-class"


def test_missing_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"nothing: no such file; expected a run folder"):
        open_for_export(tmp_path / "nothing")


def test_equal_titles_are_told_apart() -> None:
    one, other = (open_for_export(random_classifier(name)) for name in ("mlp-class", "mlp-wide"))
    titles = [opened.title for opened in with_titles_apart([one, other, one, one])]
    assert titles == ["mlp-class", "mlp-wide", "mlp-class (2)", "mlp-class (3)"]


def test_layers_and_tensors_are_those_of_the_file(tmp_path: Path) -> None:
    path = saved(random_classifier("cnn-reader"), tmp_path)
    header, tensors = in_words(open_for_export(path))
    assert header == Classifier.load(path).header
    assert {name: tensor.shape for name, tensor in tensors.items()} == {
        name: tuple(tensor.shape) for name, tensor in Classifier.load(path).network.state_dict().items()
    }


def test_network_that_branches_is_refused_with_a_way_out() -> None:
    with pytest.raises(
        ExportError, match=r"own: the network Branching branches at .* export it with --to torch"
    ):
        in_words(open_for_export(branching_classifier()))
