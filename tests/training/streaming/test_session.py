"""Whole trainings on shards: the same bits for the same seed, resumed bits, and what is refused."""

import json

import numpy as np
import pytest
from tests.data.streaming.written import write_parquet, write_tar

from inkwise.classifier_file import read_safetensors
from inkwise.data.load import load_dataset
from inkwise.errors import CheckpointError, DataError, InterruptedTrainingError
from inkwise.experiments.evaluate import evaluate
from inkwise.experiments.train import train
from inkwise.recipes.load import load_recipe
from inkwise.training.session import check_session, prepare_session

pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
SETTINGS = {"batch_size": 50, "validation_fraction": 0.1, "minimum_steps": 0}


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture
def folder(tmp_path, digits):
    """scikit-learn's digits in three shards, sorted by class, and its test part in one."""
    order = np.argsort(digits.train.labels, kind="stable")
    (tmp_path / "shards").mkdir()
    for number, rows in enumerate(np.array_split(order, 3)):
        path = tmp_path / "shards" / f"train-{number}.parquet"
        write_parquet(path, digits.train.images[rows], digits.train.labels[rows], group_rows=100)
    write_parquet(tmp_path / "shards" / "test-0.parquet", digits.test.images, digits.test.labels)
    return tmp_path / "shards"


def load(folder):
    return load_dataset(folder, memory_map_bytes=0)


def weights_of(run):
    _, tensors = read_safetensors(run.path / "classifier.safetensors", framework="pt")
    return {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}


def trained(folder, out, **options):
    data = load(folder) if not isinstance(folder, str) else folder
    options = {"recipe": "mlp-logsoftmax", "settings": SETTINGS, "epochs": 4, "report": False, **options}
    return train(options.pop("recipe"), data=data, out=out, **options)


@pytest.mark.slow
def test_training_on_sorted_shards_learns_and_is_evaluated_on_all_of_test(folder, tmp_path, digits):
    run = trained(folder, tmp_path / "run", recipe="quick", report=True)
    assert run.evaluation["num_images"] == len(digits.test)
    assert run.evaluation["accuracy"] > 0.9
    assert run.report_path.is_file()
    again = evaluate(run, data=load(folder))
    assert again.accuracy == run.evaluation["accuracy"]


def test_equal_seeds_give_equal_bits_and_history(folder, tmp_path):
    first, second = (trained(folder, tmp_path / name) for name in ("a", "b"))
    other = trained(folder, tmp_path / "c", seed=5)
    assert weights_of(first) == weights_of(second) != weights_of(other)
    assert first.history_path.read_bytes() == second.history_path.read_bytes()


def test_tars_and_parquet_of_the_same_images_give_equal_bits(tmp_path, digits):
    """Runs of tars are 512 images and those of parquet row groups, so the groups are of 512 here."""
    folders = tmp_path / "tars", tmp_path / "parquet"
    for one in folders:
        one.mkdir()
    rows = slice(0, 1200)
    write_tar(folders[0] / "train-0.tar", digits.train.images[rows], digits.train.labels[rows].tolist())
    write_parquet(
        folders[1] / "train-0.parquet", digits.train.images[rows], digits.train.labels[rows], group_rows=512
    )
    runs = [trained(one, tmp_path / f"run-{one.name}", epochs=2) for one in folders]
    assert weights_of(runs[0]) == weights_of(runs[1])


@pytest.mark.parametrize("recipe", ["mlp-logsoftmax", pytest.param("quick", marks=pytest.mark.slow)])
def test_interrupted_training_goes_on_to_equal_bits(folder, tmp_path, recipe):
    """Stopped in the middle of the second epoch, by the signal that Ctrl-C sends."""
    import os
    import signal

    undisturbed = trained(folder, tmp_path / "undisturbed", recipe=recipe)
    data, stopped = load(folder), []

    def stop(progress):
        if progress.epoch == 2 and not progress.record and not stopped:
            stopped.append(progress.batch)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inkwise.training.loop.REPORT_SECONDS", 0)
        with pytest.raises(InterruptedTrainingError, match=r"interrupted in epoch 2 of 4 after \d+ of"):
            trained(folder, tmp_path / "run", recipe=recipe, on_progress=stop)
    resumed = train(data=data, out=tmp_path / "run", resume=True, report=False)
    assert 0 < stopped[0] < len(data.train) // 50
    assert weights_of(resumed) == weights_of(undisturbed)
    assert resumed.history_path.read_bytes() == undisturbed.history_path.read_bytes()


def test_resume_on_changed_shards_is_refused(folder, tmp_path, digits):
    recipe = load_recipe("mlp-logsoftmax").with_settings({"epochs": 2, **SETTINGS})
    run = trained(folder, tmp_path / "run", epochs=1)
    write_parquet(folder / "train-2.parquet", digits.train.images[:400], digits.train.labels[:400])
    session = prepare_session(run, recipe, load(folder))
    with pytest.raises(CheckpointError, match="the training images are not those the run began with"):
        session.train()


def test_provenance_states_the_split(folder, tmp_path, digits):
    run = trained(folder, tmp_path / "run", epochs=1)
    provenance = run.classifier.provenance
    assert provenance["num_validation"] == round(len(digits.train) * 0.1)
    assert provenance["num_train"] + provenance["num_validation"] == len(digits.train)
    assert json.loads(run.history_path.read_text().splitlines()[0])["validation_accuracy"] is not None


def test_written_images_with_a_streamed_set_are_refused(folder):
    recipe = load_recipe("reader").with_settings({"written_images": 100})
    with pytest.raises(DataError, match=r"streamed from the disk, and written_images .* into a shard"):
        check_session(recipe, load(folder), device="cpu")


def test_damaged_picture_stops_the_training_by_name(folder, tmp_path, digits):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "train-1.parquet")
    pngs = table["image"].to_pylist()
    pngs[123] = pngs[123][:70]
    pq.write_table(pa.table({"image": pngs, "label": table["label"]}), folder / "train-1.parquet")
    with pytest.raises(DataError, match=r"train-1\.parquet, row 123: cannot be decoded .* check or remove"):
        trained(folder, tmp_path / "run")
