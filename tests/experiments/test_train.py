"""The whole of `inkwise train`: the run folder, replaying it, where data come from, and what is refused."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.bars import bars_dataset
from torch.utils.data import TensorDataset

from inkwise.classifier import Classifier
from inkwise.classifier_file import read_safetensors
from inkwise.data.dataset import Dataset, Split
from inkwise.data.idx import write_idx
from inkwise.errors import DataError, InkwiseError, OutputError, RecipeError, RunError, TrainingError
from inkwise.experiments.evaluate import evaluate
from inkwise.experiments.train import _new_run, train
from inkwise.experiments.training.data import choose_data
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run

FILES = {
    "recipe.toml", "environment.json", "history.jsonl", "checkpoint.safetensors", "classifier.safetensors",
    "evaluation.json", "report.html",
}  # fmt: skip


def weights(run: Run) -> dict[str, bytes]:
    return {
        name: tensor.numpy().tobytes()
        for name, tensor in read_safetensors(run.classifier_path, framework="pt")[1].items()
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two epochs of S1's recipe on digits, with its report."""
    return train("mlp-sequential", data="digits", epochs=2, out=tmp_path_factory.mktemp("runs") / "one")


def test_training_writes_every_file_of_a_run(run: Run) -> None:
    assert {path.name for path in run.path.iterdir() if not path.name.startswith(".")} == FILES


def test_evaluation_file_has_the_promised_keys(run: Run) -> None:
    """V1: number of images and errors, accuracy with interval, loss; and the seconds of the whole."""
    keys = "dataset split num_images num_errors accuracy accuracy_interval loss expected_calibration_error"
    evaluation = run.evaluation
    assert {*keys.split(), "per_class", "confusion_matrix", "train_seconds"} <= evaluation.keys()
    assert (evaluation["dataset"], evaluation["split"], evaluation["num_images"]) == ("digits", "test", 359)
    assert evaluation["accuracy"] == pytest.approx(1 - evaluation["num_errors"] / 359)
    low, high = evaluation["accuracy_interval"]
    assert 0 <= low < evaluation["accuracy"] < high <= 1
    assert 0 < evaluation["train_seconds"] < 600


def test_recipe_of_a_run_says_what_was_trained(run: Run) -> None:
    recipe = run.recipe
    assert (recipe.name, recipe.data.dataset, recipe.training.epochs) == ("mlp-sequential", "digits", 2)
    header = run.classifier.header
    assert header.recipe == recipe.model_dump(exclude_none=True)
    assert header.provenance["dataset"] == "digits"
    assert header.metrics["epochs"] == 2


def test_recipe_of_a_run_replays_to_equal_weights(run: Run, tmp_path: Path) -> None:
    """S1: with data and seed inside, the file alone repeats the training."""
    again = train(str(run.recipe_path), out=tmp_path / "again", report=False)
    assert weights(again) == weights(run)
    assert again.history == run.history
    assert again.recipe.model_dump() == run.recipe.model_dump()


def test_settings_reach_the_recipe(tmp_path: Path) -> None:
    run = train(
        "mlp-class", data=bars_dataset(), epochs=1, seed=9, settings={"learning_rate": 0.2},
        out=tmp_path / "run", report=False,
    )  # fmt: skip
    training = run.recipe.training
    assert (training.epochs, training.minimum_steps, training.seed, training.learning_rate) == (1, 0, 9, 0.2)
    assert len(run.history) == 1


def test_epochs_of_the_recipe_grow_on_a_small_set(tmp_path: Path) -> None:
    """110 images and batches of 50 are 3 steps an epoch; 10 steps take 4 epochs."""
    data = bars_dataset(110, 10)
    settings = {"minimum_steps": 10, "epochs": 1, "batch_size": 50, "validation_fraction": 0.0}
    run = train("mlp-class", data=data, settings=settings, out=tmp_path / "run", report=False)
    assert [record.step for record in run.history] == [3, 6, 9, 12]


def test_without_data_and_mnist_digits_are_taken_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D1: the network is shut and nothing is on disk."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    notes: list[str] = []
    run = train("mlp-sequential", epochs=1, out=tmp_path / "run", report=False, on_note=notes.append)
    assert len(notes) == 1
    assert notes[0].startswith("MNIST is neither on disk nor reachable: training on digits instead")
    assert "\n" not in notes[0]
    assert run.evaluation["dataset"] == "digits"
    assert run.recipe.data.dataset == "digits"


