"""A whole training: equal bits from equal seeds, nothing of the test part in it, and nothing left behind."""

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset

from inkwise.classifier_file import read_safetensors
from inkwise.data.dataset import Dataset, Split
from inkwise.data.digest import data_digest
from inkwise.errors import CheckpointError, InkwiseError, RecipeError, RunError, TrainingError
from inkwise.experiments.train import train
from inkwise.networks.build import build_network
from inkwise.recipes.load import load_recipe
from inkwise.runs.lock import locked
from inkwise.runs.run import Run
from inkwise.training import device, loop
from inkwise.training.device import thread_count
from inkwise.training.session import prepare_session


def weights(run: Run) -> dict[str, bytes]:
    return {
        name: tensor.numpy().tobytes()
        for name, tensor in read_safetensors(run.classifier_path, framework="pt")[1].items()
    }


def quick_run(out: Path, name: str = "mlp-sequential", **more: object) -> Run:
    arguments = {"data": bars_dataset(), "epochs": 2, "report": False, "device": "cpu", **more}
    return train(name, out=out, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["mlp-sequential", "mlp-logsoftmax", "mlp-class", "cnn-keras", "quick"])
def test_equal_seeds_give_equal_bits_and_others_do_not(name: str, tmp_path: Path) -> None:
    """D15: weights and history, with dropout and on either kind of step."""
    data = bars_dataset(120, 20)
    settings = {"precision": "float32"}
    one, again, other = (
        quick_run(tmp_path / str(index), name, data=data, seed=seed, epochs=1, settings=settings)
        for index, seed in enumerate((3, 3, 4))
    )
    assert weights(one) == weights(again)
    assert one.history_path.read_bytes() == again.history_path.read_bytes()
    assert weights(one) != weights(other)


def test_random_state_of_others_does_not_matter_and_is_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(1)
    one = quick_run(tmp_path / "one", "cnn-keras", epochs=1, data=bars_dataset(60, 20))
    torch.manual_seed(2)
    np.random.default_rng(0)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    threads = torch.get_num_threads()
    other = quick_run(tmp_path / "other", "cnn-keras", epochs=1, data=bars_dataset(60, 20))
    assert weights(one) == weights(other)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("settings", [{}, {"learning_rate": 1e9}], ids=["done", "failed"])
