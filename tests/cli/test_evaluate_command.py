"""inkwise evaluate: one JSON document, or tables for a person."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.experiments.train import train
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        "mlp-sequential", data="digits", epochs=1, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


def test_evaluate_as_json_prints_one_document(run: Run) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(run.path), "--json"])
    assert result.exit_code == 0
    speed = ("train_seconds", "images_per_second")
    expected = {key: value for key, value in run.evaluation.items() if key not in speed}
    assert json.loads(result.stdout) == expected
    assert result.stderr == ""


def test_evaluate_for_a_person_tells_the_numbers(run: Run) -> None:
    """V1, P2: accuracy with its interval, loss, calibration, classes, confusion and mistakes."""
    result = CliRunner().invoke(app, ["evaluate", str(run.path), "--data", "digits"])
    evaluation = run.evaluation
    assert result.exit_code == 0
    assert f"{100 * evaluation['accuracy']:.2f} %" in result.stdout
    assert f"{evaluation['num_errors']:,} of {evaluation['num_images']:,}" in result.stdout
    assert f"{evaluation['loss']:.4f} nats" in result.stdout
    for title in ("Each class", "Confusion, true by predicted", "The surest mistakes", "calibration"):
        assert title in result.stdout


def test_evaluate_without_run_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["evaluate"]).exit_code == 2


@pytest.mark.parametrize("words", [("--images", "7"), ("--attacks",), ("--out", "x")])
def test_option_of_robustness_is_refused_without_it(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["evaluate", "no-run", *words])
    assert result.exit_code == 2
    assert f"Invalid value for {words[0]}: goes with --robustness" in result.stderr


def test_evaluate_of_a_folder_that_is_no_run_names_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path)])
    assert str(result.exception).startswith(f"{tmp_path}: holds no recipe.toml")
