import json
import subprocess
import sys
from pathlib import Path

import pytest

from inkwise.errors import DataError
from inkwise.experiments.bench.worker import (
    Job,
    Report,
    main,
    mnist_files,
    num_test_images,
    peak_memory_bytes,
)


def test_mnist_files_without_mnist_says_that_nothing_takes_its_place() -> None:
    with pytest.raises(
        DataError, match=r"bench needs the data set 'mnist'.*'digits'.*inkwise data fetch mnist"
    ):
        mnist_files()


def test_mnist_files_are_found_by_role(mnist_folder: Path) -> None:
    files = mnist_files()
    assert set(files) == {"train_images", "train_labels", "test_images", "test_labels"}
    assert files["test_labels"].parent == mnist_folder


def test_job_survives_the_way_to_its_process() -> None:
    job = Job(task="s3", side="baseline", seed=2, num_images=2000, epochs=1)
    assert Job.model_validate_json(job.model_dump_json()) == job


@pytest.mark.parametrize(("num_images", "expected"), [(60_000, 10_000), (2000, 333), (3, 1)])
def test_test_images_keep_mnists_share(num_images: int, expected: int) -> None:
    assert num_test_images(num_images) == expected


def test_peak_memory_is_in_bytes_and_grows_with_what_is_held() -> None:
    before = peak_memory_bytes()
    assert len(bytes(range(256)) * 600_000) == 153_600_000  # 154 MB, every page touched
    assert 20e6 < before < 20e9
    assert peak_memory_bytes() >= 153_600_000


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss survives exec on Linux")
def test_peak_memory_of_a_child_leaves_its_parents_out() -> None:
    """A parent of over 400 MB starts a bare Python, which takes far less."""
    child = "from inkwise.experiments.bench.worker import peak_memory_bytes; print(peak_memory_bytes())"
    parent = (
        "import subprocess, sys; held = bytearray(b'x') * 400_000_000; "
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    )
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200e6


def test_importing_the_worker_imports_no_torch() -> None:
    code = "import sys, inkwise.experiments.bench.measure; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_main_prints_one_report_and_nothing_else(
    mnist_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(Job(task="s3", side="baseline", num_images=64, epochs=1).model_dump_json())
    output = capsys.readouterr()
    report = Report.model_validate(json.loads(output.out))
    assert (report.num_train, report.num_test, report.num_steps) == (64, 10, 2)
    assert (report.batch_size, report.precision) == (32, "float32")
    assert report.seconds <= report.call_seconds
    assert "Epoch 0 - Training loss: " in output.err


def test_nothing_is_left_to_import_once_the_clock_starts() -> None:
    """In a process of its own, for here another test may have made an optimizer already."""
    code = (
        "import sys; from inkwise.experiments.bench.worker import finish_imports; finish_imports(); "
        "import torch; before = set(sys.modules); "
        "torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1); print(len(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 0
