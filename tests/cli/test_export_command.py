"""inkwise export: what it prints, what it writes, and wrong usage."""

import json
import sys
from pathlib import Path

import pytest
from tests.exporting.classifiers import random_classifier, saved
from typer.testing import CliRunner

from inkwise.cli import main
from inkwise.cli.app import app
from inkwise.exporting.export import Export


@pytest.fixture
def run(tmp_path: Path) -> str:
    return str(saved(random_classifier("mlp-class"), tmp_path))


def test_export_tells_size_proof_and_speeds(run: str, tmp_path: Path) -> None:
    file = tmp_path / "digits.onnx"
    result = CliRunner().invoke(app, ["export", run, "--to", "onnx", str(file)], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    first, proof, ours, theirs = result.stdout.splitlines()
    assert first == f"{file}: {file.stat().st_size:,} bytes"
    assert "parameters; as in PyTorch on 1,000 images of blocks drawn by chance: the same class" in proof
    assert (ours.split(":")[0].strip(), theirs.split(":")[0].strip()) == ("ONNX Runtime", "PyTorch")


def test_export_as_json_prints_one_document(run: str, tmp_path: Path) -> None:
    file = tmp_path / "digits.html"
    words = ["export", run, str(file), "--to", "page", "--beside", "reader", "--json"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    made = Export.model_validate(json.loads(result.stdout))
    assert (made.path, made.size_bytes, len(made.classifiers)) == (str(file), file.stat().st_size, 2)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["a.onnx"], "Missing option '--to'"),
        (["a.onnx", "--to", "onyx"], "'onyx' is not one of 'onnx', 'page', 'torch'"),
        (["a.html", "--to", "page", "--int8"], "--int8: is for --to onnx; leave it out"),
        (["a.pt2", "--to", "torch", "--beside", "b"], "--beside: is for --to page; export each by itself"),
        (["--to", "onnx"], "Missing argument 'FILE'"),
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], match: str, run: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["export", run, *words], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 2
    assert match in " ".join(result.stderr.split())


def test_failure_is_one_line(
    run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["inkwise", "export", run, "--to", "onnx", "digits.txt"])
    with pytest.raises(SystemExit) as stopped:
        main()
    said = capsys.readouterr()
    assert (stopped.value.code, said.out) == (1, "")
    assert said.err == (
        "inkwise: digits.txt: ends in .txt, expected .onnx for --to onnx; call it digits.onnx\n"
    )
