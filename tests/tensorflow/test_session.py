"""Training in TensorFlow: run folder, equal bits, resuming, and the life of a run without TensorFlow."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.bars import bars_dataset

from inkwise.classifier_file import read_safetensors
from inkwise.data.load import load_dataset
from inkwise.errors import CheckpointError, InterruptedTrainingError, RecipeError, RunError, TrainingError
from inkwise.experiments.compare import compare
from inkwise.experiments.inspect import explain_training_step
from inkwise.experiments.train import train
from inkwise.networks.build import build_first_network
from inkwise.recipes.load import list_recipes
from inkwise.runs.run import Run
from inkwise.tensorflow.session import check_session, prepare_session
from inkwise.training.loop import Progress
from inkwise.training.session import cut_validation

DATA = bars_dataset(360, 60)
FILES = {
    "recipe.toml", "environment.json", "history.jsonl", "checkpoint.safetensors", "classifier.safetensors",
    "evaluation.json", "report.html",
}  # fmt: skip
# Dropout acts, weights are averaged, batches are normalised and images changed: all that has a state.
ALL = {"minimum_steps": 0, "batch_size": 64, "validation_fraction": 0.1}


def train_here(out: Path, recipe: str = "standard", *, epochs: int = 3, **more: Any) -> Run:
    settings = {**ALL, **more.pop("settings", {})}
    return train(
        recipe, data=DATA, epochs=epochs, settings=settings, framework="tensorflow", out=out, report=False,
        **more,
    )  # fmt: skip


def tensors(path: Path) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in read_safetensors(path, framework="numpy")[1].items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train_here(tmp_path_factory.mktemp("runs") / "whole")


@pytest.fixture(scope="module")
def perceptron(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The perceptron of S3 on digits, with its report."""
    return train(
        "mlp-logsoftmax", data="digits", epochs=2, settings={"learning_rate": 0.03}, framework="tensorflow",
        out=tmp_path_factory.mktemp("runs") / "s3",
    )  # fmt: skip


def test_run_folder_has_the_files_of_any_run(perceptron: Run) -> None:
    """N3."""
    assert {path.name for path in perceptron.path.iterdir() if not path.name.startswith(".")} == FILES
    environment = perceptron.environment
    assert (environment["framework"], environment["step"]) == ("tensorflow", "tf.function")
    assert environment["batch_size"] == perceptron.recipe.training.batch_size
    assert environment["tensorflow"][0] == "2"
    assert environment["keras"][0] == "3"
    assert perceptron.classifier.provenance["framework"] == "tensorflow"
    assert perceptron.evaluation["images_per_second"] > 0


def test_history_is_that_of_any_run_and_falls(perceptron: Run) -> None:
    """T3, T6."""
    first, second = perceptron.history
    assert second.train_loss < first.train_loss < 2.4
    assert (first.epoch, second.step) == (1, 2 * first.step)
    assert first.validation_loss is not None
    assert 0 <= first.train_accuracy <= second.train_accuracy <= 1


def test_validation_in_keras_is_what_the_saved_classifier_says(perceptron: Run) -> None:
    """The numbers of the last epoch, measured again by PyTorch on the same validation images."""
    dataset = load_dataset("digits")
    _, validation = cut_validation(dataset, perceptron.recipe)
    split = dataset.train.take(validation)
    logs = perceptron.classifier.log_probabilities(split.images)
    loss = float(-logs.gather(1, torch.from_numpy(split.labels)[:, None]).mean())
    assert perceptron.history[-1].validation_loss == pytest.approx(loss, abs=1e-5)


def test_training_begins_with_the_weights_of_pytorch(tmp_path: Path) -> None:
    """A learning rate of next to nothing leaves them as the seed drew them."""
    run = train_here(tmp_path / "run", "mlp-class", epochs=1, seed=7, settings={"learning_rate": 1e-30})
    first = build_first_network("mlp-class", seed=7).state_dict()
    assert all(torch.equal(first[name], value) for name, value in run.classifier.network.state_dict().items())


@pytest.mark.slow
def test_equal_seeds_end_in_equal_bits(run: Run, tmp_path: Path) -> None:
    again, other = train_here(tmp_path / "again"), train_here(tmp_path / "other", seed=1)
    assert again.history_path.read_bytes() == run.history_path.read_bytes()
    assert tensors(again.classifier_path) == tensors(run.classifier_path)
    assert tensors(other.classifier_path) != tensors(run.classifier_path)