def test_thread_count_is_left_as_found(
    settings: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unrolled training takes one thread for itself, also where it fails."""
    monkeypatch.setattr(loop, "REPORT_SECONDS", 0.0)  # after every step, so that the failing one is seen too
    before, seen = torch.get_num_threads(), set()
    torch.set_num_threads(before + 1)
    try:
        with pytest.raises(TrainingError) if settings else contextlib.nullcontext():
            quick_run(
                tmp_path / "run", settings=settings, epochs=5,
                on_progress=lambda progress: seen.add(torch.get_num_threads()),
            )  # fmt: skip
    finally:
        left, _ = torch.get_num_threads(), torch.set_num_threads(before)
    assert left == before + 1
    assert seen == {1}


def test_denormal_numbers_are_flushed_on_one_thread_only() -> None:
    """A dead unit's momentum would halve the speed of a step; the caller's mode is left as found."""

    def tiny() -> float:
        return float(torch.tensor(1e-40) * 1)

    with thread_count(1):
        assert tiny() == 0
    assert tiny() > 0
    with thread_count(2):
        assert tiny() > 0


def test_test_part_has_no_say_in_the_training(tmp_path: Path) -> None:
    """With rubbish as test part, weights, history and header are equal: early stopping and all."""
    data = bars_dataset()
    rubbish = np.random.default_rng(5).integers(0, 256, (60, 28, 28), dtype=np.uint8)
    poisoned = Dataset(data.name, data.classes, data.train, Split(rubbish, data.test.labels[::-1].copy()))
    settings = {"patience": 2, "validation_fraction": 0.3, "mean": "measured", "std": "measured"}
    one = quick_run(tmp_path / "one", data=data, epochs=12, settings=settings)
    other = quick_run(tmp_path / "other", data=poisoned, epochs=12, settings=settings)
    assert weights(one) == weights(other)
    assert one.history == other.history
    assert one.classifier.header == other.classifier.header
    assert one.evaluation["accuracy"] != other.evaluation["accuracy"]


def test_test_part_is_not_there_while_training(tmp_path: Path) -> None:
    """The images of the test part are written only after the last epoch: all that reads them comes later."""
    data = bars_dataset()
    images = np.lib.format.open_memmap(tmp_path / "test.npy", "w+", np.uint8, data.test.images.shape)
    late = replace(data, test=Split(images, data.test.labels))

    def fill(progress: object) -> None:
        if progress.record and progress.record.epoch == progress.num_epochs:  # type: ignore[attr-defined]
            images[:] = data.test.images

    one = quick_run(tmp_path / "one", data=late, epochs=8, on_progress=fill)
    other = quick_run(tmp_path / "other", data=data, epochs=8)
    assert one.evaluation["confusion_matrix"] == other.evaluation["confusion_matrix"]


def test_validation_images_are_never_trained_on(tmp_path: Path) -> None:
    """Replaced by rubbish they change no weight, only the validation columns of the history."""
    data = bars_dataset()
    recipe = load_recipe("mlp-sequential").with_settings({"minimum_steps": 0, "validation_fraction": 0.25})
    ready = prepare_session(Run(tmp_path / "look"), recipe, data, device="cpu")
    assert ready.loop.validation is not None
    chosen, trained = ready.loop.validation.indices, ready.loop.train.indices
    assert sorted([*chosen.tolist(), *trained.tolist()]) == list(range(400))
    assert len(chosen) == 100
    images = data.train.images.copy()
    images[chosen.numpy()] = 255
    spoilt = replace(data, train=Split(images, data.train.labels))
    settings = {"validation_fraction": 0.25}
    one = quick_run(tmp_path / "one", data=data, settings=settings)
    other = quick_run(tmp_path / "other", data=spoilt, settings=settings)
    assert weights(one) == weights(other)
    columns = {"validation_loss", "validation_accuracy"}
    assert [r.model_dump(exclude=columns) for r in one.history] == [
        r.model_dump(exclude=columns) for r in other.history
    ]
    assert one.history[-1].validation_loss != other.history[-1].validation_loss


def test_measured_mean_is_of_the_trained_images_alone(tmp_path: Path) -> None:
    """D5: mean and standard deviation by the data themselves, without the validation's images."""
    data = bars_dataset(100, 10)
    recipe = load_recipe("quick").with_settings({"validation_fraction": 0.5, "precision": "float32"})
    ready = prepare_session(Run(tmp_path), recipe, data, device="cpu")
    trained = data.train.images[ready.loop.train.indices.numpy()] / 255
    assert ready.header.preprocessing.mean == pytest.approx(trained.mean(), abs=5e-5)
    assert ready.header.preprocessing.std == pytest.approx(trained.std(), abs=5e-5)


def test_bfloat16_trains_where_it_is_asked_for(tmp_path: Path) -> None:
    run = quick_run(
        tmp_path / "run", "mlp-class", epochs=3, settings={"precision": "bfloat16", "learning_rate": 0.1}
    )
    assert run.environment["precision"] == "bfloat16"
    assert run.classifier.provenance["precision"] == "bfloat16"
    losses = [record.train_loss for record in run.history]
    assert losses[-1] < losses[0]
    assert {tensor.dtype for tensor in run.classifier.network.state_dict().values()} == {torch.float32}
    plain = quick_run(tmp_path / "plain", "mlp-class", epochs=3, settings={"learning_rate": 0.1})
    assert losses == pytest.approx([record.train_loss for record in plain.history], rel=0.02)
    assert weights(run) != weights(plain)


@pytest.mark.parametrize(
    ("device", "match"),
    [
        ("gpu", "unknown device 'gpu'; expected auto, cpu, cuda or mps"),
        ("", "unknown device ''; expected auto, cpu, cuda or mps"),
        ("cpu:x", "unknown device 'cpu:x'; expected auto, cpu, cuda or mps"),
        ("cuda:x", "device 'cuda:x'"),
    ],
)
def test_unknown_device_is_refused(device: str, match: str, tmp_path: Path) -> None:
    """T9."""
    with pytest.raises(RecipeError, match=match):
        quick_run(tmp_path / "run", device=device)


@pytest.mark.parametrize(
    ("device", "is_there"), [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())]
)
def test_device_that_is_not_there_is_refused(device: str, is_there: bool, tmp_path: Path) -> None:
    """T9: where the tutorial's .cuda() ended in an AssertionError."""
    if is_there:
        assert quick_run(tmp_path / "run", device=device).environment["device"].startswith(device)
        return
    match = f"device '{device}' was asked for, but PyTorch finds none on this machine; take --device cpu"
    with pytest.raises(RecipeError, match=match):
        quick_run(tmp_path / "run", device=device)


