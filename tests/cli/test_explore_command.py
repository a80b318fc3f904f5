"""`inkwise explore`: the table, the drawing and the JSON document."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from inkwise.cli import main
from inkwise.cli.explore import half_blocks
from inkwise.exploration.facts import explore


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


def test_half_blocks_draw_two_rows_a_line() -> None:
    assert half_blocks(((0, 255, 0, 255), (0, 0, 128, 200))) == " ▀▄█"
    drawn = half_blocks(tuple((0,) * 28 for _ in range(28))).split("\n")
    assert (len(drawn), {len(line) for line in drawn}) == (14, {28})


def test_bad_path_is_one_line_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", foo=np.zeros(3))
    assert run(monkeypatch, "explore", str(tmp_path / "a.npz")) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "arrays foo, expected x_train and y_train" in captured.err