@pytest.mark.slow
def test_quick_keeps_its_fixed_layer_and_is_calibrated(tmp_path: Path) -> None:
    """Cosine filters, soft labels, and at the end a temperature: as in PyTorch, so the results are close."""
    settings = {"validation_fraction": 0.25, "epochs": 6, "minimum_steps": 0}
    there, here, plain = (
        train("quick", data="digits", framework=framework, settings={**settings, **more},
              out=tmp_path / name, report=False)
        for name, framework, more in (
            ("torch", "torch", {}),
            ("keras", "tensorflow", {}),
            ("plain", "tensorflow", {"calibrate": False}),
        )
    )  # fmt: skip
    first = build_first_network("cnn-cosine", seed=0).state_dict()["0.weight"]
    assert torch.equal(here.classifier.network.state_dict()["0.weight"], first)
    assert abs(here.evaluation["accuracy"] - there.evaluation["accuracy"]) < 0.03
    weights, uncalibrated = (run.classifier.network.state_dict() for run in (here, plain))
    shares = weights["12.weight"] / uncalibrated["12.weight"]
    assert float(shares.mean()) > 1.05
    assert torch.allclose(shares, shares.mean())
    assert torch.equal(weights["9.weight"], uncalibrated["9.weight"])


def test_random_state_of_python_numpy_and_pytorch_is_left_as_found(tmp_path: Path) -> None:
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[index]
    train_here(tmp_path / "run", "mlp-class", epochs=1)
    after = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[index]
    assert before == after


@pytest.mark.slow
def test_interrupted_training_goes_on_to_the_same_bits(run: Run, tmp_path: Path) -> None:
    """Ctrl-C in the middle of an epoch; dropout, averages and augmentation go on where they were."""

    def interrupt(progress: Progress) -> None:
        if progress.epoch == 1 and progress.record:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(InterruptedTrainingError, match="interrupted in epoch 2 of 3 after 1 of"):
        train_here(tmp_path / "run", on_progress=interrupt)
    kept = Run.open(tmp_path / "run")
    assert len(kept.history) == 1
    assert kept.classifier_path.is_file()
    resumed = train(resume=True, out=kept.path, data=DATA, report=False)  # in the framework it began in
    assert resumed.history_path.read_bytes() == run.history_path.read_bytes()
    assert tensors(resumed.classifier_path) == tensors(run.classifier_path)
    assert tensors(resumed.checkpoint_path) == tensors(run.checkpoint_path)


def test_patience_keeps_the_best_epoch(tmp_path: Path) -> None:
    run = train_here(tmp_path / "run", "mlp-class", epochs=30, settings={"patience": 2, "learning_rate": 1.5})
    losses = [record.validation_loss for record in run.history]
    best = losses.index(min(losses))  # type: ignore[type-var]
    assert len(losses) == best + 3 < 30
    assert len(set(losses[best:])) == 3
    _, validation = cut_validation(DATA, run.recipe)
    split = DATA.train.take(validation)
    logs = run.classifier.log_probabilities(split.images)
    loss = float(-logs.gather(1, torch.from_numpy(split.labels)[:, None]).mean())
    assert loss == pytest.approx(losses[best], abs=1e-5)
    assert run.classifier.header.metrics["validation_accuracy"] == run.history[best].validation_accuracy


def test_loss_that_is_no_number_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"loss became .* learning rate 1e\+20 is too high: try --set"):
        train_here(tmp_path / "run", "mlp-class", settings={"learning_rate": 1e20})


def test_run_of_one_framework_is_not_resumed_in_the_other(run: Run, tmp_path: Path) -> None:
    (run.path / "evaluation.json").rename(tmp_path / "evaluation.json")
    try:
        with pytest.raises(RunError, match="begun in tensorflow, which torch cannot go on with; leave out"):
            train(resume=True, out=run.path, data=DATA, framework="torch")
    finally:
        (tmp_path / "evaluation.json").rename(run.path / "evaluation.json")


def test_checkpoint_of_pytorch_is_refused(tmp_path: Path) -> None:
    run = train("mlp-class", data=DATA, epochs=1, out=tmp_path / "run", report=False)
    environment = {**run.environment, "framework": "tensorflow", "tensorflow": "2", "keras": "3"}
    run.environment_path.write_text(json.dumps(environment))
    run.evaluation_path.unlink()
    with pytest.raises(CheckpointError, match="not a checkpoint of --framework tensorflow; resume with the"):
        train(resume=True, out=run.path, data=DATA)


