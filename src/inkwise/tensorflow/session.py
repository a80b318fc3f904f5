"""Setting up one training in TensorFlow, new or resumed, from a recipe and images.

Splits, preprocessing, first weights, number of epochs and the file that comes out are those of
training/session.py: the same seed begins with the same weights in both frameworks.
"""

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import torch

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset, Split
from inkwise.data.streaming.images import streamed
from inkwise.errors import DataError, RecipeError, RunError
from inkwise.files import write_atomically
from inkwise.networks.build import build_network
from inkwise.recipes.recipe import Recipe
from inkwise.runs.environment import describe_environment
from inkwise.runs.run import Run
from inkwise.tensorflow.loop import Judge, KerasLoop
from inkwise.tensorflow.pipeline import Pipeline, one_hot
from inkwise.tensorflow.state import KerasState, RunningAverage
from inkwise.tensorflow.step import KerasStep, takes_one_hot
from inkwise.tensorflow.twin import build_twin
from inkwise.tensorflow.weights import twin_with_weights
from inkwise.training.batches import DROPOUT, seed_for
from inkwise.training.loop import Listener, write_history_as_well
from inkwise.training.session import Session
from inkwise.training.session import check_session as check_torch_session
from inkwise.training.session import prepare_session as prepare_torch_session

FRAMEWORK = "tensorflow"
_KEPT = ("framework", "tensorflow", "keras")


@dataclass(frozen=True)
class KerasSession(Session):
    """One training about to run in TensorFlow, as a Session in PyTorch."""

    loop: Any
    state: Any

    def train(self) -> Classifier:
        """Run the loop to its end and return the classifier; Python's and NumPy's random state stay as found.

        Raises:
            TrainingError: the loss is not a number; nothing is saved of that.
            InterruptedTrainingError: somebody stopped it; what was reached is saved.
        """
        with _seeded(self.loop.recipe.training.seed):
            return super().train()


def check_session(recipe: Recipe, dataset: Dataset, *, device: str, start: Classifier | None = None) -> None:
    """Raise what prepare_session would, before a run folder is begun.

    Raises:
        RecipeError: the device, the network or a setting is none that the twin has.
        CheckpointError, DataError: as of training.session.check_session.
    """
    if streamed(dataset.train):
        raise DataError(
            f"{dataset.name}: {len(dataset.train):,} images are streamed from the disk, which PyTorch's loop "
            "does here; take --framework torch, or a set that fits into memory"
        )
    check_torch_session(recipe, dataset, device="cpu", start=start)
    _check_recipe(recipe, num_classes=len(dataset.classes), device=device)


def _check_recipe(recipe: Recipe, *, num_classes: int, device: str) -> None:
    _device(device)
    training = recipe.training
    if training.precision == "bfloat16":
        raise RecipeError(
            "precision 'bfloat16' is PyTorch's here; with TensorFlow take --set precision=float32"
        )
    if recipe.data.outliers:
        raise RecipeError(
            f"outliers = {recipe.data.outliers:g}: images of no class are learned in PyTorch alone; "
            "take --set outliers=0, or --framework torch"
        )
    options: dict[str, Any] = {"num_classes": num_classes, **recipe.network.options}
    with torch.random.fork_rng():
        network = build_network(recipe.network.architecture, **options)
    build_twin(network, architecture=recipe.network.architecture, **options)


