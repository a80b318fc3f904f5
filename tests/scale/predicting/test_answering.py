"""Works on a Ray of this machine, by the command line; also with workers and the driver killed on the way."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow.parquet as pq
import pytest
from dev.injection.disks import can_mount, small_disk
from dev.predict_million import Driver, check, make, with_kills
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


def begun(folder: Path, *, shard: int = 5000) -> Driver:
    """Return a work of 40,000 images, with shards of 5,000 in 7 blocks, as a process of its own."""
    golden_classifier().save(folder / "classifier.safetensors")
    make(folder / "in", square_images(), num_images=40_000, shard=shard)
    return Driver(folder / "out" / "answers", folder / "classifier.safetensors", folder / "in")


def test_work_whose_workers_always_die_ends_and_says_so(tmp_path: Path) -> None:
    """Each is killed as soon as it reads its block's pictures, as one that is too large for memory does."""
    driver = begun(tmp_path, shard=20_000)
    deadline = time.monotonic() + 300  # on a busy machine each new worker takes half a minute
    while driver.process.poll() is None and time.monotonic() < deadline:
        for worker in driver.workers():
            with contextlib.suppress(psutil.Error):
                if any(str(tmp_path / "in") in file.path for file in worker.open_files()):
                    worker.kill()
        time.sleep(0.02)
    printed, said = driver.process.communicate(timeout=60)
    assert (driver.process.returncode, printed) == (1, "")
    assert re.search(r"^inkwise: block \d: its worker died 4 times; look for what kills workers", said, re.M)
    assert "Traceback" not in said
    assert "Started a local Ray" not in said  # another one, by a thread of Ray Data that went on


def test_ctrl_c_leaves_whole_blocks_and_no_process(tmp_path: Path) -> None:
    driver = begun(tmp_path)
    while not (workers := driver.workers()) and driver.process.poll() is None:
        time.sleep(0.02)
    workers[0].suspend()  # its blocks stay undone, however fast the machine is
    driver.wait_for(3)  # and has heard of one at least
    started = driver.family()
    driver.process.send_signal(signal.SIGINT)
    _, said = driver.process.communicate(timeout=60)
    assert driver.process.returncode == 1
    assert re.search(
        r"at least [1-6] of 7 blocks are whole in .*, the same command does the others$", said, re.M
    )
    assert "Traceback" not in said
    assert psutil.wait_procs(started, timeout=60)[1] == []
    done = Driver(driver.out, tmp_path / "classifier.safetensors", tmp_path / "in").finish()
    assert done["num_images"] == 40_000
    assert done["num_blocks_before"] >= 3


@pytest.mark.skipif(not can_mount(), reason="a full disk needs root, to mount one")
def test_full_disk_is_said_and_gone_on_with_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "out"):
        stuffing = tmp_path / "out" / "stuffing"
        with stuffing.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        os.truncate(stuffing, stuffing.stat().st_size - (1 << 18))  # room for the plan, not for the answers
        driver = begun(tmp_path)
        printed, said = driver.process.communicate(timeout=120)
        assert (driver.process.returncode, printed) == (1, "")
        assert re.search(r"^inkwise: cannot write .*: No space left on device; ", said, re.M)
        assert [path.name for path in driver.out.iterdir() if path.name.startswith(".")] == []
        stuffing.unlink()
        done = Driver(driver.out, tmp_path / "classifier.safetensors", tmp_path / "in").finish()
        assert done["num_images"] == 40_000
