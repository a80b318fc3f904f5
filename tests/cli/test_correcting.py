"""`inkwise read --correct`: answers from a pipe, kept in the store."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file
from tests.written import save_written
from typer.testing import CliRunner

from inkwise.cli import main
from inkwise.cli.app import app
from inkwise.experiments.read import read
from inkwise.handwriting.corrections import correct, load_corrections

Asked = tuple[int, str, str]


@pytest.fixture
def run_correct(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Return a function: typed text, arguments of `inkwise read` -> exit code, standard output and error."""
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "store.sqlite"))

    def run(typed: str, *arguments: object) -> Asked:
        monkeypatch.setattr(sys, "argv", ["inkwise", "read", "--correct", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run


def test_typed_digits_are_kept_with_what_was_read(run_correct, tmp_path: Path) -> None:
    path = save_written(tmp_path / "a.png", "17")
    code, out, err = run_correct("25\n", path)
    assert code == 0
    assert str(path) in out
    assert "2 glyphs kept" in err
    assert "2 of them read wrongly before" in err
    assert "inkwise train --from-corrections" in err
    assert load_corrections()[1].tolist() == [2, 5]


def test_wrong_number_of_digits_is_asked_again(run_correct, tmp_path: Path) -> None:
    path = save_written(tmp_path / "a.png", "17")
    _, _, err = run_correct("1\n17\n", path)
    assert "1 digit, but 2 digits found" in err
    assert load_corrections()[1].tolist() == [1, 7]


@pytest.mark.parametrize("typed", ["\n", "q\n", ""])
def test_enter_q_and_end_of_input_keep_nothing(run_correct, tmp_path: Path, typed: str) -> None:
    path = save_written(tmp_path / "a.png", "17")
    code, _, err = run_correct(typed, path)
    assert code == 0
    assert "0 glyphs kept" in err
    assert not (tmp_path / "store.sqlite").exists()


def test_damaged_store_is_told_before_anything_is_asked(run_correct, tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"something else entirely, and longer than a header is " * 4)
    code, out, err = run_correct("17\n", save_written(tmp_path / "a.png", "17"))
    assert (code, out) == (1, "")
    assert "no store of corrections" in err


def test_unreadable_picture_does_not_stop_the_asking(run_correct, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    path = save_written(tmp_path / "b.png", "17")
    code, _, err = run_correct("17\n", tmp_path / "a.png", path)
    assert code == 1
    assert "a.png" in err
    assert load_corrections()[1].tolist() == [1, 7]


def test_picture_without_digits_is_not_asked_about(run_correct, tmp_path: Path) -> None:
    Image.new("L", (90, 90), 255).save(tmp_path / "blank.png")
    code, out, err = run_correct("17\n", tmp_path / "blank.png", save_written(tmp_path / "b.png", "17"))
    assert code == 0
    assert "no digits found" in out
    assert err.count("right digits") == 1
    assert load_corrections()[1].tolist() == [1, 7]


def test_correcting_and_json_do_not_go_together(run_correct, tmp_path: Path) -> None:
    code, _, err = run_correct("", save_written(tmp_path / "a.png", "17"), "--json")
    assert code == 2
    assert "leave out --json" in err


def test_recipe_beside_from_corrections_is_wrong_usage() -> None:
    said = CliRunner().invoke(app, ["train", "quick", "--from-corrections"])
    assert said.exit_code == 2
    assert "--from-corrections: has a recipe of its own" in said.stderr


def test_corrected_digits_are_learned_and_reading_comes_next(run_correct, tmp_path: Path) -> None:
    run_correct("17\n", save_written(tmp_path / "a.png", "17"))
    out = tmp_path / "my-hand"
    short = ["--data", "digits", "--set", "written_images=0", "--set", "outliers=0", "--out", str(out)]
    said = CliRunner().invoke(app, ["train", "--from-corrections", *short], catch_exceptions=False)
    assert said.exit_code == 0
    assert f"inkwise read {out} PHOTO" in said.stdout
    own = load_file(out / "own-images.safetensors")
    assert own["labels"].tolist() == [1, 7]


def test_correct_in_python_keeps_what_read_saw(tmp_path: Path) -> None:
    path, store = save_written(tmp_path / "a.png", "17"), tmp_path / "mine.sqlite"
    (reading,) = read(path)
    misread = sum(glyph.label != int(digit) for glyph, digit in zip(reading.glyphs, "19", strict=True))
    assert correct(path, "19", path=store) == misread
    images, labels = load_corrections(store)
    assert images.shape == (2, 28, 28)
    assert images.dtype == np.uint8
    assert labels.tolist() == [1, 9]
