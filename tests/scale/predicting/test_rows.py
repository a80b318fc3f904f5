"""A row an image: equal to what one process says of it, or why there is nothing to say."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.golden_classifier import golden_classifier
from tests.scale.predicting.given import answer_here, begun, squares, wanted, write_parquet, write_pictures
from tests.written import save_written

from inkwise.experiments.predict import predict
from inkwise.experiments.read import SUFFIXES, read
from inkwise.scale.predicting.into import _recogniser


def test_rows_equal_those_of_one_process(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    folder = write_pictures(tmp_path / "in", 40)
    for index, size in enumerate([(28, 28), (40, 30), (9, 60)] * 20):
        noise = generator.integers(0, 256, size, np.uint8)
        Image.fromarray(noise).save(folder / f"noise-{index}.png")
    expected = list(predict(golden_classifier(), [folder]))
    rows = answer_here(*begun(tmp_path / "out", wanted(folder, images=33)))
    assert [(row["path"], row["index"], row["label"], row["class_name"]) for row in rows] == [
        (one.path, one.index, one.label, one.class_name) for one in expected
    ]
    for row, one in zip(rows, expected, strict=True):
        assert row["probabilities"] == pytest.approx(one.probabilities, abs=1e-5)
        assert row["probability"] == max(row["probabilities"])
        assert (row["error"], row["member"]) == (None, None)


def test_damaged_picture_has_a_row_that_says_why(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "in", 3)
    (folder / "0001.png").write_bytes(squares(1)[0][:60])
    rows = answer_here(*begun(tmp_path / "out", wanted(folder)))
    assert [row["label"] for row in rows] == [2, None, 2]
    assert "0001.png: cannot be decoded" in rows[1]["error"]
    assert [rows[1][key] for key in ("class_name", "probability", "probabilities")] == [None] * 3


def test_row_of_a_table_without_a_picture_says_why(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", [squares(1)[0], None, b"GIF8"])
    rows = answer_here(*begun(tmp_path / "out", wanted(tmp_path / "a.parquet")))
    assert [row["label"] for row in rows] == [2, None, None]
    assert "a.parquet, row 1: no image; expected the bytes" in rows[1]["error"]
    assert "a.parquet: no picture that Pillow can read" in rows[2]["error"]


def test_digits_read_equal_those_of_one_process(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save_written(folder / "a.png", "1729", "31")
    save_written(folder / "b.png", "27")
    (folder / "c.png").write_bytes(b"no picture")
    (folder / "d.pdf").write_bytes(b"%PDF-1.7")
    expected = [reading.model_dump(mode="json") for reading in read(folder)]
    asked = wanted(folder, images=2, does="read")._replace(suffixes=SUFFIXES)
    rows = answer_here(*begun(tmp_path / "out", asked, _recogniser(None)))
    keys = ("path", "lines", "glyphs", "warnings")
    assert [{key: row[key] for key in keys} for row in rows] == expected
    assert rows[0]["lines"] == ["1729", "31"]
    assert [row["error"] is None for row in rows] == [True, True, False, False]
    assert "a PDF" in rows[3]["error"]
