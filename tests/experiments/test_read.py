"""Pictures, folders and bad files of every kind: read in order, and none stops the rest."""

import io
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.written import save_written, written, written_page

import inkwise
from inkwise.errors import CheckpointError, DataError, HandwritingError, OutputError
from inkwise.experiments.read import read, read_each
from inkwise.experiments.train import train
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.reader import Reading, Recogniser, read_picture
from inkwise.reports.reading import PictureReading, tell_reading


def lines_of(*paths: object, **options: object) -> list[list[str]]:
    return [reading.lines for reading in read(list(paths), **options)]


def the_only(source: object) -> PictureReading:
    (reading,) = read(source)
    return reading


class TestAnswers:
    def test_two_lines_are_read_with_a_box_for_each_digit(self) -> None:
        """Every box lies on the digit that was written there."""
        page = written_page("1729", "305")
        reading = the_only(page.pixels)
        assert reading.lines == ["1729", "305"]
        true_boxes = [box for line in page.boxes for box in line]
        for glyph, (x, y, width, height) in zip(reading.glyphs, true_boxes, strict=True):
            assert glyph.box == pytest.approx((x, y, width, height), abs=6)
        assert [glyph.line for glyph in reading.glyphs] == [0, 0, 0, 0, 1, 1, 1]
        assert "".join(str(glyph.label) for glyph in reading.glyphs) == "1729305"

    def test_boxes_of_a_large_photo_are_in_its_own_pixels(self) -> None:
        page = written_page("1729")
        large = Image.fromarray(page.pixels).resize((page.pixels.shape[1] * 10, page.pixels.shape[0] * 10))
        reading = the_only(large)
        assert reading.lines == ["1729"]
        for glyph, box in zip(reading.glyphs, page.boxes[0], strict=True):
            assert np.array(glyph.box) / 10 == pytest.approx(box, abs=6)

    def test_json_has_exactly_the_promised_keys(self) -> None:
        document = the_only(written("17")).model_dump(mode="json")
        assert list(document) == ["path", "lines", "glyphs", "warnings"]
        assert [list(glyph) for glyph in document["glyphs"]] == [
            ["box", "label", "probability", "accepted"]
        ] * 2
        assert all(isinstance(side, int) for side in document["glyphs"][0]["box"])

    def test_blank_page_has_no_digits_and_says_so(self) -> None:
        reading = the_only(np.full((300, 400, 3), 240, np.uint8))
        assert (reading.lines, reading.glyphs, reading.error) == ([], [], None)
        assert reading.warnings[0].startswith("no digits found")

    def test_public_name_is_this_function(self) -> None:
        assert inkwise.read is read


