"""Images for prediction from every kind of path, in order, and the name of every bad file."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from tests.data.formats.drawn import csv_text, numbered, png

from inkwise.data.idx import write_idx
from inkwise.data.images import read_images
from inkwise.errors import DataError

IMAGES = numbered(3)


def test_folder_is_read_at_any_depth_in_order(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for index, name in enumerate(("a.png", "b.png", "deep/c.png")):
        (tmp_path / name).write_bytes(png(IMAGES[index]))
    (tmp_path / "notes.txt").write_text("x")
    found = list(read_images([tmp_path]))
    assert [(path, index) for path, index, _ in found] == [
        (str(tmp_path / name), 0) for name in ("a.png", "b.png", "deep/c.png")
    ]
    np.testing.assert_array_equal([image for _, _, image in found], IMAGES)


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("kind", ["idx", "csv", "npz", "parquet"])
def test_tables_count_their_images(tmp_path: Path, kind: str, labelled: bool) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "idx":
        write_idx(path, IMAGES)
    elif kind == "csv":
        path.write_text(csv_text(IMAGES, [0, 1, 0] if labelled else None))
    elif kind == "npz":
        np.savez(path, images=IMAGES, **({"labels": [0, 1, 0]} if labelled else {}))
    else:
        pyarrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
        columns = {"image": [png(image) for image in IMAGES]} | ({"label": [0, 1, 0]} if labelled else {})
        pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(columns), path)
    found = list(read_images([path]))
    assert [(given, index) for given, index, _ in found] == [(str(path), index) for index in range(3)]
    np.testing.assert_array_equal([image for _, _, image in found], IMAGES)


def test_keras_archive_gives_train_then_test(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_test=IMAGES[2:], x_train=IMAGES[:2])
    found = list(read_images([tmp_path / "a.npz"]))
    np.testing.assert_array_equal([image for _, _, image in found], IMAGES)
    assert [index for _, index, _ in found] == [0, 1, 2]


def test_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(png(IMAGES[0]))))
    [(path, index, image)] = read_images(["-"])
    assert (path, index) == ("-", 0)
    np.testing.assert_array_equal(image, IMAGES[0])


def test_bad_standard_input_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"text")))
    with pytest.raises(DataError, match="standard input: no picture that Pillow can read"):
        list(read_images(["-"]))


def test_path_that_is_no_utf8_is_printable(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    Path(name).write_bytes(png(IMAGES[0]))
    for source in (name, tmp_path):
        [(path, _, _)] = read_images([source])
        assert path.endswith(r"/\xff.png")


def test_bad_file_is_named_after_the_good(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(IMAGES[0]))
    (tmp_path / "b.png").write_bytes(b"text")
    images = read_images([tmp_path / "a.png", tmp_path / "b.png"])
    assert next(images)[0].endswith("a.png")
    with pytest.raises(DataError, match=r"b\.png: no picture that Pillow can read"):
        next(images)


def test_missing_path_is_named() -> None:
    with pytest.raises(DataError, match=r"absent\.png: cannot be read \(No such file"):
        list(read_images(["absent.png"]))


def test_folder_without_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"no pictures in it \(1 other files\); expected PNG"):
        list(read_images([tmp_path]))
