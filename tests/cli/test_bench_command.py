import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.errors import DataError, RecipeError


def test_help_names_every_bench() -> None:
    done = CliRunner().invoke(app, ["bench", "--help"])
    assert done.exit_code == 0
    for name in ("s3", "s2-pt", "load", "memory", "--json", "--out", "--images"):
        assert name in done.output


def test_zero_repetitions_are_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["bench", "--repetitions", "0"]).exit_code == 2


def test_unknown_name_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown bench 'laod'; did you mean 'load'"):
        CliRunner().invoke(app, ["bench", "laod"], catch_exceptions=False)


def test_without_mnist_it_says_so() -> None:
    with pytest.raises(DataError, match="bench needs the data set 'mnist'"):
        CliRunner().invoke(app, ["bench", "load"], catch_exceptions=False)


@pytest.mark.slow
def test_load_prints_one_json_document_and_writes_it(mnist_folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["bench", "load", "--repetitions", "1", "--json", "--out", str(tmp_path)],
        catch_exceptions=False,
    )
    document = json.loads(done.stdout)
    assert document["limits"][0]["name"] == "load"
    assert document["ratios"] == []
    assert json.loads((tmp_path / "bench.json").read_text()) == document
    assert "load MNIST from .gz" in (tmp_path / "bench.md").read_text()
    assert "[1/1] load: inkwise" in done.stderr


@pytest.mark.slow
def test_load_prints_a_table(mnist_folder: Path) -> None:
    done = CliRunner().invoke(app, ["bench", "load", "--repetitions", "1"], catch_exceptions=False)
    assert "load MNIST from .gz" in done.stdout
    assert "< 1.5 s" in done.stdout
