"""`inkwise read`: words, JSON, exit codes, and lines on standard error that say what to do."""

import io
import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.written import save_written

from inkwise.cli import main
from inkwise.cli.terminal.stages import StageProgress
from inkwise.data.formats.paths import visible
from inkwise.experiments.read import read
from inkwise.reports.reading import GlyphReading, PictureReading, tell_reading


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function: arguments of `inkwise read` -> exit code, standard output, standard error."""

    def run_read(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["inkwise", "read", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run_read


def told(path: Path) -> str:
    """Return what is printed of a picture that can be read."""
    (reading,) = read(path)
    return tell_reading(reading) + "\n"


def test_picture_is_told_beside_its_path(run, tmp_path: Path) -> None:
    path = save_written(tmp_path / "a.png", "17")
    assert told(path).startswith(f"{path}  17\n")
    assert run(path) == (0, told(path), "")


def test_page_is_told_line_by_line(run, tmp_path: Path) -> None:
    path = save_written(tmp_path / "a.png", "17", "305")
    code, out, err = run(path)
    assert (code, out, err) == (0, told(path), "")
    assert [line for line in out.splitlines() if "doubtful" not in line] == [str(path), "  17", "  305"]


def test_json_is_one_document_of_all_readings(run, tmp_path: Path) -> None:
    paths = [save_written(tmp_path / f"{text}.png", text) for text in ("17", "305")]
    code, out, err = run(*paths, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == [reading.model_dump(mode="json") for reading in read(paths)]


def test_blank_page_is_no_failure(run, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "white").save(tmp_path / "a.png")
    code, out, err = run(tmp_path / "a.png")
    assert (code, err) == (0, "")
    assert out.startswith(f"{tmp_path / 'a.png'}\n  note: no digits found")


def test_one_bad_picture_is_one_line_and_exit_1(run, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    message = f"inkwise: {tmp_path / 'a.pdf'}: a PDF, expected PNG, JPEG or the like; save the page as PNG\n"
    assert run(tmp_path / "a.pdf") == (1, "", message)


def test_bad_picture_of_a_folder_is_named_and_the_rest_is_read(run, tmp_path: Path) -> None:
    path = save_written(tmp_path / "b.png", "17")
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "c.png").write_text("hello")
    code, out, err = run(tmp_path)
    assert (code, out) == (1, told(path))
    first, second, last = err.splitlines()
    assert first.startswith(f"inkwise: {tmp_path / 'a.png'}: an empty file, expected PNG")
    assert second.startswith(f"inkwise: {tmp_path / 'c.png'}: no picture that Pillow can read; expected PNG")
    assert last == "inkwise: 2 of 3 pictures could not be read, as said above; the others were"


def test_json_tells_of_bad_pictures_too(run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    code, out, err = run(tmp_path / "a.png", "--json")
    (reading,) = json.loads(out)
    assert code == 1
    assert (reading["lines"], reading["glyphs"]) == ([], [])
    assert err == f"inkwise: {reading['warnings'][0]}\n"


def test_warning_of_pillow_is_no_second_line(run, tmp_path: Path) -> None:
    """Between Pillow's two limits it warns of a bomb; our own line says the same."""
    Image.new("1", (9_600, 9_600)).save(tmp_path / "a.png")
    code, _, err = run(tmp_path / "a.png")
    assert code == 1
    assert err.startswith(f"inkwise: {tmp_path / 'a.png'}: 9600x9600 pixels, expected at most 50,000,000")
    assert err.count("\n") == 1