class TestSources:
    def test_one_path_needs_no_list(self, tmp_path: Path) -> None:
        path = save_written(tmp_path / "a.png", "42")
        assert (
            the_only(str(path)).lines == the_only(path).lines == the_only(path.read_bytes()).lines == ["42"]
        )

    def test_order_is_kept_and_folders_are_read_at_any_depth(self, tmp_path: Path) -> None:
        for name, text in {"b.png": "2", "a/deep/x.jpg": "17", "a/notes.png": "53", "c.png": "9"}.items():
            save_written(tmp_path / "scans" / name, text)
        (tmp_path / "scans" / "notes.txt").write_text("no picture")
        (tmp_path / "scans" / ".hidden.png").write_bytes(b"")
        first = save_written(tmp_path / "first.png", "6")
        found = list(read([first, tmp_path / "scans"], workers=2))
        assert [(Path(one.path).name, one.lines) for one in found] == [
            ("first.png", ["6"]), ("x.jpg", ["17"]), ("notes.png", ["53"]),
            ("b.png", ["2"]), ("c.png", ["9"]),
        ]  # fmt: skip

    def test_number_of_workers_changes_nothing(self, tmp_path: Path) -> None:
        for number in range(12):
            save_written(tmp_path / f"{number:02}.png", str(number * 31), seed=number)
        alone = list(read(tmp_path, workers=1))
        assert list(read(tmp_path, workers=3)) == alone
        assert len(alone) == 12

    def test_opencv_has_its_threads_back_afterwards(self, tmp_path: Path) -> None:
        for number in range(4):
            save_written(tmp_path / f"{number}.png", "1")
        usual = cv2.getNumThreads()
        cv2.setNumThreads(3)
        try:
            list(read(tmp_path, workers=2))
            assert cv2.getNumThreads() == 3
        finally:
            cv2.setNumThreads(usual)

    def test_processes_give_the_answers_of_threads(self, tmp_path: Path) -> None:
        """A hundred small pictures, one of them damaged, go to two processes of their own."""
        for number in range(99):
            image = Image.fromarray(written(str(number % 10), seed=number)).resize((40, 40))
            image.save(tmp_path / f"{number:02}.png")
        (tmp_path / "bad.png").write_bytes(b"")
        before = len(multiprocessing.active_children())
        readings = read(tmp_path, workers=2, processes=True)
        first = next(readings)
        assert len(multiprocessing.active_children()) == before + 2
        assert [first, *readings] == list(read(tmp_path, workers=2))

    def test_bad_run_is_refused_before_processes_start(self, tmp_path: Path) -> None:
        paths = [tmp_path / f"{number}.png" for number in range(100)]
        with pytest.raises(CheckpointError, match="no such file"):
            list(read(paths, run=tmp_path / "run", processes=True, workers=2))

    def test_process_that_is_killed_is_said_in_one_line(self, tmp_path: Path) -> None:
        path = tmp_path / "7.png"
        Image.fromarray(written("7")).resize((40, 40)).save(path)
        readings = read([path] * 1000, workers=2, processes=True)
        next(readings)
        for child in multiprocessing.active_children():
            child.kill()
        with pytest.raises(
            HandwritingError, match=r"of 2 processes that read ended early, .* leave processes"
        ):
            list(readings)

    def test_standard_input_is_one_picture(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = save_written(tmp_path / "a.png", "42").read_bytes()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        reading = the_only("-")
        assert (reading.path, reading.lines) == ("-", ["42"])

    def test_empty_standard_input_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        assert "standard input: an empty file" in str(the_only("-").error)

    def test_progress_counts_to_the_end(self, tmp_path: Path) -> None:
        for number in range(5):
            save_written(tmp_path / f"{number}.png", "1")
        said: list[tuple[int, int]] = []
        list(read(tmp_path, on_progress=lambda done, total: said.append((done, total))))
        assert said == [(done, 5) for done in range(6)]

    def test_no_path_at_all_is_refused(self) -> None:
        with pytest.raises(DataError, match="no picture to read; expected photos, scans, drawings, folders"):
            list(read([]))

    def test_run_that_is_none_is_refused_before_a_picture_is_read(self, tmp_path: Path) -> None:
        with pytest.raises(CheckpointError, match="no such file"):
            list(read("none.png", run=tmp_path / "run"))

    def test_reading_with_the_shipped_reader_imports_no_torch(self, tmp_path: Path) -> None:
        """PyTorch, matplotlib, scipy and scikit-learn each take longer to load than a photo to read."""
        path = save_written(tmp_path / "a.png", "42")
        program = (
            "import sys, inkwise; print(*next(inkwise.read(sys.argv[1])).lines);"
            "print(*{'torch', 'matplotlib', 'scipy', 'sklearn'} & {*sys.modules})"
        )
        done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True)
        assert done.stdout == "42\n\n"


def bomb(path: Path) -> None:
    Image.new("1", (9_000, 9_000)).save(path)


def truncated(path: Path) -> None:
    raw = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)).save(raw, "JPEG")
    path.write_bytes(raw.getvalue()[:4000])


