"""Works on a Ray of this machine, by the command line; also with workers and the driver killed on the way."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from dev.predict_million import check, make, with_kills
from tests.golden_classifier import golden_classifier, square_images
from tests.scale.predicting.given import SQUARES, squares, write_parquet, write_pictures, write_tar
from tests.written import save_written

from inkwise.classifier import Classifier

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[3] / "docs" / "json-output.md"


def command(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-m", "inkwise", *map(str, words)]
    return subprocess.run(called, cwd=cwd, capture_output=True, text=True, timeout=300)


def test_page_of_millions_works_as_it_says(tmp_path: Path) -> None:
    """Begin, damage a picture, take a block away, go on; the JSON has the keys of its page."""
    golden_classifier().save(tmp_path / "my-run" / "classifier.safetensors")
    write_pictures(tmp_path / "scans", 8)
    (tmp_path / "scans" / "bad.png").write_bytes(b"no picture")
    write_parquet(tmp_path / "shards" / "a.parquet", squares(8))
    write_tar(tmp_path / "shards" / "b.tar", squares(8))
    words = ("predict", "my-run", "scans", "shards/a.parquet", "shards/b.tar", "--ray", "--out", "answers")
    first = command(*words, cwd=tmp_path)
    assert first.returncode == 1
    assert "answers: 25 images in 1 block; " in first.stdout
    assert first.stderr.endswith(
        "inkwise: 1 of 25 images could not be read, the others were; the column error in answers says why\n"
    )
    assert "core_worker" not in first.stderr  # Ray's own words
    table = pq.read_table(tmp_path / "answers")
    assert [label for label in table["label"].to_pylist() if label is not None] == SQUARES * 6
    (tmp_path / "answers" / "block-000000.parquet").unlink()
    document = json.loads(command(*words, "--json", cwd=tmp_path).stdout)
    section = PAGE.read_text("utf-8").partition("### With --ray\n")[2].partition("\n## ")[0]
    assert list(document) == re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    assert (document["num_images"], document["num_errors"], document["num_blocks_before"]) == (25, 1, 0)
    again = command(*words, cwd=tmp_path)
    assert "answers: 25 images in 1 block, 1 of them there before\n" in again.stdout


def test_photos_are_read_into_a_folder(tmp_path: Path) -> None:
    save_written(tmp_path / "photos" / "a.png", "1729")
    done = command("read", "photos", "--ray", "--out", "readings", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (row,) = pq.read_table(tmp_path / "readings").to_pylist()
    assert (row["path"], row["lines"], row["error"]) == ("photos/a.png", ["1729"], None)


def test_images_are_answered_once_though_workers_and_the_driver_are_killed(tmp_path: Path) -> None:
    """80,000 images in 16 blocks, as `dev/predict_million.py kills` does it with a million."""
    images, num_images, shard = square_images(), 80_000, 5000
    golden_classifier().save(tmp_path / "classifier.safetensors")
    told = Classifier.load(tmp_path / "classifier.safetensors").predict(images)
    make(tmp_path / "in", images, num_images=num_images, shard=shard)
    inputs = [tmp_path / "in" / "parquet", tmp_path / "in" / "tar"]
    done = with_kills(tmp_path / "out", tmp_path / "classifier.safetensors", inputs, num_blocks=16)
    assert len(done["killed"]) == 3
    assert 0 < done["second"]["num_blocks_before"] < 16
    found = check(tmp_path / "out", (told.probabilities, told.labels), num_images=num_images, shard=shard)
    assert found.pop("greatest_difference") < 1e-5
    assert found == {"rows": num_images, "errors": 0, "other_class": 0, "lost": 0, "double": 0}