def test_standard_input_is_read(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = save_written(tmp_path / "a.png", "42").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    code, out, err = run("-")
    assert (code, err) == (0, "")
    assert out.startswith("-  42\n")


def test_overlay_draws_and_says_where(run, tmp_path: Path) -> None:
    path = save_written(tmp_path / "a.png", "17")
    code, out, err = run(path, "--overlay", tmp_path / "drawn")
    assert (code, out) == (0, told(path))
    assert err == f"drawn in {tmp_path / 'drawn'}\n"
    assert [file.name for file in (tmp_path / "drawn").iterdir()] == ["a.png.png"]


class TestRun:
    def test_no_picture_at_all_is_wrong_usage(self, run) -> None:
        code, _, err = run()
        assert code == 2
        assert "Missing argument" in err

    def test_run_alone_is_wrong_usage(self, run, tmp_path: Path) -> None:
        (tmp_path / "classifier.safetensors").write_bytes(b"")
        for path in (tmp_path, tmp_path / "classifier.safetensors"):
            code, _, err = run(path)
            assert code == 2
            assert "is a run; expected pictures after it" in " ".join(err.replace("│", " ").split())

    def test_misspelt_run_is_read_by_no_other(self, run, tmp_path: Path) -> None:
        path = save_written(tmp_path / "a.png", "17")
        code, out, err = run(tmp_path / "rnu", path)
        assert (code, out) == (2, "")
        assert "no such run and no such picture" in " ".join(err.replace("│", " ").split())

    def test_first_path_that_is_a_run_reads(self, run, tmp_path: Path) -> None:
        """A file that is no classifier is refused as a run, so it was taken for one."""
        path = save_written(tmp_path / "a.png", "17")
        (tmp_path / "my.safetensors").write_bytes(b"no classifier")
        code, out, err = run(tmp_path / "my.safetensors", path)
        assert (code, out) == (1, "")
        assert "my.safetensors: not a whole safetensors file" in err

    def test_folder_of_pictures_is_no_run(self, run, tmp_path: Path) -> None:
        path = save_written(tmp_path / "scans" / "a.png", "17")
        assert run(tmp_path / "scans") == (0, told(path), "")


class TestWords:
    def glyph(self, label: int, probability: float = 0.99, line: int = 0) -> GlyphReading:
        return GlyphReading(
            box=(0, 0, 9, 9), label=label, probability=probability, accepted=probability > 0.9, line=line
        )

    def told(self, lines: list[str], *glyphs: GlyphReading, warnings: tuple[str, ...] = ()) -> list[str]:
        reading = PictureReading(path="a.png", lines=lines, glyphs=list(glyphs), warnings=list(warnings))
        return tell_reading(reading).splitlines()

    def test_carets_point_at_doubtful_digits(self) -> None:
        glyphs = [self.glyph(1), self.glyph(7, 0.61), self.glyph(2), self.glyph(9, 0.48)]
        assert self.told(["1729"], *glyphs) == [
            "a.png  1729",
            "        ^ ^  doubtful, look at them: 61 %, 48 %",
        ]

    def test_mark_left_out_of_the_line_moves_no_caret(self) -> None:
        glyphs = [self.glyph(1), self.glyph(4, 0.2, line=-1), self.glyph(7, 0.61)]
        assert self.told(["17"], *glyphs)[1] == "        ^  doubtful, look at it: 61 %"

    def test_carets_stand_below_their_own_line(self) -> None:
        glyphs = [self.glyph(1), self.glyph(7, 0.61, line=1)]
        assert self.told(["1", "7"], *glyphs, warnings=("small",)) == [
            "a.png", "  1", "  7", "  ^  doubtful, look at it: 61 %", "  note: small",
        ]  # fmt: skip


def test_narrow_space_of_a_screenshots_name_stays() -> None:
    assert visible("3.15\u202fPM \u202e.png") == "3.15\u202fPM \\u202e.png"


def test_progress_of_a_folder_has_the_time_left(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on by 3 s a look: the first of 4 pictures took 9 s, so the others need 27 s."""
    for number in range(4):
        Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / f"{number}.png")
    now = iter(range(0, 3000, 3))
    slow = partial(StageProgress, clock=lambda: float(next(now)))
    monkeypatch.setattr("inkwise.cli.terminal.stages.StageProgress", slow)
    _, _, err = run(tmp_path)
    assert err.splitlines()[0] == "reading: 25%, about 27 s left"
