"""Every kind of file a person may want classified, each answered as the same images in memory."""

import csv
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.golden_classifier import golden_classifier, square_images

from inkwise.data.idx import write_idx
from inkwise.errors import CheckpointError, DataError, InkwiseError
from inkwise.experiments.predict import FilePrediction, predict, to_csv
from inkwise.experiments.train import train

IMAGES = square_images()  # golden answers: labels 2, 0, 2, 1


def as_pictures(folder: Path) -> Path:
    folder.mkdir()
    for index, image in enumerate(IMAGES):
        Image.fromarray(image).save(folder / f"{index}.png")
    return folder


def as_idx(folder: Path) -> Path:
    write_idx(folder / "t10k-images-idx3-ubyte", IMAGES)
    return folder / "t10k-images-idx3-ubyte"


def as_csv(folder: Path) -> Path:
    header = ",".join(f"pixel{i}" for i in range(784))
    rows = [",".join(map(str, image.reshape(-1))) for image in IMAGES]
    (folder / "test.csv").write_text("\n".join([header, *rows]) + "\n")
    return folder / "test.csv"


def as_npz(folder: Path) -> Path:
    np.savez(folder / "set.npz", x_train=IMAGES[:3], y_train=np.zeros(3, int), x_test=IMAGES[3:], y_test=[1])
    return folder / "set.npz"


def as_parquet(folder: Path) -> Path:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = []
    for image in IMAGES:
        picture = io.BytesIO()
        Image.fromarray(image).save(picture, "png")
        rows.append({"bytes": picture.getvalue(), "path": None})
    parquet.write_table(arrow.table({"image": rows, "label": [0, 0, 0, 0]}), folder / "test.parquet")
    return folder / "test.parquet"


FORMS = {"idx": as_idx, "csv": as_csv, "npz": as_npz, "parquet": as_parquet}


def answers(*paths: Path | str) -> list[FilePrediction]:
    return list(predict(golden_classifier(), paths))


@pytest.mark.parametrize("form", FORMS)
def test_table_of_images_is_answered_in_its_order(form: str, tmp_path: Path) -> None:
    path = FORMS[form](tmp_path)
    found = answers(path)
    assert [(one.path, one.index) for one in found] == [(str(path), index) for index in range(4)]
    assert [one.label for one in found] == [2, 0, 2, 1]
    assert [one.class_name for one in found] == ["två", "nought", "två", "one"]


def test_run_is_taken_by_each_of_its_names(tmp_path: Path) -> None:
    run = train("mlp-sequential", data="digits", epochs=1, out=tmp_path / "run", report=False)
    path = as_idx(tmp_path)
    expected = run.classifier.predict(IMAGES).labels.tolist()
    for given in (run, run.path, str(run.path), run.classifier_path, run.classifier):
        assert [one.label for one in predict(given, [path])] == expected


def test_folder_of_pictures_is_answered_in_the_order_of_names(tmp_path: Path) -> None:
    folder = as_pictures(tmp_path / "mine")
    found = answers(folder)
    assert [(Path(one.path).name, one.index, one.label) for one in found] == [
        ("0.png", 0, 2), ("1.png", 0, 0), ("2.png", 0, 2), ("3.png", 0, 1),
    ]  # fmt: skip


def test_answer_equals_the_classifier_in_memory(tmp_path: Path) -> None:
    expected = golden_classifier().predict(IMAGES)
    for one, row in zip(answers(as_idx(tmp_path)), expected.probabilities, strict=True):
        assert one.probabilities == pytest.approx(row.tolist())
        assert one.probability == max(one.probabilities)
        assert sum(one.probabilities) == pytest.approx(1)


def test_several_paths_and_small_batches_change_nothing(tmp_path: Path) -> None:
    folder, idx = as_pictures(tmp_path / "mine"), as_idx(tmp_path)
    whole = answers(folder, idx)
    small = list(predict(golden_classifier(), [folder, idx], batch_size=3))
    assert [(one.path, one.index, one.label) for one in small] == [
        (one.path, one.index, one.label) for one in whole
    ]
    assert len(whole) == 8


