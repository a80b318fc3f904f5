"""inkwise inspect: a table of the layers, the answer, and where the page is."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.data.load import load_dataset
from inkwise.experiments.train import train
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        "mlp-sequential", data="digits", epochs=1, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


def test_inspect_tells_layers_answer_and_page(run: Run, tmp_path: Path) -> None:
    """M7: shapes, parameters and dead units of every layer."""
    result = CliRunner().invoke(app, ["inspect", str(run.path), "--index", "4", "--out", str(tmp_path)])
    assert result.exit_code == 0
    assert "784 features" in result.stdout
    assert "100,480" in result.stdout
    assert "109,386" in result.stdout
    image = load_dataset("digits").test.images[4:5]
    assert f"The network says {run.classifier.predict(image).class_names[0]} and is" in result.stdout
    assert "Most probable:" in result.stdout
    assert f"page  {tmp_path}/inspection.html\n" in result.stdout
    assert (tmp_path / "inspection.html").is_file()


def test_place_is_worked_out_on_the_page_and_in_its_command(run: Run, tmp_path: Path) -> None:
    arguments = ["inspect", str(run.path), "--place", "3,7", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    page = (tmp_path / "inspection.html").read_text(encoding="utf-8")
    assert "Where does a number in layer 3 come from?" in page
    assert "--place 3,7" in page


def test_place_that_is_no_numbers_is_wrong_usage(run: Run) -> None:
    result = CliRunner().invoke(app, ["inspect", str(run.path), "--place", "3,x"])
    assert result.exit_code == 2
    assert "'3,x' is no list of whole numbers" in result.stderr


def test_inspect_without_out_writes_into_the_run(run: Run) -> None:
    assert CliRunner().invoke(app, ["inspect", str(run.path)]).exit_code == 0
    assert (run.path / "inspection" / "test-0" / "inspection.html").is_file()


def test_explain_step_prints_the_program_alone(run: Run) -> None:
    """T1."""
    result = CliRunner().invoke(app, ["inspect", str(run.path), "--explain", "step"])
    assert result.exit_code == 0
    compile(result.stdout, "step.py", "exec")
    assert "optimizer.step()" in result.stdout


def test_explain_of_something_else_is_wrong_usage(run: Run) -> None:
    assert CliRunner().invoke(app, ["inspect", str(run.path), "--explain", "life"]).exit_code == 2


def test_inspect_of_a_folder_that_is_no_run_names_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["inspect", str(tmp_path)])
    assert str(result.exception).startswith(f"{tmp_path}: holds no recipe.toml")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["x.png", "--index", "3"], "--index"),
        (["x.png", "--explain", "step"], "--explain"),
        (["--index", "3", "--explain", "step"], "--explain"),
        (["--place", "3,7", "--explain", "step"], "--explain"),
    ],
)
def test_inspect_refuses_what_it_would_not_look_at(arguments: list[str], option: str, run: Run) -> None:
    result = CliRunner().invoke(app, ["inspect", str(run.path), *arguments])
    assert result.exit_code == 2
    assert f"Invalid value for {option}" in result.stderr