def prepare_session(
    run: Run,
    recipe: Recipe,
    dataset: Dataset,
    *,
    written: Split | None = None,
    start: Classifier | None = None,
    device: str = "auto",
    on_progress: Listener = lambda progress: None,
    checkpoint_seconds: float = 10.0,
) -> KerasSession:
    """Return the session that trains recipe on dataset in run by TensorFlow; the test part is not looked at.

    Args:
        written, start: as in training.session.prepare_session.
        device: "auto" takes a GPU where TensorFlow finds one; "cpu" or "cuda".
    Raises:
        RecipeError: the device is unknown, or the network or a setting has no twin.
        CheckpointError: start has another network than the recipe.
        DataError: the train part is too small for the validation split.
        RunError: the run was begun in PyTorch.
    """
    _check_recipe(recipe, num_classes=len(dataset.classes), device=device)
    place = _device(device)
    environment = _environment(run, place)
    prepared = prepare_torch_session(
        run, recipe, dataset, written=written, start=start, device="cpu"
    )  # fmt: skip
    options = {"num_classes": len(dataset.classes), **recipe.network.options}
    state = _state(prepared, recipe, place=place, options=options)
    digest = str(prepared.header.provenance["data_digest"])
    to_rows = partial(
        one_hot, num_classes=len(dataset.classes), label_smoothing=recipe.training.label_smoothing
    )
    validation = prepared.loop.validation
    loop = KerasLoop(
        recipe=recipe,
        train=_pipeline(
            prepared.loop.train, seed=recipe.training.seed, augment=prepared.loop.augment,
            encode=to_rows if takes_one_hot(recipe) else lambda labels: labels,
        ),
        validation=None if validation is None else _pipeline(validation),
        judge=Judge(state.judged_twin.model, recipe.network.output),
        num_epochs=prepared.loop.num_epochs,
        save_checkpoint=lambda state: state.save(run.checkpoint_path, data_digest=digest),
        on_progress=write_history_as_well(run, state, on_progress),
        checkpoint_seconds=checkpoint_seconds,
        device=place,
    )  # fmt: skip
    provenance = {**prepared.header.provenance, **{key: environment[key] for key in _KEPT}}
    header = prepared.header.model_copy(update={"provenance": provenance})
    return KerasSession(run, loop, state, header, threads=prepared.threads)


def _state(prepared: Session, recipe: Recipe, *, place: str, options: dict[str, Any]) -> KerasState:
    network, section = prepared.state.network, recipe.network
    twin = partial(twin_with_weights, network, architecture=section.architecture, **options)
    # Dropout layers take their seeds when they are made.
    with _seeded(recipe.training.seed), tf.device(place):
        own = twin()
        decay = recipe.training.weight_averaging
        average = RunningAverage(twin(), own, decay=decay) if decay else None
        return KerasState(own, network, KerasStep(own.model, recipe), average)


def _pipeline(source: Any, **more: Any) -> Pipeline:
    chosen = source.indices.numpy()
    return Pipeline(
        source.images.numpy()[chosen], source.labels.numpy()[chosen], source.preprocessing,
        source.batch_size, **more,
    )  # fmt: skip


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed all of Keras within the block; Python's and NumPy's random state are put back after it."""
    python, numpy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed_for(seed, DROPOUT))
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def _device(name: str) -> str:
    """Return TensorFlow's word for a device.

    Raises:
        RecipeError: the name is not a device, or TensorFlow finds none of it.
    """
    has_gpu = bool(tf.config.list_logical_devices("GPU"))
    if name in ("auto", "cpu"):
        return "/GPU:0" if has_gpu and name == "auto" else "/CPU:0"
    if name != "cuda":
        raise RecipeError(f"device {name!r}: with --framework tensorflow expected auto, cpu or cuda")
    if not has_gpu:
        raise RecipeError(
            "device 'cuda' was asked for, but TensorFlow finds none on this machine; take --device cpu, "
            "or run: pip install 'tensorflow[and-cuda]'"
        )
    return "/GPU:0"


def _environment(run: Run, place: str) -> dict[str, Any]:
    """Return environment.json, written if it is not there."""
    if not run.environment_path.is_file():
        threads = tf.config.threading.get_intra_op_parallelism_threads() or int(
            os.environ.get("TF_NUM_INTRAOP_THREADS", 0)
        )
        environment = {
            **describe_environment(torch.device("cpu")),
            "framework": FRAMEWORK,
            FRAMEWORK: tf.__version__,
            "keras": keras.__version__,
            "precision": "float32",
            "step": "tf.function",
        }
        environment["threads"] = threads or environment["num_cores"]
        environment["training_threads"] = environment["threads"]
        if place != "/CPU:0":
            details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
            environment |= {"device": "cuda", "processor": details.get("device_name", "cuda")}
        write_atomically(run.environment_path, json.dumps(environment, indent=2) + "\n")
    environment = run.environment
    began_in = environment.get("framework", "torch")
    if began_in != FRAMEWORK:
        raise RunError(f"{run.path}: begun in {began_in}, expected {FRAMEWORK}; add --framework {began_in}")
    return environment
