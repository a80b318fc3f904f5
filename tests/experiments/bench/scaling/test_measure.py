"""The whole bench on some thousand images, its parts by hand; no figure of speed is judged."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from tests.bars import bars_dataset
from tests.experiments.bench.children import first_child

from inkwise.data.dataset import Split
from inkwise.errors import RecipeError, RunError
from inkwise.experiments.bench.scaling import copies
from inkwise.experiments.bench.scaling.copies import open_copies, write_copies
from inkwise.experiments.bench.scaling.measure import run_scaling_bench, write_scaling
from inkwise.experiments.bench.scaling.memory import private_bytes, watch_memory
from inkwise.experiments.bench.scaling.result import RowResult, ScalingBench, bytes_an_image, print_scaling

BARS = bars_dataset(30, 10)


def row(num_images: int, seconds: float, grown: int) -> RowResult:
    return RowResult(
        task="train", num_images=num_images, num_threads=1, seconds=seconds, cpu_seconds=seconds,
        private_bytes=300_000_000 + grown, grown_bytes=grown, resident_bytes=500_000_000,
    )  # fmt: skip


@pytest.mark.slow
def test_whole_bench_measures_every_row_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Item 9 of issue 4, at 100, 1,000 and 10,000 images: about 40 s, most of it Python's imports."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    lines: list[str] = []
    result = run_scaling_bench(num_images=10_000, threads=(1,), data="digits", on_progress=lines.append)
    assert [(one.num_images, one.task) for one in result.rows] == [
        (size, task) for size in (100, 1000, 10_000) for task in ("train", "predict", "in order", "shuffled")
    ]
    assert all(one.seconds > 0 and 0 <= one.grown_bytes < one.private_bytes for one in result.rows)
    assert "writing 1,000 images" in lines
    assert not list((tmp_path / "temporary").glob("inkwise-*"))
    paths = write_scaling(result, tmp_path / "out")
    assert [path.name for path in paths] == ["scaling.json", "scaling.md", "scaling.png"]
    assert ScalingBench.model_validate_json(paths[0].read_text()) == result
    assert paths[2].read_bytes().startswith(b"\x89PNG")
    print_scaling(result)
    assert "predict" in capsys.readouterr().out
    assert json.loads(paths[0].read_text())["environment"]["num_cores"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_leaves_no_file_and_no_worker(number: signal.Signals, tmp_path: Path) -> None:
    code = (
        # A job in the background of a shell begins with SIGINT ignored.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from inkwise.experiments.bench.scaling.measure import run_scaling_bench; "
        "run_scaling_bench(num_images=10_000, threads=(1,), data='digits')"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL) as parent:
        worker = first_child(psutil.Process(parent.pid))
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("inkwise-scaling-*/*/run/*")) and time.monotonic() < deadline:
            time.sleep(0.02)  # until the worker has a run folder
        assert list(tmp_path.glob("inkwise-scaling-*/images.npy"))
        parent.send_signal(number)  # to the parent alone
        assert parent.wait(timeout=30) != 0
    is_alive = worker.is_running()
    if is_alive:
        worker.kill()
    assert not is_alive
    assert not list(tmp_path.glob("inkwise-*"))  # PyTorch leaves a cache


def test_copies_are_the_images_moved_and_stay_in_their_file(tmp_path: Path) -> None:
    """70 images of 30: twice all of them and 10 more; copy 1 lies one pixel to the right."""
    path = tmp_path / "images.npy"
    write_copies(BARS.train, path, num_images=70)
    dataset = open_copies(path, of=BARS)
    images = dataset.train.images
    assert isinstance(images, np.memmap)
    assert images.shape == (70, 28, 28)
    assert np.array_equal(images[:30], BARS.train.images)
    assert np.array_equal(images[30:60, :, 1:], BARS.train.images[:, :, :-1])
    assert np.array_equal(images[60:, :, 2:], BARS.train.images[:10, :, :-2])
    assert dataset.train.labels.tolist() == [*BARS.train.labels, *BARS.train.labels, *BARS.train.labels[:10]]
    assert dataset.test is BARS.test


def test_hundred_copies_differ(tmp_path: Path) -> None:
    spot = np.zeros((1, 28, 28), np.uint8)
    spot[0, 5, 5] = 255
    write_copies(Split(spot, np.zeros(1, np.int64)), tmp_path / "images.npy", num_images=100)
    images = np.load(tmp_path / "images.npy", mmap_mode="r", allow_pickle=False)
    assert len({image.tobytes() for image in images}) == 100


def test_disk_without_room_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_SPARE_BYTES", 1e18)
    with pytest.raises(RunError, match=r"50 images take 0.0 GB and 1 GB is to stay free, found .* make room"):
        write_copies(BARS.train, tmp_path / "images.npy", num_images=50)
    assert not (tmp_path / "images.npy").exists()


def test_peak_holds_what_was_freed_before_the_end_and_no_mapped_pages(tmp_path: Path) -> None:
    """An array of 64 MB counts, reading 64 MB of a mapped file does not."""
    file = np.lib.format.open_memmap(tmp_path / "zeros.npy", mode="w+", dtype=np.uint8, shape=(2**26,))
    before = private_bytes()
    with watch_memory() as mapped:
        assert file.sum() == 0
    assert mapped.private_bytes - before < 2**25
    with watch_memory() as own:
        total = sum(np.ones(2**26, np.uint8).sum(dtype=np.int64) for _ in range(8))
    assert total == 8 * 2**26
    assert own.private_bytes - before > 2**25


def test_system_that_does_not_tell_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("inkwise.experiments.bench.scaling.memory._STATUS", tmp_path / "status")
    with pytest.raises(RunError, match=r"does not tell a process's own memory .* bench scaling needs Linux"):
        run_scaling_bench(num_images=10_000)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"num_images": 9_999}, "images is 9,999, expected at least 10,000: the smallest"),
        ({"threads": (0,)}, "threads is 0, expected at least 1"),
        ({"repetitions": 0}, "repetitions is 0, expected at least 1"),
    ],
)
def test_numbers_that_are_too_small_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        run_scaling_bench(**given)  # type: ignore[arg-type]


def test_result_says_how_time_and_memory_grow() -> None:
    """9,000 more images with 90,000 more bytes are 10 each; 12 s are 10 times 1.2 s."""
    rows = [row(1000, 1.2, 50_000), row(10_000, 12.0, 140_000)]
    assert bytes_an_image(*rows) == pytest.approx(10)
    environment = {
        "processor": "P", "num_cores": 2, "torch": "2", "commit": None, "started": "2026-11-21T00:00:00",
    }  # fmt: skip
    result = ScalingBench(
        rows=rows, precision="float32", repetitions=1, seconds=20.0, environment=environment
    )
    assert result.to_sentences() == [
        "Train, 1 thread: 10,000 images take 10.0 times as long as 1,000, and each further image, "
        "of 784 bytes, 10 bytes of own memory."
    ]
    page = result.to_markdown()
    assert "| 10,000 | 1 | train | 12.0 | 12.0 | 1200.0 | 300 MB | 0 MB | 500 MB |" in page
    assert "commit: unknown" in page


def test_table_is_whole_on_80_letters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    largest = row(6_000_000, 1234.0, 234_000_000).model_copy(update={"resident_bytes": 5_300_000_000})
    print_scaling(ScalingBench(rows=[largest], precision=None, repetitions=1, seconds=1.0, environment={}))
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(" 6,000,000"))
    assert all(cell in line for cell in ("train", "1234", "205.7", "534 MB", "234 MB", "5300 MB"))