def test_checkpoint_of_other_images_is_refused(run: Run, tmp_path: Path) -> None:
    session = prepare_session(Run(tmp_path), run.recipe, DATA)
    with pytest.raises(CheckpointError, match="the training images are not those the run began with"):
        session.state.restore(run.checkpoint_path, data_digest="another")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"precision": "bfloat16"}, "precision 'bfloat16' is PyTorch's here; with TensorFlow take --set"),
        (
            {"written_images": 10, "outliers": 0.5},
            "outliers = 0.5: images of no class are learned in PyTorch",
        ),
    ],
)
def test_setting_without_a_twin_is_refused_before_training(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(RecipeError, match=words):
        train_here(tmp_path / "run", "mlp-class", settings=settings)
    assert not (tmp_path / "run").exists()


def test_every_recipe_but_the_readers_is_taken() -> None:
    digits, refused = load_dataset("digits"), []
    for recipe in list_recipes():
        try:
            check_session(recipe, digits, device="cpu")
        except RecipeError:
            refused.append(recipe.name)
    assert refused == ["reader", "reader-corrected"]


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("mps", "device 'mps': with --framework tensorflow expected auto, cpu or cuda"),
        pytest.param(
            "cuda", "TensorFlow finds none on this machine; take --device cpu",
            marks=pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="there is a GPU"),
        ),
    ],
)  # fmt: skip
def test_device_that_tensorflow_lacks_is_refused(tmp_path: Path, device: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        train_here(tmp_path / "run", "mlp-class", device=device)


def test_unknown_framework_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="unknown framework 'tensorflo'; did you mean 'tensorflow'"):
        train("mlp-class", data=DATA, framework="tensorflo", out=tmp_path / "run")


def test_comparison_says_framework_and_speed(perceptron: Run, tmp_path: Path) -> None:
    """N3: both side by side."""
    other = train("mlp-logsoftmax", data="digits", epochs=1, out=tmp_path / "torch", report=False)
    there, here = compare([other, perceptron.path]).runs
    assert (there.framework, here.framework) == ("torch", "tensorflow")
    assert there.images_per_second is not None
    assert here.images_per_second == perceptron.evaluation["images_per_second"]
    by_file = compare([other.classifier_path, perceptron.classifier_path]).runs
    assert [(one.framework, one.images_per_second) for one in by_file] == [(None, None), ("tensorflow", None)]


def test_step_in_pytorch_is_not_explained_of_a_run_of_tensorflow(perceptron: Run) -> None:
    with pytest.raises(RunError, match="trained in TensorFlow, expected a run of PyTorch, whose step"):
        explain_training_step(perceptron)


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them fails, as where they are missing
sys.path.insert(0, ".")
from pathlib import Path
from PIL import Image
import inkwise
from tests.serving.asking import asker
run, out = sys.argv[1], Path(sys.argv[2])
print(inkwise.evaluate(run).num_errors)
image = inkwise.load_dataset("digits").test.images[3]
found = [inkwise.inspect(run, index=3, data="digits").prediction]
found.append(inkwise.Classifier.load(run).predict(image[None]).labels[0])
picture = out / "digit.png"
Image.fromarray(255 - image).resize((280, 280)).save(picture)
assert len(list(inkwise.read([picture], run=run))) == 1
inkwise.export(run, out / "c.onnx", to="onnx")
inkwise.export(run, out / "c.html", to="page")
answer = asker(runs=(run,)).post("/predict", json={"images": [image.tolist()]})
found.append(answer.json()[0]["label"])
print(*found)
print(*sorted(path.name for path in out.iterdir()))
"""


@pytest.mark.slow
def test_run_is_used_without_tensorflow(perceptron: Run, tmp_path: Path) -> None:
    """Evaluate, inspect, predict, read, export and serve, in a process that cannot import TensorFlow."""
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(perceptron.path), str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env={**os.environ}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    errors, answers, files = done.stdout.splitlines()
    assert int(errors) == perceptron.evaluation["num_errors"]
    assert len(set(answers.split())) == 1
    assert files == "c.html c.onnx digit.png"