@pytest.mark.parametrize("how", ["argument", "another recipe's set"])
def test_mnist_asked_for_and_out_of_reach_fails(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    arguments = {"data": "mnist"} if how == "argument" else {"settings": {"dataset": "kmnist"}}
    with pytest.raises(DataError, match=r"mnist.*inkwise data (fetch|import)") as caught:
        train("mlp-sequential", epochs=1, out=tmp_path / "run", report=False, **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists(), "nothing is begun without data"


def test_file_in_place_of_a_folder_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("years of work")
    with pytest.raises(RunError, match="run: a file; expected a new folder, choose another --out"):
        train("mlp-class", data=bars_dataset(60, 10), epochs=1, out=tmp_path / "run")
    assert (tmp_path / "run").read_text() == "years of work"


@pytest.mark.parametrize("key", ["epochs", "training.epochs"])
def test_change_that_is_asked_for_twice_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="epochs is asked for twice, as 1 and as 2; leave one of them out"):
        train("mlp-class", data=bars_dataset(60, 10), epochs=1, settings={key: 2}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_number_without_end_is_no_value(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"learning_rate.*finite"):
        train("mlp-class", data=bars_dataset(60, 10), settings={"learning_rate": float("inf")})


def test_folder_that_is_not_empty_is_refused_and_left_whole(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("years of work")
    with pytest.raises(RunError, match=r"run: the folder is not empty; .*choose another --out"):
        train("mlp-class", data=bars_dataset(), out=tmp_path / "run", epochs=1)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.txt"]


def test_start_that_was_killed_before_its_recipe_is_begun_anew(tmp_path: Path) -> None:
    """What lies there then: own images of a reader's training, and half of a recipe.toml."""
    (tmp_path / "run").mkdir()
    for name in ("own-images.safetensors", ".recipe.toml.0123456789abcdef"):
        (tmp_path / "run" / name).write_text("")
    run = train("mlp-class", data=bars_dataset(), out=tmp_path / "run", epochs=1, report=False)
    assert run.is_finished
    assert not (tmp_path / "run" / ".recipe.toml.0123456789abcdef").exists()


def test_resume_of_a_start_that_was_killed_says_to_begin(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".recipe.toml.0123456789abcdef").write_text("")
    with pytest.raises(
        RunError, match=r"run: holds no recipe.toml, so no training has begun here; leave out"
    ):
        train(resume=True, out=tmp_path / "run")


def test_training_into_a_finished_run_is_refused(run: Run) -> None:
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(RunError, match=r"not empty.*go on with: inkwise train --resume"):
        train("mlp-class", data="digits", out=run.path, epochs=1)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


def test_resume_without_a_folder_asks_for_it() -> None:
    with pytest.raises(RunError, match="resume needs to know which run: add --out RUN"):
        train(resume=True)


def test_resume_of_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no such folder"):
        train(resume=True, out=tmp_path / "none")
    with pytest.raises(RunError, match=r"holds no recipe\.toml"):
        train(resume=True, out=tmp_path)


def test_resume_of_a_finished_run_changes_nothing_and_says_so(run: Run) -> None:
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    notes: list[str] = []
    train(resume=True, out=run.path, on_note=notes.append)
    assert notes == [f"{run.path}: already finished, nothing to resume"]
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


def test_resume_of_a_finished_run_without_report_writes_the_same_report(run: Run, tmp_path: Path) -> None:
    copy = Run(Path(shutil.copytree(run.path, tmp_path / run.path.name)))
    copy.report_path.unlink()
    notes: list[str] = []
    train(resume=True, out=copy.path, on_note=notes.append)
    assert notes == [f"{copy.path}: already finished; only its report is missing, and written now"]
    assert copy.report_path.read_bytes() == run.report_path.read_bytes()


def test_resume_for_a_missing_report_refuses_other_data(run: Run, tmp_path: Path) -> None:
    copy = Run(Path(shutil.copytree(run.path, tmp_path / run.path.name)))
    copy.report_path.unlink()
    with pytest.raises(RunError, match="evaluated on 359 images of digits, got 60 of bars; name the data"):
        train(resume=True, out=copy.path, data=bars_dataset())
    assert not copy.report_path.exists()


@pytest.mark.parametrize("more", [{"epochs": 9}, {"seed": 1}, {"settings": {"learning_rate": 0.5}}])
def test_resume_refuses_another_recipe(run: Run, more: dict[str, object]) -> None:
    """A resumed training goes on as it was begun; other settings would be ignored, so they are refused."""
    with pytest.raises(RunError, match="a resumed training keeps its recipe; leave out"):
        train(resume=True, out=run.path, **more)  # type: ignore[arg-type]


def test_runs_without_a_name_are_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths = [train("mlp-class", data=bars_dataset(), epochs=1, report=False).path for _ in range(2)]
    assert paths == [Path("runs/mlp-class-001"), Path("runs/mlp-class-002")]


def test_loss_that_is_no_number_does_not_advise_to_resume(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="the training loss became") as caught:
        train(
            "mlp-class", data=bars_dataset(), epochs=3, settings={"learning_rate": 1e9}, out=tmp_path / "run",
            report=False, checkpoint_seconds=0,
        )  # fmt: skip
    assert "--resume" not in str(caught.value), "it would only become NaN again"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"recipe": "quik"}, "unknown recipe 'quik'; did you mean 'quick'"),
        ({"settings": {"epoch": 3}}, "unknown setting 'epoch'; did you mean 'epochs'"),
        (
            {"settings": {"architecture": "cnn-lanet"}},
            "unknown network 'cnn-lanet'; did you mean 'cnn-lenet'",
        ),
        ({"settings": {"network.options.dropuot": 1}}, "unknown option 'dropuot'"),
        ({"data": "mnits"}, "unknown dataset 'mnits'; did you mean 'mnist'"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
    ],
)
def test_bad_argument_is_refused_and_leaves_no_folder(
    arguments: dict[str, object], match: str, tmp_path: Path
) -> None:
    call = {"recipe": "quick", "data": bars_dataset(100, 10), "out": tmp_path / "run", **arguments}
    with pytest.raises(InkwiseError, match=match):
        train(**call)  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()


