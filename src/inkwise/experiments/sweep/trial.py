"""One combination of values: trained, judged on validation images, given up early where it lags behind."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch

from inkwise.data.dataset import Dataset
from inkwise.errors import InterruptedTrainingError, RecipeError, TrainingError
from inkwise.evaluation.sweep import Trial, Value
from inkwise.experiments.sweep.plan import Plan
from inkwise.files import write_atomically
from inkwise.handwriting.learning.further import first_classifier, further_images
from inkwise.networks.build import build_network, num_parameters
from inkwise.recipes.recipe import Recipe
from inkwise.runs.history import EpochRecord
from inkwise.runs.run import Run
from inkwise.training.device import choose_device
from inkwise.training.loop import Listener, Progress
from inkwise.training.session import cut_validation, prepare_session
from inkwise.training.together.train import train_seeds

NEVER = math.inf  # seconds between checkpoints: a trial that was cut short begins again


class _GivenUp(Exception):  # noqa: N818 (no error: a decision)
    """The trial lags behind the others."""


def run_trial(
    plan: Plan,
    number: int,
    settings: dict[str, Value],
    *,
    dataset: Dataset,
    folder: Path,
    device: str,
    on_progress: Callable[[float], None],
    lags_behind: Callable[[int, float], bool],
) -> Trial:
    """Return what a combination reaches.

    Args:
        plan: of the sweep.
        number: of the trial.
        settings: the combination.
        dataset: its train part alone is looked at.
        folder: gets a run for each seed, recipe and history without the weights.
        device: as for a training.
        on_progress: called with the share of the trial that is done.
        lags_behind: called with the first seed's epoch, before its last, and its validation accuracy, a
            fraction, where the plan gives trials up; returns whether this one is.
    Raises:
        RecipeError: the device is unknown.
        InterruptedTrainingError: a signal asked to stop.
    """
    choose_device(device)  # one that is not there is no trial's fault
    trial = look_at(plan, number, settings, num_classes=len(dataset.classes))
    if trial.state != "done":
        return trial

    def listen(index: int) -> Listener:
        def show(progress: Progress) -> None:
            on_progress((index + progress.share_done) / plan.num_seeds)
            if index == 0 and plan.prune:
                _judge(progress, lags_behind)

        return show

    recipe = plan.recipe.with_settings(settings)
    start = time.perf_counter()
    try:
        check_validation(recipe, dataset)
        recipes = [recipe.with_settings({"seed": plan.seed + index}) for index in range(plan.num_seeds)]
        records = _train(recipes, dataset, folder=folder, device=device, listen=listen)
    except _GivenUp:
        return trial.model_copy(update={"state": "pruned", "seconds": time.perf_counter() - start})
    except InterruptedTrainingError:
        raise
    except (RecipeError, TrainingError) as error:
        return trial.model_copy(update={"state": "failed", "note": str(error)})
    seconds = (time.perf_counter() - start) / plan.num_seeds
    is_slow = plan.max_seconds is not None and seconds > plan.max_seconds
    return trial.model_copy(
        update={
            "state": "too slow" if is_slow else "done",
            "validation_accuracy": _mean([record.validation_accuracy for record in records]),
            "validation_loss": _mean([record.validation_loss for record in records]),
            "epochs": records[0].epoch,
            "seconds": seconds,
        }
    )


def look_at(plan: Plan, number: int, settings: dict[str, Value], *, num_classes: int) -> Trial:
    """Return a trial before it is trained: "failed" or "too large" where it is not to be, else "done"."""
    try:
        recipe = plan.recipe.with_settings(settings)
        size = count_parameters(recipe, num_classes=num_classes)
    except RecipeError as error:  # two values that do not go together
        return Trial(number=number, settings=settings, state="failed", note=str(error))
    is_large = plan.max_parameters is not None and size > plan.max_parameters
    return Trial(
        number=number, settings=settings, state="too large" if is_large else "done", num_parameters=size
    )


def _train(
    recipes: list[Recipe], dataset: Dataset, *, folder: Path, device: str, listen: Callable[[int], Listener]
) -> list[EpochRecord]:
    """Train a run of each recipe and return their last epochs, or their best where they have patience."""
    sessions = []
    for index, recipe in enumerate(recipes):
        run = Run(folder / f"seed-{index}")
        write_atomically(run.recipe_path, recipe.to_toml())
        session = prepare_session(
            run, recipe, dataset, written=further_images(recipe, dataset), start=first_classifier(recipe),
            device=device, on_progress=listen(index), checkpoint_seconds=NEVER,
        )  # fmt: skip
        sessions.append(session)
    try:
        train_seeds(sessions)
    finally:
        for session in sessions:
            for path in (session.run.checkpoint_path, session.run.classifier_path):
                path.unlink(missing_ok=True)
    states = [session.state for session in sessions]
    return [state.records[state.best_epoch - 1 if state.best_epoch else -1] for state in states]


def count_parameters(recipe: Recipe, *, num_classes: int) -> int:
    """Return how many weights and biases the recipe's network has; none of them is made.

    Raises:
        RecipeError: the network or an option is unknown or does not fit.
    """
    with torch.device("meta"):
        network = build_network(
            recipe.network.architecture, num_classes=num_classes, **recipe.network.options
        )
    return num_parameters(network)


def check_validation(recipe: Recipe, dataset: Dataset) -> None:
    """Raise RecipeError where the recipe sets no images aside, by which a sweep could choose."""
    _, validation = cut_validation(dataset, recipe)
    if not len(validation):
        raise RecipeError(
            f"{recipe.name} keeps no images of {dataset.name} for validation, and a sweep chooses by "
            "them, never by the test part; add --set validation_fraction=0.1"
        )


def _judge(progress: Progress, lags_behind: Callable[[int, float], bool]) -> None:
    record = progress.record
    if record is None or record.validation_accuracy is None or record.epoch == progress.num_epochs:
        return
    if lags_behind(record.epoch, record.validation_accuracy):
        raise _GivenUp


def _mean(values: list[float | None]) -> float:
    numbers = [value for value in values if value is not None]
    return sum(numbers) / len(numbers)