def test_folder_is_locked_while_training(tmp_path: Path) -> None:
    run = Run(tmp_path)
    with (
        locked(run.path),
        pytest.raises(RunError, match="another process is training here; wait for it"),
        locked(run.path),
    ):
        pass
    with locked(run.path):  # free again
        pass


def test_what_a_kill_left_half_written_is_cleared_before_the_next_training(tmp_path: Path) -> None:
    half, own = tmp_path / ".checkpoint.safetensors.0123456789abcdef", tmp_path / ".notes.md"
    half.write_bytes(b"half")
    own.write_text("mine")
    with locked(tmp_path):
        assert not half.exists()
    assert own.read_text() == "mine"


def test_digest_sees_other_images_labels_and_numbers() -> None:
    split = bars(20)
    assert data_digest(split) == data_digest(Split(split.images.copy(), split.labels.copy()))
    assert data_digest(split) != data_digest(bars(20, seed=9)), "equal labels, other images"
    assert data_digest(split) != data_digest(bars(21))
    assert data_digest(split) != data_digest(Split(split.images, split.labels[::-1].copy()))


# --- going on with a checkpoint that was spoilt -------------------------------------------------------------


def interrupted(path: Path) -> Run:
    """Return a run whose training stopped after an epoch, by an error of its listener."""

    def stop(progress: object) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        quick_run(path, on_progress=stop, epochs=3, checkpoint_seconds=0)
    return Run.open(path)


def test_error_in_a_listener_leaves_a_run_that_goes_on(tmp_path: Path) -> None:
    run = interrupted(tmp_path / "stopped")
    assert run.checkpoint_path.is_file()
    assert not run.is_finished
    train(data=bars_dataset(), out=run.path, resume=True, report=False)
    assert weights(run) == weights(quick_run(tmp_path / "undisturbed", epochs=3))


def test_resume_on_other_data_is_refused(tmp_path: Path) -> None:
    run = interrupted(tmp_path / "run")
    with pytest.raises(CheckpointError, match="the training images are not those the run began with"):
        train(data=bars_dataset(410), out=run.path, resume=True, report=False)


def test_resume_from_a_truncated_checkpoint_is_refused(tmp_path: Path) -> None:
    run = interrupted(tmp_path / "run")
    run.checkpoint_path.write_bytes(run.checkpoint_path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: not a whole safetensors file"):
        train(data=bars_dataset(), out=run.path, resume=True, report=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("epoch"),
        lambda document: document.update(epoch="one"),
        lambda document: document.update(records=[{}]),
        lambda document: document.update(records=None),
        lambda document: document.clear(),
        lambda document: document.update(epoch=-1),
    ],
)
def test_resume_from_an_altered_checkpoint_is_refused(change: object, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    run = interrupted(tmp_path / "run")
    metadata, tensors = read_safetensors(run.checkpoint_path, framework="pt")
    document = json.loads(metadata["inkwise-checkpoint"])
    change(document)  # type: ignore[operator]
    save_file(tensors, run.checkpoint_path, metadata={"inkwise-checkpoint": json.dumps(document)})
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: .*") as caught:
        train(data=bars_dataset(), out=run.path, resume=True, report=False)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["sum.loss", "random.cpu", "network.1.weight", "sum.correct"])