def test_standard_input_is_one_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = io.BytesIO()
    Image.fromarray(IMAGES[1]).save(picture, "png")
    picture.seek(0)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(picture))
    (one,) = answers("-")
    assert (one.path, one.index, one.class_name) == ("-", 0, "nought")


def test_csv_has_a_line_an_image(tmp_path: Path) -> None:
    table = to_csv(answers(as_idx(tmp_path)), golden_classifier().classes)
    rows = list(csv.reader(io.StringIO(table)))
    assert rows[0] == ["path", "index", "label", "class_name", "probability", "nought", "one", "två"]
    assert [row[1:4] for row in rows[1:]] == [
        ["0", "2", "två"],
        ["1", "0", "nought"],
        ["2", "2", "två"],
        ["3", "1", "one"],
    ]
    assert all(float(row[4]) == max(map(float, row[5:])) for row in rows[1:])


def test_name_that_is_not_utf8_is_answered_and_printable(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.png"
    Image.fromarray(IMAGES[1]).save(os.fsdecode(raw))
    (one,) = answers(os.fsdecode(raw))
    assert one.class_name == "nought"
    assert "caf" in one.model_dump_json()


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("note.txt", b"hello", r"note\.txt"),
        ("x.png", b"not a picture", r"x\.png: no picture that Pillow can read"),
        ("x-idx3-ubyte", b"\0\0\x08\x03" + bytes(3), "x-idx3-ubyte"),
        ("x.csv", b"", r"x\.csv"),
        ("x.npz", b"PK", r"x\.npz"),
        ("x.parquet", b"PAR1", r"x\.parquet"),
    ],
)
def test_file_that_is_no_image_is_refused_by_name(
    name: str, content: bytes, match: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=match) as caught:
        answers(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.png: cannot be read \(No such file"):
        answers(tmp_path / "none.png")


def test_one_path_is_no_list_of_letters(tmp_path: Path) -> None:
    path = as_npz(tmp_path)
    for given in (path, str(path)):
        assert [one.label for one in predict(golden_classifier(), given)] == [2, 0, 2, 1]


def test_no_path_at_all_says_what_was_expected() -> None:
    with pytest.raises(DataError, match="no image to predict; expected pictures, folders, IDX"):
        answers()


def test_error_is_told_and_the_others_are_answered(tmp_path: Path) -> None:
    told: list[InkwiseError] = []
    paths = [tmp_path / "none.png", as_idx(tmp_path), as_pictures(tmp_path / "mine")]
    (tmp_path / "mine" / "1.png").write_bytes(b"")
    found = list(predict(golden_classifier(), paths, on_error=told.append))
    assert [one.label for one in found] == [2, 0, 2, 1, 2, 2, 1]
    assert [str(error).partition(":")[0] for error in told] == [str(paths[0]), str(paths[2] / "1.png")]


def test_error_that_is_told_is_enough_where_nothing_can_be_read(tmp_path: Path) -> None:
    told: list[InkwiseError] = []
    assert list(predict(golden_classifier(), [tmp_path / "none.png"], on_error=told.append)) == []
    assert len(told) == 1


@pytest.mark.parametrize("is_told", [False, True])
def test_files_without_an_image_are_refused(is_told: bool, tmp_path: Path) -> None:
    np.savez(tmp_path / "empty.npz", images=np.zeros((0, 28, 28), np.uint8))
    told: list[InkwiseError] = []
    found = predict(golden_classifier(), [tmp_path / "empty.npz"], on_error=told.append if is_told else None)
    with pytest.raises(DataError, match="no image to predict; expected pictures, folders, IDX"):
        list(found)
    assert told == []


def test_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no pictures in it .*; expected PNG"):
        answers(tmp_path)


def test_run_that_is_none_is_refused_before_a_picture_is_read(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file; expected a run folder"):
        list(predict(tmp_path / "run", ["none.png"]))
