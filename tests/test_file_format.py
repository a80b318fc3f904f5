"""docs/file-format.md and the files of a real run name the same files, keys and tensors."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from dev import pages
from safetensors import safe_open

import inkwise
from inkwise.classifier_file import FORMAT, Header
from inkwise.runs.history import EpochRecord
from inkwise.runs.run import Run

PAGE = (pages.ROOT / "docs" / "file-format.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A short training with a best epoch and averaged weights: every kind of tensor is in its checkpoint."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    settings = {"patience": 5, "weight_averaging": 0.9}
    return inkwise.train("mlp-logsoftmax", data="digits", epochs=2, settings=settings, out=folder)


def table(heading: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of the table below a heading: the names in the first cell to the other cells."""
    section = re.split(r"^## ", PAGE.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    assert section, f"docs/file-format.md has no section {heading}"
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {
        name: tuple(cell.strip() for cell in cells)
        for first, *cells in rows
        for name in re.findall(r"`([^`]+)`", first)
    }


def metadata(path: Path, key: str) -> dict[str, Any]:
    with safe_open(path, framework="pt") as file:
        document: dict[str, Any] = json.loads(file.metadata()[key])
    return document


def test_run_folder_holds_the_files_of_the_page(run: Run) -> None:
    rows = [line.split("|")[1] for line in PAGE.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert {row.strip(" `") for row in rows} == {path.name for path in run.path.iterdir()}


def test_classifier_header_has_the_keys_of_the_page(run: Run) -> None:
    described = table("`classifier.safetensors`")
    assert list(described) == list(metadata(run.classifier_path, "inkwise"))
    needed = {name for name, field in Header.model_fields.items() if field.is_required()}
    assert {name for name, (word, _) in described.items() if word == "MUST"} == needed


def test_page_is_about_the_format_that_is_written(run: Run) -> None:
    assert metadata(run.classifier_path, "inkwise")["format"] == FORMAT
    assert f"\nFormat {FORMAT}. The container" in PAGE


def test_provenance_has_the_keys_of_the_page(run: Run) -> None:
    text = re.search(r"- `provenance` of a file(.*?)A reader", PAGE, flags=re.DOTALL)
    assert text is not None
    named = set(re.findall(r"`(\w+)`", text[1]))
    assert named == set(metadata(run.classifier_path, "inkwise")["provenance"])


def test_metrics_have_the_keys_of_the_page(run: Run) -> None:
    (_, words) = table("`classifier.safetensors`")["metrics"]
    assert set(re.findall(r"`(\w+)`", words)) == set(metadata(run.classifier_path, "inkwise")["metrics"])


def test_checkpoint_has_the_keys_and_tensors_of_the_page(run: Run) -> None:
    assert list(table("`checkpoint.safetensors`")) == list(
        metadata(run.checkpoint_path, "inkwise-checkpoint")
    )
    with safe_open(run.checkpoint_path, framework="pt") as file:
        names = list(file.keys())
    section = PAGE.partition("Tensors are named")[2].partition("\n## ")[0]
    described = {name.split(".")[0] for name in re.findall(r"`(\w+\.\w+)[.`]", section)}
    assert {name.split(".")[0] for name in names} == described


def test_history_has_the_keys_of_the_page(run: Run) -> None:
    described = table("`history.jsonl`")
    for line in run.history_path.read_text().splitlines():
        assert list(json.loads(line)) == list(described)
    assert list(EpochRecord.model_fields) == list(described)


def test_environment_has_the_keys_of_the_page(run: Run) -> None:
    assert set(table("`environment.json`")) == set(run.environment)


def test_evaluation_adds_the_speed_of_training_alone(run: Run) -> None:
    added = set(run.evaluation) - set(inkwise.evaluate(run).model_dump())
    assert added == {"train_seconds", "images_per_second"}