def animated(path: Path) -> None:
    frames = [Image.new("L", (40, 40), value) for value in (0, 99)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


HOSTILE = {
    "bomb.png": (bomb, "9000x9000 pixels, expected at most 50,000,000 in all; make the picture smaller"),
    "cut.jpg": (
        truncated,
        r"cannot be decoded \(image file is truncated .*\); expected a whole picture, check",
    ),
    "dot.png": (
        lambda path: Image.new("L", (1, 1)).save(path),
        "1x1 pixels, expected at least 4x4 .*; take a",
    ),
    "long.png": (
        lambda path: Image.new("L", (60_000, 10)).save(path),
        "60000x10 .*; cut the picture into parts",
    ),
    "moving.gif": (animated, "2 frames, expected one still picture; save one frame as PNG"),
    "nan.tif": (
        lambda path: Image.fromarray(np.full((40, 40), np.nan, np.float32)).save(path),
        "floating point pixels, expected 8 or 16 bits; save it as PNG",
    ),
    "page.pdf": (lambda path: path.write_bytes(b"%PDF-1.7"), "a PDF, expected PNG, .*; save the page as PNG"),
    "phone.heic": (
        lambda path: path.write_bytes(b"\0\0\0\x24ftypheic"),
        "a HEIC photo, .*; export it as JPEG",
    ),
    "empty.jpg": (lambda path: path.write_bytes(b""), "an empty file, .*; take another copy"),
    "text.png": (lambda path: path.write_text("hello"), "no picture that Pillow can read; expected PNG"),
}


class TestHostileInput:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_bad_picture_is_one_clear_line(self, name: str, tmp_path: Path) -> None:
        make, message = HOSTILE[name]
        make(tmp_path / name)
        reading = the_only(tmp_path / name)
        assert (reading.path, reading.lines, reading.glyphs) == (str(tmp_path / name), [], [])
        assert reading.warnings == [reading.error]
        assert "\n" not in str(reading.error)
        with pytest.raises(DataError, match=rf"{name}: {message}"):
            raise DataError(reading.error)

    def test_rest_of_the_folder_is_read(self, tmp_path: Path) -> None:
        for name, (make, _) in HOSTILE.items():
            make(tmp_path / name)
        for name in ("a.png", "m.png", "z.png"):
            save_written(tmp_path / name, "17")
        (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
        (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
        os.mkfifo(tmp_path / "pipe.png")
        found = {Path(one.path).name: one for one in read(tmp_path, workers=2)}
        assert [name for name, one in found.items() if one.lines == ["17"]] == ["a.png", "m.png", "z.png"]
        failed = {name for name, one in found.items() if one.error is not None}
        assert failed == {*HOSTILE, "loop.png", "pipe.png"}

    def test_cmyk_photo_is_read(self, tmp_path: Path) -> None:
        Image.fromarray(written("17")).convert("CMYK").save(tmp_path / "print.jpg", quality=95)
        assert the_only(tmp_path / "print.jpg").lines == ["17"]

    def test_white_strokes_on_nothing_are_read(self, tmp_path: Path) -> None:
        ink = 255 - written("17")[..., 0]
        Image.fromarray(np.dstack([np.full((*ink.shape, 3), 255, np.uint8), ink])).save(tmp_path / "pad.png")
        assert the_only(tmp_path / "pad.png").lines == ["17"]

    def test_folder_without_pictures_is_an_answer(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        picture = save_written(tmp_path / "a.png", "17")
        none, one = read([tmp_path / "empty", picture])
        assert one.lines == ["17"]
        with pytest.raises(
            DataError, match=r"no pictures in it \(0 other files\); expected PNG, .* check the path"
        ):
            raise DataError(none.error)

    def test_missing_file_does_not_stop_the_next(self, tmp_path: Path) -> None:
        picture = save_written(tmp_path / "a.png", "17")
        none, one = read([tmp_path / "none.png", picture])
        assert "none.png: cannot be decoded (No such file or directory)" in str(none.error)
        assert one.lines == ["17"]

    def test_name_that_is_not_utf8_is_read_and_printable(self, tmp_path: Path) -> None:
        path = save_written(tmp_path / "a.png", "17")
        odd = os.fsencode(tmp_path) + b"/caf\xe9.png"
        path.rename(os.fsdecode(odd))
        reading = the_only(os.fsdecode(odd))
        assert reading.lines == ["17"]
        assert "caf\\\\xe9.png" in reading.model_dump_json()

    def test_name_that_would_fool_a_terminal_is_shown_as_it_is(self, tmp_path: Path) -> None:
        """ESC [ 2 J clears the screen, and a line break makes a second line."""
        (tmp_path / "a\n\x1b[2Jb.png").write_bytes(b"")
        reading = the_only(tmp_path / "a\n\x1b[2Jb.png")
        assert reading.path == str(tmp_path / "a\n\x1b[2Jb.png")
        assert r"a\n\x1b[2Jb.png: an empty file" in str(reading.error)
        assert tell_reading(reading).splitlines()[0] == str(tmp_path / r"a\n\x1b[2Jb.png")

    def test_giant_standard_input_is_cut_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("inkwise.experiments.read.MOST_BYTES", 1000)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(2000))))
        with pytest.raises(
            DataError, match="standard input: more than 1,000 bytes, expected one picture; give"
        ):
            raise DataError(the_only("-").error)


class TestOverlay:
    def test_each_picture_that_was_read_is_drawn(self, tmp_path: Path) -> None:
        save_written(tmp_path / "scans" / "a.png", "17")
        save_written(tmp_path / "scans" / "deep" / "a.png", "3")
        (tmp_path / "scans" / "bad.png").write_bytes(b"")
        list(read(tmp_path / "scans", overlay=tmp_path / "drawn"))
        assert {path.name for path in (tmp_path / "drawn").iterdir()} == {"a.png.png", "a.png-2.png"}

    def test_drawings_of_an_earlier_call_are_not_read(self, tmp_path: Path) -> None:
        save_written(tmp_path / "a.png", "17")
        for _ in range(2):
            assert lines_of(tmp_path, overlay=tmp_path / "drawn") == [["17"]]

    def test_folder_that_is_read_is_not_drawn_into(self, tmp_path: Path) -> None:
        save_written(tmp_path / "a.png", "17")
        with pytest.raises(DataError, match="would be read and drawn into; choose another --overlay"):
            lines_of(tmp_path, overlay=tmp_path)

    def test_picture_that_is_read_is_not_drawn_over(self, tmp_path: Path) -> None:
        paths = [save_written(tmp_path / name, "17") for name in ("a.png", "a.png.png")]
        raw = paths[1].read_bytes()
        assert lines_of(*paths, overlay=tmp_path) == [["17"], ["17"]]
        assert paths[1].read_bytes() == raw

    def test_overlay_that_is_a_file_is_refused(self, tmp_path: Path) -> None:
        path = save_written(tmp_path / "a.png", "17")
        with pytest.raises(
            OutputError, match=r"cannot write .*a\.png\.png: .* choose another with --overlay"
        ):
            lines_of(path, overlay=path)


def test_answers_keep_what_the_reader_saw(tmp_path: Path) -> None:
    (answer,) = read_each(save_written(tmp_path / "a.png", "17"))
    assert answer.reading is not None
    assert answer.picture is not None
    assert [glyph.image.shape for glyph in answer.reading.glyphs] == [(28, 28)] * 2
    assert answer.reading.ink.coverage.shape == answer.picture.pixels.shape[:2]


def test_run_of_ones_own_reads_in_place_of_the_shipped_reader(tmp_path: Path) -> None:
    run = train("mlp-sequential", data="digits", epochs=1, out=tmp_path / "run", report=False)
    (answer,) = read_each(written("1729"), run=run.path)
    assert answer.reading is not None
    images = np.stack([glyph.image for glyph in answer.reading.glyphs])
    expected = run.classifier.predict(images).probabilities
    assert [glyph.label for glyph in answer.reading.glyphs] == expected.argmax(axis=1).tolist()
    assert [glyph.probability for glyph in answer.reading.glyphs] == pytest.approx(
        expected.max(axis=1).tolist()
    )


def test_early_end_leaves_no_work_behind(tmp_path: Path) -> None:
    """A caller who has seen enough is not kept waiting for a folder."""
    for number in range(40):
        save_written(tmp_path / f"{number:02}.png", "1")
    done: list[int] = []
    answers = read(tmp_path, workers=2, on_progress=lambda number, total: done.append(number))
    next(answers)
    answers.close()
    assert done == [0, 1]


def test_few_pictures_are_in_memory_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers may be four pictures ahead of a caller who takes his time over the first."""
    for number in range(40):
        save_written(tmp_path / f"{number:02}.png", "1")
    begun: list[str] = []

    def read_and_count(picture: Picture, recogniser: Recogniser) -> Reading:
        begun.append(picture.name)
        return read_picture(picture, recogniser)

    monkeypatch.setattr("inkwise.experiments.read.read_picture", read_and_count)
    answers = read_each(tmp_path, workers=2)
    next(answers)
    time.sleep(1)
    assert len(begun) <= 5
    answers.close()


def test_fault_of_our_own_costs_one_picture_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.png", "b.png"):
        save_written(tmp_path / name, "17")

    def fail_once(picture: Picture, recogniser: Recogniser) -> Reading:
        if picture.name.endswith("a.png"):
            raise RuntimeError("no ink")
        return read_picture(picture, recogniser)

    monkeypatch.setattr("inkwise.experiments.read.read_picture", fail_once)
    bad, good = read(tmp_path)
    assert str(bad.error) == f"{tmp_path / 'a.png'}: unexpected RuntimeError: no ink; please report it"
    assert good.lines == ["17"]
