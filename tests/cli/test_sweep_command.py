"""inkwise sweep: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.errors import RecipeError

SWEEP = ["sweep", "mlp-sequential", "--data", "digits", "--epochs", "2", "--set", "learning_rate=0.001,0.1"]


def test_sweep_prints_a_table_and_shows_each_trial(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*SWEEP, "--out", str(tmp_path / "sweep")])
    assert result.exit_code == 0, result.stderr
    assert "2 of 2: " in result.stderr
    assert result.stdout.split()[:4] == ["validation", "loss", "seconds", "parameters"]
    assert f"inkwise train {tmp_path}/sweep/best.toml" in result.stdout


def test_sweep_as_json_prints_one_document_and_can_be_resumed(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "sweep"), "--json"]
    found = json.loads(CliRunner().invoke(app, [*SWEEP, *out]).stdout)
    assert [trial["settings"] for trial in found["trials"]] == [
        {"learning_rate": 0.001},
        {"learning_rate": 0.1},
    ]
    again = CliRunner().invoke(app, ["sweep", "--resume", *out])
    assert json.loads(again.stdout) == found, "all was done: nothing more is trained"


def test_folder_made_for_a_sweep_that_is_refused_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["sweep", "quick", "--data", "digits", "--set", "seed=1,2"])
    assert isinstance(result.exception, RecipeError)
    assert list((tmp_path / "sweeps").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["quick"], "needs a recipe and what to try"),
        (["--set", "epochs=1,2"], "needs a recipe and what to try"),
        (["quick", "--set", "epochs"], "expected KEY=V1,V2 or"),
        (["--resume"], "needs --out DIR"),
        (["quick", "--resume", "--out", "x"], "leave RECIPE and --set out"),
        (
            ["--resume", "--out", "x", "--epochs", "9"],
            "for --epochs: is in the plan that a resumed sweep keeps",
        ),
        (["--resume", "--out", "x", "--data", "mnist"], "for --data: is in the plan"),
        (["--resume", "--out", "x", "--ray", "--no-prune"], "for --prune: is in the plan"),
    ],
)
def test_wrong_usage_is_explained(arguments: list[str], match: str) -> None:
    result = CliRunner().invoke(app, ["sweep", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert match in " ".join(result.stderr.split())
