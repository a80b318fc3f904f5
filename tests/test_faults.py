"""A few faults of dev/faults.py, done to one training; and that the suite sees what it looks for."""

import random
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from dev.faults import deal
from dev.faults_shown import to_markdown
from dev.injection.chain import Blow, finish, live_undisturbed, suffer
from dev.injection.disks import can_mount, failing_disk, small_disk
from dev.injection.faults import FAULTS
from dev.injection.folder import answer_of, faults_of
from dev.injection.life import Life
from dev.injection.trainings import TRAININGS, Training
from tests.bars import bars_dataset

from inkwise.experiments.train import train

BY_NAME = {fault.name: fault for fault in FAULTS}
# In this order, at a stage and a fraction of the steps; what a machine cannot do is left out.
SOME = (
    ("SIGKILL", "load", 0.0), ("SIGTERM", "train", 0.1), ("clocks jump, SIGKILL", "train", 0.2),
    ("disk full", "train", 0.3), ("read fails (EIO)", "", 0.0), ("SIGINT twice", "train", 0.4),
    ("SIGHUP (terminal gone)", "train", 0.5), ("SIGKILL", "report", 0.0),
)  # fmt: skip
TRAINED = Training(
    "a few faults", "best", "dropout, batch norm, changed images, averaged weights", 0.0, epochs=10,
    settings={"width": 8, "precision": "float32", "weight_averaging": 0.98},
)  # fmt: skip


@pytest.mark.slow
def test_training_survives_one_fault_after_another(tmp_path: Path) -> None:
    """After each the folder is whole; in the end all bits are those of a training that nothing befell."""
    blows = []
    expected = live_undisturbed(TRAINED, tmp_path / "undisturbed")
    with small_disk(tmp_path / "disk"):
        run = tmp_path / "disk" / "run"
        for name, stage, done in SOME:
            if BY_NAME[name].needs():
                wait = partial(Life.comes_to, stage=stage, done=done)
                blow = suffer(TRAINED, BY_NAME[name], run, wait=wait, chance=random.Random(1))
                assert blow is not None, f"it came to its end before: {name}"
                blows.append(blow)
        finish(TRAINED, run, expected=expected, blows=blows)
    assert [blow.wrong for blow in blows] == [[] for _ in blows]
    assert all(blow.is_equal for blow in blows)
    assert len(blows) >= 5
    assert "resumed" in {blow.went_on for blow in blows}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = train("mlp-class", data=bars_dataset(), out=tmp_path_factory.mktemp("runs") / "run", epochs=1)
    return run.path


def test_whole_folder_has_no_faults_and_an_empty_one_neither(finished: Path, tmp_path: Path) -> None:
    assert faults_of(finished) == []
    assert faults_of(tmp_path) == []


@pytest.mark.parametrize("name", ["recipe.toml", "history.jsonl", "checkpoint.safetensors",
                                  "classifier.safetensors", "evaluation.json", "report.html"])  # fmt: skip
def test_half_a_file_is_seen(name: str, finished: Path, tmp_path: Path) -> None:
    """Each file of the run in turn, cut in its middle."""
    for path in finished.iterdir():
        raw = path.read_bytes()
        (tmp_path / path.name).write_bytes(raw[: len(raw) // 2] if path.name == name else raw)
    assert [fault.partition(":")[0] for fault in faults_of(tmp_path)] == [name]


def test_file_of_no_known_name_is_seen(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "core").write_text("")
    assert faults_of(tmp_path) == ["core: unknown"]


def test_run_without_a_classifier_says_so(finished: Path, tmp_path: Path) -> None:
    shutil.copy(finished / "recipe.toml", tmp_path)
    assert answer_of(tmp_path) == "says why not"


@pytest.mark.slow
@pytest.mark.skipif(not can_mount(), reason="needs root, to mount a disk that fails")
@pytest.mark.parametrize(("read", "whole_blocks"), [("read_header", 0), ("read_classifier_file", 2)])
def test_classifier_on_a_failing_disk_is_an_error_and_no_crash(
    read: str, whole_blocks: int, finished: Path, tmp_path: Path
) -> None:
    """Mapped into memory, a page that the disk does not give would end the process with a bus error."""
    with failing_disk(finished / "classifier.safetensors", tmp_path, whole_blocks=whole_blocks) as path:
        code = (
            "import pathlib, inkwise.classifier_file as file\n"
            "from inkwise.errors import CheckpointError\n"
            f"try: file.{read}(pathlib.Path({str(path)!r}))\n"
            "except CheckpointError as error: print(error)"
        )
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert "not a whole safetensors file" in said.stdout
    assert "Input/output error" in said.stdout


def test_every_kind_is_dealt_as_often_and_all_over_a_life() -> None:
    """50 moments of 10 kinds: 5 each; one moment in every fiftieth of a life."""
    dealt = deal(50, list(FAULTS), random.Random(0))
    moments = [moment for of_training in dealt.values() for moment in of_training]
    assert {name: len(of) for name, of in dealt.items()} == {t.name: round(50 * t.share) for t in TRAININGS}
    assert sorted(fault.name for fault, _ in moments) == sorted([fault.name for fault in FAULTS] * 5)
    assert sorted(int(share * 50) for _, share in moments) == list(range(50))


def test_page_counts_and_names_what_is_wrong() -> None:
    good = Blow("a", "SIGKILL", "train", 0.5, 3.0, -9, "", [], "answers", "resumed", True)
    bad = Blow("b", "SIGTERM", "start", 0.0, 1.0, 3, "", ["history.jsonl: cut"], "says why not", "resumed")
    page = to_markdown(
        {
            "blows": [vars(good), vars(bad)], "every_write": [], "seed": 0, "date": "2026-11-21",
            "environment": {"processor": "P", "num_cores": 2, "torch": "2", "commit": None}, "skipped": [],
        }
    )  # fmt: skip
    assert "| SIGKILL | 1 | 1 | 1 | 0 | 0 | 1 |" in page
    assert "| SIGTERM | 1 | 0 | 0 | 1 | 0 | 0 |" in page
    assert "| **all** | 2 | 1 | 1 | 1 | 0 | 1 |" in page
    assert page.endswith("- b, SIGTERM: history.jsonl: cut\n")
