"""Setting up one training, new or resumed, from a recipe and images, and what it leaves in its run folder."""

import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from inkwise.classifier import (
    EVALUATION_BATCH,
    Classifier,
    load_tensors,
    memory_layout,
)
from inkwise.classifier_file import FORMAT, Header
from inkwise.data.dataset import Dataset, Split
from inkwise.data.digest import data_digest
from inkwise.data.splits import split_train
from inkwise.data.streaming.images import streamed
from inkwise.errors import DataError, InterruptedTrainingError
from inkwise.files import write_atomically
from inkwise.networks.build import build_first_network, build_network
from inkwise.preprocessing import Preprocessing
from inkwise.recipes.recipe import Recipe
from inkwise.runs.history import history_to_lines
from inkwise.runs.run import Run
from inkwise.training.batches import BatchSource, append_images, fitting_batch_size
from inkwise.training.device import AUTOCAST, OF_PROVENANCE, choose_device, settle_environment, thread_count
from inkwise.training.loop import Listener, TrainingLoop, has_ended, write_history_as_well
from inkwise.training.losses import build_loss_of
from inkwise.training.optimizers import build_optimizer
from inkwise.training.parallel.batches import own_rows
from inkwise.training.parallel.group import ALONE, Group
from inkwise.training.parallel.step import ParallelStep
from inkwise.training.state import TrainingState
from inkwise.training.step import Step, TextbookStep, keep_layout, pool_before_relu
from inkwise.training.streaming.source import StreamedSource, measure, open_source
from inkwise.training.unrolled import UnrolledStep

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Session:
    """One training about to run: its loop, its state, and the classifier it will become."""

    run: Run
    loop: TrainingLoop
    state: TrainingState
    header: Header
    threads: int
    group: Group = ALONE

    def train(self) -> Classifier:
        """Run the loop to its end and return the classifier; the global random state is left as found.

        Raises:
            TrainingError: the loss is not a number; nothing is saved of that.
            InterruptedTrainingError: somebody stopped it; what was reached is saved.
        """
        with torch.random.fork_rng(), thread_count(self.threads):
            with self.group.copy_from_first(self.run.checkpoint_path) as checkpoint:
                if checkpoint:
                    self.state.restore(checkpoint, data_digest=self._data_digest)
            try:
                self.loop.run(self.state)
            except InterruptedTrainingError:
                self.save()
                raise
            self.save()
        return self.classifier()

    def classifier(self) -> Classifier:
        """Return the classifier with the weights as they are."""
        records = self.state.records
        metrics = {**self.header.metrics, "epochs": float(len(records))}
        # With patience the weights are those of the best epoch, once the training has ended.
        chosen = self.state.best_epoch - 1 if has_ended(self.loop, self.state) else -1
        accuracy = records[chosen].validation_accuracy if records else None
        if accuracy is not None:
            metrics["validation_accuracy"] = accuracy
        header = self.header.model_copy(update={"metrics": metrics})
        return Classifier(self.state.judged, header, self.loop.train.device)

    def save(self) -> None:
        """Write history.jsonl and classifier.safetensors; every file is whole at any moment."""
        if not self.group.is_first:
            return
        write_atomically(self.run.history_path, history_to_lines(self.state.records))
        self.classifier().save(self.run.classifier_path)

    @property
    def _data_digest(self) -> str:
        return str(self.header.provenance["data_digest"])


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
    group: Group = ALONE,
) -> Session:
    """Return the session that trains recipe on dataset in run; the test part is not looked at.

    Args:
        written: further images to train on, never to validate on; a label of -1 is an image of no class.
        start: whose weights to begin with; None draws them by the recipe's seed.
        group: the processes that train together, all by these arguments; the first alone writes into run.
    Raises:
        RecipeError: the device is unknown, or the network's options or the batch size do not fit.
        CheckpointError: start has another network than the recipe.
        DataError: the train part is too small for the validation split.
    """
    place = choose_device(device)
    train, validation = cut_validation(dataset, recipe)
    preprocessing = fit_preprocessing(recipe, dataset.train, train)
    split, chosen = append_images(dataset.train, train, more=written)
    network = _fresh_network(recipe, len(dataset.classes), place, start=start)
    batch_size = fitting_batch_size(recipe, network, len(chosen))
    fitted = recipe.with_settings({"batch_size": batch_size})
    environment = group.from_first(
        lambda: settle_environment(run, fitted, network, device=place, group=group)
    )
    optimizer = build_optimizer(network, recipe.training)
    source = open_source(
        split, chosen, preprocessing,
        batch_size=batch_size, device=place, layout=memory_layout(network),
    )  # fmt: skip
    source = own_rows(source, group)
    state = _fresh_state(recipe, network, optimizer, device=place)
    digest = data_digest(split)
    threads = environment["training_threads"] if group.size == 1 else group.threads
    loop = TrainingLoop(
        recipe=recipe,
        step=_step(recipe, network, optimizer, environment=environment, group=group),
        train=source,
        validation=_validation(source, validation),
        num_epochs=num_epochs(recipe, source.num_batches),
        ahead=place.type == "cpu" and threads * group.local_size < environment["num_cores"],
        save_checkpoint=group.only_first(lambda state: state.save(run.checkpoint_path, data_digest=digest)),
        on_progress=group.only_first(write_history_as_well(run, state, on_progress)),
        checkpoint_seconds=checkpoint_seconds,
        group=group,
    )
    header = Header(
        format=FORMAT,
        network=recipe.network.architecture,
        network_options=recipe.network.options,
        output=recipe.network.output,
        preprocessing=preprocessing,
        classes=list(dataset.classes),
        recipe=recipe.model_dump(exclude_none=True),
        metrics=_kept_metrics(start),
        provenance={
            "dataset": dataset.name, "recipe": recipe.name, "seed": recipe.training.seed,
            "num_train": len(chosen), "num_validation": len(validation),
            "data_digest": digest,
            **{key: environment[key] for key in OF_PROVENANCE},
        },
    )  # fmt: skip
    return Session(run, loop, state, header, threads=threads, group=group)