def test_one_class_is_refused(tmp_path: Path) -> None:
    split = Split(np.zeros((5, 28, 28), np.uint8), np.zeros(5, np.int64))
    with pytest.raises(DataError, match="a classifier needs at least 2 classes, got 1"):
        train("quick", data=Dataset("x", ("only",), split, split), out=tmp_path / "run")


@pytest.mark.parametrize("num_train", [2, 3])
def test_handful_of_images_trains_without_validation(num_train: int, tmp_path: Path) -> None:
    """A twelfth of 3 images is none: nothing to stop early by, and the history says None."""
    data = bars_dataset(num_train, 4, num_classes=2)
    arguments = {"data": data, "epochs": 1, "out": tmp_path / "run", "report": False, "device": "cpu"}
    with pytest.raises(
        DataError, match=f"bars: {num_train} train images leave none for validation, .*patience"
    ):
        train("quick", **arguments, settings={"patience": 1})  # type: ignore[arg-type]
    run = train("quick", **arguments)  # type: ignore[arg-type]
    assert run.is_finished
    assert run.history[-1].validation_loss is None


def test_read_only_arrays_are_trained_on_as_they_are(tmp_path: Path) -> None:
    """Memory-mapped or frozen arrays give no warning and are not written to."""
    data = bars_dataset(100, 20)
    for split in (data.train, data.test):
        split.images.setflags(write=False)
        split.labels.setflags(write=False)
    assert train("mlp-class", data=data, epochs=1, out=tmp_path / "run").is_finished


