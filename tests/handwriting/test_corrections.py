"""The store of corrected glyphs."""

import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from inkwise.errors import HandwritingError, OutputError
from inkwise.handwriting.corrections import (
    add_corrections,
    check_store,
    corrections_path,
    load_corrections,
    pair_glyphs,
)
from inkwise.handwriting.ink import Ink
from inkwise.handwriting.reader import ReadGlyph, Reading


def glyph(label: int, *, seed: int = 0, line: int = 0) -> ReadGlyph:
    image = np.random.default_rng(seed).integers(0, 256, (28, 28)).astype(np.uint8)
    return ReadGlyph((0, 0, 9, 9), label, 0.8, True, image, line)


def reading(*glyphs: ReadGlyph) -> Reading:
    ink = Ink(np.zeros((9, 9), np.uint8), 1.0, False, ())
    return Reading(("".join(str(one.label) for one in glyphs if one.line >= 0),), glyphs, (), ink)


def test_corrections_come_back_as_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "corrections.sqlite"
    pairs = [(glyph(7, seed=1), 1), (glyph(4, seed=2), 4)]
    assert add_corrections(pairs, picture="a.png", path=path) == 1
    images, labels = load_corrections(path)
    np.testing.assert_array_equal(images, np.stack([one.image for one, _ in pairs]))
    assert labels.tolist() == [1, 4]


def test_path_of_the_store_may_be_text(tmp_path: Path) -> None:
    path = str(tmp_path / "corrections.sqlite")
    check_store(path)
    add_corrections([(glyph(7), 1)], picture="a.png", path=path)
    assert load_corrections(path)[1].tolist() == [1]
    check_store(path)


def test_correction_of_same_glyph_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "corrections.sqlite"
    add_corrections([(glyph(7), 1)], picture="a.png", path=path)
    add_corrections([(glyph(7), 2)], picture="a.png", path=path)
    assert load_corrections(path)[1].tolist() == [2]


def test_pairs_skip_marks_that_are_no_digits() -> None:
    both = reading(glyph(3, seed=1), glyph(0, seed=2, line=-1), glyph(5, seed=3))
    assert [(one.label, label) for one, label in pair_glyphs(both, "8|5")] == [(3, 8), (5, 5)]


def test_wrong_number_of_digits_is_refused() -> None:
    with pytest.raises(HandwritingError, match=r"'123': 3 digits, but 1 digit found \(4\)"):
        pair_glyphs(reading(glyph(4)), "123")


@pytest.mark.parametrize("text", ["", "  ", "12a", "four", "-1", "²"])
def test_anything_but_digits_is_refused(text: str) -> None:
    with pytest.raises(HandwritingError, match="expected the digits on the picture"):
        pair_glyphs(reading(glyph(4)), text)


def test_empty_store_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(HandwritingError, match="inkwise read --correct PHOTO"):
        load_corrections(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_foreign_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "corrections.sqlite"
    path.write_bytes(b"something else entirely, and long enough to be read as a header " * 4)
    before = path.read_bytes()
    with pytest.raises(HandwritingError, match="no store of corrections"):
        add_corrections([(glyph(1), 1)], picture="a.png", path=path)
    assert path.read_bytes() == before


def test_folder_in_the_place_of_the_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        add_corrections([(glyph(1), 1)], picture="a.png", path=tmp_path)


def test_label_that_is_no_digit_is_refused_with_all_the_others(tmp_path: Path) -> None:
    path = tmp_path / "corrections.sqlite"
    with pytest.raises(HandwritingError, match=r"label 11 of an image \(28, 28\): expected a digit, 0 to 9"):
        add_corrections([(glyph(1, seed=1), 3), (glyph(1, seed=2), 11)], picture="a", path=path)
    with pytest.raises(HandwritingError, match="no corrections yet"):
        load_corrections(path)  # all or none


def test_image_of_another_size_is_refused(tmp_path: Path) -> None:
    large = ReadGlyph((0, 0, 9, 9), 1, 0.8, True, np.zeros((32, 32), np.uint8), 0)
    with pytest.raises(HandwritingError, match=r"label 1 of an image \(32, 32\): expected .* of \(28, 28\)"):
        add_corrections([(large, 1)], picture="a", path=tmp_path / "corrections.sqlite")


def _add_many(path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        add_corrections([(glyph(1, seed=seed), 1)], picture="a", path=path)


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "corrections.sqlite"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add_many, args=(path, first)) for first in (0, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(load_corrections(path)[1]) == 40


def test_place_of_the_store_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "mine.sqlite"))
    assert corrections_path() == tmp_path / "mine.sqlite"


def test_store_is_plain_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "corrections.sqlite"
    add_corrections([(glyph(7), 1)], picture="a.png", path=path)
    with sqlite3.connect(path) as store:
        assert store.execute("SELECT label, read_as, picture FROM glyphs").fetchall() == [(1, 7, "a.png")]
    store.close()
