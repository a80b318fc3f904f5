"""What dev/frameworks.py says of the same recipe in two frameworks."""

import json
from pathlib import Path
from typing import Any

import pytest
from dev import frameworks


def training(framework: str, seed: int, accuracy: float, **more: Any) -> dict[str, Any]:
    return {
        "framework": framework, "version": "2.1", "seed": seed, "accuracy": accuracy, "train_seconds": 40.0,
        "images_per_second": 1000.0 + seed, "peak_memory_bytes": 900_000_000, "classifier_bytes": 520_000,
        "installed_bytes": 1_400_000_000, "load_average": 0.1, "date": "2026-11-21", "commit": "abc",
        "processor": "A Processor", "num_cores": 2, "training_threads": 1, "step": "textbook",
        "precision": "float32", **more,
    }  # fmt: skip


def document() -> dict[str, Any]:
    rows = [training("torch", 0, 0.99), training("tensorflow", 0, 0.98, step="tf.function")]
    return {"recipe": "cnn-keras", "dataset": "mnist", "trainings": [*rows, training("torch", 2, 0.992)]}


def test_row_is_a_recipe_in_a_framework() -> None:
    """0.99 and 0.992: mean 99.10 %, standard deviation 0.1 * sqrt(2) = 0.14 %; the median of the speeds."""
    lines = frameworks.to_markdown([document()]).splitlines()
    assert lines[2] == (
        "| `cnn-keras` | torch 2.1 | 99.10 ± 0.14 % | 2 | 1,001 | 40 | 900 MB | 520 kB | 1,400 MB |"
    )
    assert lines[3].startswith("| `cnn-keras` | tensorflow 2.1 | 98.00 % | 1 | 1,000 |")
    assert "steps: textbook, tf.function" in lines[-1]


def test_table_without_results_says_how_to_measure(tmp_path: Path) -> None:
    assert frameworks.frameworks_table(tmp_path) == frameworks.NOT_MEASURED


def test_table_is_made_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "frameworks"
    folder.mkdir(parents=True)
    (folder / "cnn-keras-mnist.json").write_text(json.dumps(document()))
    assert frameworks.frameworks_table(tmp_path) == frameworks.to_markdown([document()])


@pytest.mark.slow
def test_measuring_trains_both_and_goes_on_where_it_was(tmp_path: Path) -> None:
    found = frameworks.measure("mlp-class", "digits", num_seeds=1, threads=1, folder=tmp_path)
    assert [row["framework"] for row in found["trainings"]] == ["torch", "tensorflow"]
    for row in found["trainings"]:
        assert row["peak_memory_bytes"] > 100e6
        assert row["installed_bytes"] > 100e6
        assert row["images_per_second"] > 0
        assert row["classifier_bytes"] == pytest.approx(441_000, abs=5000)  # 109,386 numbers of 4 bytes
    assert frameworks.measure("mlp-class", "digits", num_seeds=1, threads=1, folder=tmp_path) == found