def check_session(recipe: Recipe, dataset: Dataset, *, device: str, start: Classifier | None = None) -> None:
    """Raise what prepare_session would, before a run folder is begun.

    Raises:
        RecipeError: the device or the network is unknown, or its options or the batch size do not fit.
        CheckpointError: start has another network than the recipe.
        DataError: the train part is too small for the validation split, or its classes are not the digits
            that the recipe wants written, or the set is streamed and it wants more images among its own.
    """
    choose_device(device)
    train, _ = cut_validation(dataset, recipe)
    if streamed(dataset.train) and (recipe.data.written_images or recipe.data.own_images):
        raise DataError(
            f"{dataset.name}: {len(dataset.train):,} images are streamed from the disk, and written_images "
            "and own_images cannot be put among them; set both to nothing, or put those images into a shard"
        )
    if recipe.data.written_images and dataset.classes != DIGITS:
        raise DataError(
            f"{dataset.name}: written_images are digits, and need the classes 0 to 9; this set has "
            f"{len(dataset.classes)} ({dataset.classes[0]} to {dataset.classes[-1]}); set written_images to 0"
        )
    # Without start no weights are needed, only their shapes.
    with torch.random.fork_rng(), torch.device("cpu" if start else "meta"):
        network = build_network(
            recipe.network.architecture, num_classes=len(dataset.classes), **recipe.network.options
        )
        if start is not None:
            load_tensors(network, start.network.state_dict(), Path(recipe.network.start))
    fitting_batch_size(recipe, network, len(train))


def num_epochs(recipe: Recipe, num_batches: int) -> int:
    """Return the recipe's epochs, or as many more as a small set needs to make minimum_steps.

    >>> from inkwise.recipes.load import load_recipe
    >>> num_epochs(load_recipe("quick"), 235), num_epochs(load_recipe("quick"), 6)
    (1, 24)
    """
    return max(recipe.training.epochs, -(-recipe.training.minimum_steps // num_batches))


def _validation(
    source: BatchSource | StreamedSource, indices: NDArray[np.int64]
) -> BatchSource | StreamedSource | None:
    if not len(indices):
        return None
    return replace(source, indices=torch.from_numpy(indices), batch_size=EVALUATION_BATCH)


def _kept_metrics(start: Classifier | None) -> dict[str, float]:
    """Return the metrics that survive fine-tuning: the probability from which on an answer is accepted."""
    metrics = start.header.metrics if start is not None else {}
    return {name: value for name, value in metrics.items() if name == "accept_probability"}


def cut_validation(dataset: Dataset, recipe: Recipe) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the indices (int64) of the train part that a recipe trains on, and those it validates on.

    Raises:
        DataError: too few images for patience, which needs some to validate on.
    """
    fraction, seed = recipe.data.validation_fraction, recipe.training.seed
    train, validation = split_train(dataset.train, fraction=fraction, seed=seed)
    if recipe.training.patience and not len(validation):
        raise DataError(
            f"{dataset.name}: {len(train)} train images leave none for validation, which patience needs; "
            "set validation_fraction higher, or patience to 0"
        )
    return train, validation


def fit_preprocessing(recipe: Recipe, split: Split, train: NDArray[np.int64]) -> Preprocessing:
    """Return the recipe's preprocessing, measured on the images of split at train where it asks for that.

    Of images on the disk a sample of 16,384 stands for all.
    """
    mean, std = recipe.preprocessing.mean, recipe.preprocessing.std
    if mean == "measured" or std == "measured":
        on_disk = streamed(split)
        return measure(on_disk, train) if on_disk else Preprocessing.measured(split.images, train)
    return Preprocessing(mean=mean, std=std)


def _fresh_network(
    recipe: Recipe, num_classes: int, device: torch.device, *, start: Classifier | None
) -> nn.Module:
    network = build_first_network(
        recipe.network.architecture,
        seed=recipe.training.seed,
        num_classes=num_classes,
        **recipe.network.options,
    )
    if start is not None:
        load_tensors(network, start.network.state_dict(), Path(recipe.network.start))
    for parameter in network.to(device).parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.to(memory_format=memory_layout(network))
    return network


def _fresh_state(
    recipe: Recipe, network: nn.Module, optimizer: torch.optim.Optimizer, *, device: torch.device
) -> TrainingState:
    # Apple's MPS has no float64.
    precise = torch.float32 if device.type == "mps" else torch.float64
    return TrainingState(
        network, optimizer,
        loss_sum=torch.zeros((), dtype=precise, device=device),
        num_correct=torch.zeros((), dtype=torch.int64, device=device),
        average=copy.deepcopy(network) if recipe.training.weight_averaging else None,
    )  # fmt: skip


def _step(
    recipe: Recipe, network: nn.Module, optimizer: torch.optim.Optimizer, *,
    environment: dict[str, Any], group: Group,
) -> Step:  # fmt: skip
    if environment["step"] == "unrolled":
        return UnrolledStep(network, optimizer)
    autocast = AUTOCAST[environment["precision"]]
    loss_function = build_loss_of(recipe)
    fast = keep_layout(pool_before_relu(network))
    if group.size > 1:
        return ParallelStep(fast, loss_function, optimizer, autocast=autocast, group=group)
    return TextbookStep(fast, loss_function, optimizer, autocast=autocast)
