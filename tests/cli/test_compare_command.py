"""inkwise compare: one JSON document, or the words for a person."""

import json

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.experiments.compare import compare
from inkwise.experiments.train import train


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two trainings that differ by their seed alone."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        str(train("mlp-sequential", data="digits", epochs=5, seed=seed, out=folder / f"seed-{seed}").path)
        for seed in (0, 1)
    ]


def test_compare_as_json_prints_one_document(paths: list[str]) -> None:
    result = CliRunner().invoke(app, ["compare", *paths, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(compare(paths).model_dump_json())
    assert result.stderr == ""


def test_compare_for_a_person_tells_test_interval_and_verdict(paths: list[str]) -> None:
    result = CliRunner().invoke(app, ["compare", *paths])
    pair = compare(paths).pairs[0]
    words = " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert f"seed-0 and seed-1: {pair.verdict}" in words
    assert f"seed-1 minus seed-0: {100 * pair.difference:+.2f} points" in words
    assert "McNemar's exact test p" in words


def test_compare_of_one_run_says_what_is_missing(paths: list[str]) -> None:
    result = CliRunner().invoke(app, ["compare", paths[0]])
    assert str(result.exception) == "a comparison needs at least 2 runs, got 1; add another run folder"


def test_compare_without_runs_is_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["compare"]).exit_code == 2