def test_own_files_are_found_again_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe keeps the absolute path, so that evaluate and resume need no --data."""
    data = bars_dataset(100, 20)
    monkeypatch.chdir(tmp_path)
    Path("mine").mkdir()
    for part, split in (("train", data.train), ("t10k", data.test)):
        write_idx(Path("mine", f"{part}-images-idx3-ubyte"), split.images)
        write_idx(Path("mine", f"{part}-labels-idx1-ubyte"), split.labels.astype(np.uint8))
    run = train("mlp-class", data="mine", epochs=1, out="run", report=False)
    assert Path(run.recipe.data.dataset) == tmp_path / "mine"
    (tmp_path / "elsewhere").mkdir()
    path = run.path.absolute()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert evaluate(path).num_images == 20


def test_output_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot write .*; expected a writable folder with free space"):
        train("mlp-class", data=bars_dataset(), epochs=1, out=tmp_path / "file" / "run")
    with pytest.raises((OutputError, RunError), match=r"file"):
        train("mlp-class", data=bars_dataset(), epochs=1, out=tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="needs root, to become another user")
def test_read_only_folder_is_refused(tmp_path: Path) -> None:
    """As the user nobody, who may not write where root has made a folder."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    target = str(tmp_path / "run" / "x")
    code = f"import os, inkwise.files as files; os.setuid(65534); files.write_atomically({target!r}, 'y')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert "OutputError: cannot write" in done.stderr
    assert "Permission denied; expected a writable folder with free space, choose another" in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Mount a real file system of 1 MB below tmp_path, or skip."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, timeout=10, check=False)
    except OSError as error:
        pytest.skip(f"cannot mount a small disk: {error}")
    if done.returncode:
        pytest.skip(f"cannot mount a small disk: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=10)


def test_full_disk_ends_in_one_line_and_keeps_what_was_there(small_disk: Path) -> None:
    """1 MB is room for the recipe and not for the checkpoint and classifier of a network of 4 MB."""
    (small_disk / "thesis.txt").write_text("years of work" * 1000)
    with pytest.raises(
        OutputError, match=r"No space left on device; expected a writable folder with free space"
    ):
        train("mlp-wide", data=bars_dataset(100, 10), epochs=1, out=small_disk / "run", report=False)
    assert (small_disk / "thesis.txt").read_text() == "years of work" * 1000
    for path in (small_disk / "run").iterdir():
        assert not path.name.startswith(".classifier"), "no temporary file is left"
        assert not path.name.startswith(".checkpoint")
    assert load_recipe(small_disk / "run" / "recipe.toml").name == "mlp-wide"


def test_disk_that_fills_up_keeps_the_last_whole_checkpoint(small_disk: Path) -> None:
    """0.44 MB a checkpoint and 0.4 MB of other files: the first fits, beside it no second; it stays whole."""
    (small_disk / "other").write_bytes(bytes(400_000))
    with pytest.raises(OutputError, match="No space left on device"):
        train(
            "mlp-class",
            data=bars_dataset(),
            epochs=5,
            out=small_disk / "run",
            report=False,
            checkpoint_seconds=0,
        )
    metadata, tensors = read_safetensors(small_disk / "run" / "checkpoint.safetensors", framework="pt")
    assert json.loads(metadata["inkwise-checkpoint"])["batch"] == 1
    assert "network.output.weight" in tensors


def test_unknown_recipe_is_a_recipe_error() -> None:
    with pytest.raises(RecipeError, match="unknown recipe"):
        train("nothing-like-it")


def test_classifier_file_alone_is_enough_to_go_on(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(run.classifier_path.read_bytes())
    assert Classifier.load(path).header == run.classifier.header


def test_a_name_of_the_catalogue_is_kept_where_a_folder_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """load_dataset takes the catalogue's digits; the recipe must not say ./digits then."""
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    run = train("mlp-sequential", data="digits", epochs=1, out="run", report=False)
    assert run.recipe.data.dataset == "digits"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds file names that are no text")
def test_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    images = np.zeros((20, 28, 28), np.uint8)
    write_idx(folder / "train-images-idx3-ubyte", images)
    write_idx(folder / "train-labels-idx1-ubyte", (np.arange(20) % 2).astype(np.uint8))
    with pytest.raises(DataError, match=r"caf\\xe9: the path is not UTF-8 text, .*; rename it"):
        train("mlp-sequential", data=folder, epochs=1, out=tmp_path / "run", report=False)
    assert not (tmp_path / "run").exists()


def test_written_images_are_made_told_of_and_trained_on(tmp_path: Path) -> None:
    """400 images are one report; the run learned from them too, and gives equal weights when repeated."""
    told: list[tuple[int, int]] = []
    settings = {"written_images": 30, "outliers": 0.2, "shift_px": 1}
    one = train(
        "mlp-sequential", data="digits", epochs=1, settings=settings, out=tmp_path / "one", report=False,
        on_write=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told[-1] == (30, 30)
    plain = train(
        "mlp-sequential",
        data="digits",
        epochs=1,
        settings={"shift_px": 1},
        out=tmp_path / "plain",
        report=False,
    )
    num_train = [run.classifier.provenance["num_train"] for run in (one, plain)]
    assert num_train[0] == num_train[1] + 30
    again = train(one.path / "recipe.toml", out=tmp_path / "again", report=False)
    assert weights(again) == weights(one)
    assert weights(one) != weights(plain)


def test_written_images_are_refused_for_other_classes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"need the classes 0 to 9; this set has 3 .*set written_images to 0"):
        train(
            "mlp-sequential",
            data=bars_dataset(num_classes=3),
            settings={"written_images": 5},
            out=tmp_path / "x",
        )
    assert not (tmp_path / "x").exists()


def test_outliers_without_written_images_are_refused() -> None:
    with pytest.raises(RecipeError, match="outliers are a share of written_images; set that above 0"):
        load_recipe("quick").with_settings({"outliers": 0.1})


def test_damaged_mnist_is_told_of_and_no_digits_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody asked for a set: somebody who has MNIST, if only in part, would not want digits."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    (tmp_path / "data" / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(b"half a file")
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz"):
        train("mlp-sequential", epochs=1, out=tmp_path / "run", report=False)


def test_data_of_a_recipe_are_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    data = bars_dataset(60, 10)
    np.savez(
        tmp_path / "here" / "bars.npz", x_train=data.train.images, y_train=data.train.labels,
        x_test=data.test.images, y_test=data.test.labels,
    )  # fmt: skip
    monkeypatch.chdir(tmp_path / "here")
    settings = {"dataset": "bars.npz"}
    run = train("mlp-class", epochs=1, settings=settings, out=tmp_path / "run", report=False)
    assert run.recipe.data.dataset == str(tmp_path / "here" / "bars.npz")
    monkeypatch.chdir(tmp_path / "there")
    assert train(str(run.recipe_path), out=tmp_path / "again", report=False).history == run.history


def test_torch_dataset_is_trained_on_by_the_name_of_its_class(tmp_path: Path) -> None:
    split = bars_dataset(60, 10).train
    data = TensorDataset(torch.from_numpy(split.images), torch.from_numpy(split.labels))
    run = train("mlp-class", data=data, epochs=1, out=tmp_path / "run", report=False)
    assert run.recipe.data.dataset == "TensorDataset"
    assert evaluate(run, data=data).accuracy == run.evaluation["accuracy"]


def test_two_trainings_without_a_folder_get_one_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first has only chosen its folder when the second begins."""
    monkeypatch.chdir(tmp_path)
    begun = _new_run(None, load_recipe("mlp-class"))[0]
    run = train("mlp-class", data=bars_dataset(60, 10), epochs=1, report=False)
    assert [begun.path, run.path] == [Path("runs/mlp-class-001"), Path("runs/mlp-class-002")]


def test_folder_with_nothing_but_a_lock_is_new(tmp_path: Path) -> None:
    """What a kill between the lock and recipe.toml leaves."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").touch()
    assert train(
        "mlp-class", data=bars_dataset(60, 10), epochs=1, out=tmp_path / "run", report=False
    ).is_finished


def test_what_is_passed_over_of_a_folder_is_told(tmp_path: Path) -> None:
    """A photo that Pillow cannot open is missed by its owner, who would look for it in vain."""
    data = bars_dataset(40, 10)
    for number, (image, label) in enumerate(zip(data.train.images, data.train.labels, strict=True)):
        (tmp_path / "set" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "set" / str(label) / f"{number}.png")
    (tmp_path / "set" / "0" / "photo.heic").touch()
    notes: list[str] = []
    folder = tmp_path / "set"
    train("mlp-class", data=folder, epochs=1, out=tmp_path / "run", report=False, on_note=notes.append)
    assert notes == [f"{folder}: 1 files that are hidden or no pictures were passed over"]


def test_what_was_passed_over_is_told_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of words has another order in every process."""
    keys = ["unused", "skipped", "test.csv", "empty", "unlabelled"]
    data = replace(bars_dataset(), name="bars", notes={key: f"note {key}" for key in keys})
    notes: list[str] = []
    monkeypatch.setattr("inkwise.experiments.training.data.load_dataset", lambda *args, **more: data)
    choose_data("bars", "mnist", may_fall_back=False, on_load=None, on_note=notes.append)
    assert notes == [f"bars: note {key}" for key in sorted(keys)]
