"""`inkwise explore`: the table, the drawing and the JSON document."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from inkwise.cli import main
from inkwise.experiments.explore import explore


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["inkwise", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_table_shows_the_facts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "explore", "digits") == 0
    shown = capsys.readouterr().out
    facts = explore("digits")
    for text in (
        f"{facts.train.images_shape} uint8",
        f"{facts.train.pixel_mean:.4f}",
        "Images of each class",
        "label bias",
        "no difference shown",
        f"one-hot {list(facts.first_sample.one_hot)}",
    ):
        assert text in shown


def test_json_is_the_exploration(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "explore", "digits", "--json") == 0
    assert json.loads(capsys.readouterr().out) == explore("digits").model_dump(mode="json")


def test_out_writes_the_page_and_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """E2, E4: the page, and each picture twice."""
    assert run(monkeypatch, "explore", "digits", "--out", str(tmp_path / "shown"), "--no-duplicates") == 0
    assert capsys.readouterr().out.endswith(f"page  {tmp_path / 'shown' / 'exploration.html'}\n")
    written = {path.name for path in (tmp_path / "shown").iterdir()}
    assert {"exploration.html", "samples.png", "samples.svg", "label-shares.svg"} <= written


def test_no_duplicates_leaves_them_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explore", "digits", "--json", "--no-duplicates") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["duplicates"] is None
    assert document["label_audit"] is None


def test_out_that_is_a_file_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    assert run(monkeypatch, "explore", "digits", "--no-duplicates", "--out", str(tmp_path / "taken")) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "cannot write" in said
    assert "choose another with --out" in said


def test_bad_path_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", foo=np.zeros(3))
    assert run(monkeypatch, "explore", str(tmp_path / "a.npz")) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "arrays foo, expected x_train and y_train" in captured.err
