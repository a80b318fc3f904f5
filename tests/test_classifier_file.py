"""Reading a classifier file without PyTorch; what is refused is in test_classifier.py."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests.golden_classifier import golden_classifier

from inkwise.classifier_file import find_classifier_file, read_classifier_file, read_header, recorded_accuracy
from inkwise.errors import CheckpointError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    golden_classifier().save(tmp_path / "classifier.safetensors")
    return tmp_path / "classifier.safetensors"


def test_arrays_are_those_of_the_network(path: Path) -> None:
    header, tensors = read_classifier_file(path)
    expected = golden_classifier().network.state_dict()
    assert set(tensors) == set(expected)
    for name, array in tensors.items():
        np.testing.assert_array_equal(array, expected[name].numpy())
    assert header == read_header(path)


def test_run_folder_and_file_lead_to_the_same_file(path: Path) -> None:
    assert find_classifier_file(path.parent) == find_classifier_file(path) == path


def test_header_of_a_foreign_file_is_refused(tmp_path: Path) -> None:
    save_file({"weight": np.zeros(2, np.float32)}, tmp_path / "foreign.safetensors")
    with pytest.raises(CheckpointError, match="a safetensors file, but not an inkwise classifier"):
        read_header(tmp_path / "foreign.safetensors")


def test_reading_imports_no_pytorch(path: Path) -> None:
    code = (
        "import sys, pathlib; from inkwise.classifier_file import read_classifier_file;"
        f"read_classifier_file(pathlib.Path({str(path)!r})); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert result.stdout.strip() == "False", result.stderr


@pytest.mark.parametrize(
    ("text", "accuracy"),
    [('{"accuracy": 0.97}', 0.97), ('{"accuracy": "high"}', None), ("{", None), ("[]", None), (None, None)],
)
def test_accuracy_is_that_of_the_evaluation_beside_the_file(
    path: Path, text: str | None, accuracy: float | None
) -> None:
    if text is not None:
        (path.parent / "evaluation.json").write_text(text)
    assert recorded_accuracy(path) == accuracy
    assert recorded_accuracy(path.with_name("other.safetensors")) is None


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({"recipe": {"data": {"dataset": "my/folder"}}}, "my/folder"),
        ({"recipe": {"data": "none"}}, "squares"),
        ({"recipe": {}, "provenance": {}}, None),
        ({"recipe": {}, "provenance": {"dataset": 3}}, None),
    ],
)
def test_recipe_names_the_data_before_the_provenance(changes: dict[str, Any], source: str | None) -> None:
    assert golden_classifier().header.model_copy(update=changes).trained_on == source
