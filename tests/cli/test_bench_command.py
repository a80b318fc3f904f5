import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.errors import DataError, RecipeError
from inkwise.experiments.bench.serving.measure import ROW_NAMES


def test_help_names_every_bench() -> None:
    done = CliRunner().invoke(app, ["bench", "--help"])
    assert done.exit_code == 0
    benches = ("s3", "s2-pt", "load", "memory", "reading", "recipes", "scaling", "serving")
    for name in (*benches, "--json", "--out", "--run", "--device", "--warm-up"):
        assert name in done.output


def test_zero_repetitions_are_wrong_usage() -> None:
    assert CliRunner().invoke(app, ["bench", "--repetitions", "0"]).exit_code == 2


def test_unknown_name_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown bench 'laod'; did you mean 'load'"):
        CliRunner().invoke(app, ["bench", "laod"], catch_exceptions=False)


def test_reading_beside_speed_is_refused() -> None:
    with pytest.raises(RecipeError, match="reading is measured by itself, not beside others; run: inkwise"):
        CliRunner().invoke(app, ["bench", "load", "reading"], catch_exceptions=False)


def test_without_mnist_it_says_so() -> None:
    with pytest.raises(DataError, match="bench needs the data set 'mnist'"):
        CliRunner().invoke(app, ["bench", "load"], catch_exceptions=False)


def test_first_of_several_wrong_options_is_told_of() -> None:
    """In the order of --help, whatever their order on the command line."""
    words = ["bench", "reading", "--seed", "1", "--device", "cpu", "--epochs", "2"]
    done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert (
        "Invalid value for --epochs: is not for `inkwise bench reading`, which takes --images" in done.stderr
    )


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


@pytest.mark.slow
def test_reading_prints_its_document_and_writes_it(mnist_folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["bench", "reading", "--images", "2", "--json", "--out", str(tmp_path)], catch_exceptions=False
    )
    document = json.loads(done.stdout)
    assert [row["num_pictures"] for row in document["rows"]][-2:] == [1, 1]
    assert json.loads((tmp_path / "reading.json").read_text()) == document
    assert "| thin pen |" in (tmp_path / "reading.md").read_text()
    assert (tmp_path / "reading.png").stat().st_size > 10_000
    assert "[1/17] MNIST test as it is, pictures: 2" in done.stderr


@pytest.mark.slow
def test_reading_prints_a_table(mnist_folder: Path) -> None:
    done = CliRunner().invoke(app, ["bench", "reading", "--images", "1"], catch_exceptions=False)
    assert "thin pen" in done.stdout
    assert "1 pictures a row, 1 strings a row" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_serving_prints_its_document_and_writes_it(mnist_folder: Path, tmp_path: Path) -> None:
    words = ["bench", "serving", "--seconds", "0.5", "--repetitions", "1", "--json", "--out", str(tmp_path)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    document = json.loads(done.stdout)
    assert tuple(row["name"] for row in document["rows"]) == ROW_NAMES
    assert document["is_reduced"] is True
    assert json.loads((tmp_path / "serving.json").read_text()) == document
    assert "| PNG, 8 connections |" in (tmp_path / "serving.md").read_text()
    assert "start: usual" in done.stderr


def test_serving_beside_speed_is_refused() -> None:
    with pytest.raises(RecipeError, match="serving is measured by itself, not beside others; run: inkwise"):
        CliRunner().invoke(app, ["bench", "serving", "s3"], catch_exceptions=False)


def test_unknown_recipe_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown row of bench recipes 'quik'; did you mean 'quick'"):
        CliRunner().invoke(app, ["bench", "recipes", "quik"], catch_exceptions=False)


def test_recipes_after_another_bench_are_refused() -> None:
    with pytest.raises(RecipeError, match="recipes is measured by itself, not beside others; run: inkwise"):
        CliRunner().invoke(app, ["bench", "load", "recipes"], catch_exceptions=False)


@pytest.mark.slow
def test_recipes_print_tables_and_write_them_with_pictures(mnist_folder: Path, tmp_path: Path) -> None:
    small = ["--images", "300", "--epochs", "1", "--repetitions", "1", "--threads", "1", "--seed", "7"]
    words = ["bench", "recipes", "mlp-class", *small, "--out", str(tmp_path)]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    document = json.loads((tmp_path / "recipes.json").read_text())
    assert document["rows"][0]["seeds"] == [7]
    assert document["environment"]["threads"] == 1
    assert "repetition 1 of 1: mlp-class" in done.stderr
    assert "backward" in done.stdout
    assert "# Recipes side by side" in (tmp_path / "recipes.md").read_text()
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".md", ".png"}


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("serving", "--images", "5"), "--images"),
        (("reading", "--run", "x"), "--run"),
        (("s3", "--warm-up"), "--warm-up"),
        (("recipes", "quick", "--seconds", "3"), "--seconds"),
    ],
)
def test_option_of_another_bench_is_refused(arguments: tuple[str, ...], option: str) -> None:
    done = CliRunner().invoke(app, ["bench", *arguments])
    assert done.exit_code == 2
    assert f"Invalid value for {option}: is not for `inkwise bench" in done.stderr
    assert "which takes" in done.stderr