def test_resume_from_a_checkpoint_without_a_tensor_is_refused(name: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    run = interrupted(tmp_path / "run")
    metadata, tensors = read_safetensors(run.checkpoint_path, framework="pt")
    del tensors[name]
    save_file(tensors, run.checkpoint_path, metadata=metadata)
    with pytest.raises(CheckpointError, match=r"checkpoint\.safetensors: .*is missing; "):
        train(data=bars_dataset(), out=run.path, resume=True, report=False)


def test_resume_without_a_checkpoint_begins_again(tmp_path: Path) -> None:
    run = interrupted(tmp_path / "run")
    run.checkpoint_path.unlink()
    train(data=bars_dataset(), out=run.path, resume=True, report=False)
    assert weights(run) == weights(quick_run(tmp_path / "undisturbed", epochs=3))


@pytest.mark.parametrize("content", ["{}", "[]", "rubbish"])
def test_resume_with_an_altered_environment_is_refused(content: str, tmp_path: Path) -> None:
    run = interrupted(tmp_path / "run")
    run.environment_path.write_text(content)
    with pytest.raises(InkwiseError, match=r"environment\.json: .*; the file was altered"):
        train(data=bars_dataset(), out=run.path, resume=True, report=False)


def test_resume_on_another_kind_of_device_is_refused(tmp_path: Path) -> None:
    """The folder says it was begun on CUDA; a processor cannot give the same bits."""
    run = interrupted(tmp_path / "run")
    run.environment_path.write_text(json.dumps({**run.environment, "device": "cuda"}))
    with pytest.raises(RunError, match=r"begun on cuda, .* the same bits on cpu; add --device cuda"):
        train(data=bars_dataset(), out=run.path, resume=True, report=False, device="cpu")


def test_precision_is_measured_for_each_width(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is faster for a wide network need not be for a narrow one of the same name."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path))
    for width in (4, 8, 4):
        recipe = load_recipe("quick").with_settings({"network.options.width": width, "batch_size": 16})
        network = build_network("cnn-cosine", width=width)
        assert device.choose_precision(recipe, network, torch.device("cpu")) in ("float32", "bfloat16")
    assert len(json.loads((tmp_path / "precision.json").read_text())) == 2


@pytest.mark.parametrize("num_images", [2, 17, 33])
def test_batch_of_one_image_is_none_for_batch_normalisation(num_images: int, tmp_path: Path) -> None:
    """Of 33 images batches of 16 would leave one, of which there is no spread to measure."""
    images = bars(num_images)
    data = Dataset("few", tuple("0123456789"), images, images)
    settings = {"batch_size": 16, "validation_fraction": 0.0, "calibrate": False, "precision": "float32"}
    run = quick_run(tmp_path / "run", "quick", data=data, settings=settings)
    assert [record.step for record in run.history] == [-(-num_images // 16), 2 * -(-num_images // 16)]
    assert run.environment["batch_size"] == {2: 16, 17: 15, 33: 15}[num_images]


def test_precision_is_measured_in_batches_that_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe's batches of one image cannot be timed; those of 3 can, where 2 would leave one of 33."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    images = bars(33)
    data = Dataset("few", tuple("0123456789"), images, images)
    recipe = load_recipe("quick").with_settings({"validation_fraction": 0.0, "calibrate": False})
    with pytest.raises(RecipeError, match="got batches of 1; take 2 train images"):
        prepare_session(Run(tmp_path / "one"), recipe.with_settings({"batch_size": 1}), data, device="cpu")
    prepare_session(Run(tmp_path / "two"), recipe.with_settings({"batch_size": 2}), data, device="cpu")
    (key,) = json.loads((tmp_path / "cache" / "precision.json").read_text())
    assert f"{recipe.training.optimizer} 3|" in key


def test_run_that_does_not_say_its_batch_size_does_when_it_goes_on(tmp_path: Path) -> None:
    """As of a version before, and of TensorFlow, which begins the file by itself."""
    run = interrupted(tmp_path / "run")
    without = {key: value for key, value in run.environment.items() if key != "batch_size"}
    run.environment_path.write_text(json.dumps(without))
    train(data=bars_dataset(), out=run.path, resume=True, report=False)
    assert run.environment == {**without, "batch_size": run.recipe.training.batch_size}


@pytest.mark.parametrize(("batch_size", "num_images"), [(1, 33), (16, 1)])
def test_nothing_but_batches_of_one_image_is_refused_before_a_folder_is_made(
    batch_size: int, num_images: int, tmp_path: Path
) -> None:
    images = bars(num_images)
    data = Dataset("few", tuple("0123456789"), images, images)
    settings = {"batch_size": batch_size, "validation_fraction": 0.0, "calibrate": False}
    with pytest.raises(RecipeError, match=r"cnn-cosine has batch normalisation, .*; take 2 train images"):
        quick_run(tmp_path / "run", "quick", data=data, settings=settings)
    assert not (tmp_path / "run").exists()
    assert quick_run(tmp_path / "run", data=data, settings=settings).is_finished  # a perceptron has none
