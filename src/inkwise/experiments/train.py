"""The whole of `inkwise train`: from image files to an evaluated classifier in a run folder."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.errors import InkwiseError, InterruptedTrainingError, RecipeError, RunError, TrainingError
from inkwise.evaluation.calibration import MOST_TO_CALIBRATE, calibrate
from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs, save_evaluation
from inkwise.experiments.training.data import choose_data, name_of
from inkwise.experiments.training.processes import preparing, sessions_in
from inkwise.files import reserve_path, write_atomically
from inkwise.handwriting.learning.further import (
    first_classifier,
    further_images,
    keep_corrections,
    todays_corrections,
)
from inkwise.inspection.doctor.examine import examine_data, examine_run
from inkwise.inspection.doctor.finding import Finding
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.argument import DataArgument
from inkwise.runs.framework import choose_framework
from inkwise.runs.lock import locked
from inkwise.runs.opening import check_new, open_to_resume
from inkwise.runs.run import Run
from inkwise.runs.stages import UNTOLD, Stages
from inkwise.training.loop import Listener, Progress
from inkwise.training.parallel.torchrun import dismiss, follow, is_follower
from inkwise.training.session import Session, cut_validation


def train(
    recipe: str | Recipe = "quick",
    *,
    data: DataArgument | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    settings: dict[str, Any] | None = None,
    device: str = "auto",
    framework: str | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    report: bool = True,
    on_progress: Listener = lambda progress: None,
    on_load: Callable[[int, int], None] | None = None,
    on_write: Callable[[int, int], None] | None = None,
    on_note: Callable[[str], None] = lambda text: None,
    checkpoint_seconds: float = 10.0,
    writers: int = 1,
    workers: int | None = None,
    ray: str | None = None,
    stages: Stages = UNTOLD,
) -> Run:
    """Train a recipe, evaluate the result once on the test part, and return the run folder.

    Args:
        recipe: a built-in name, the path of a TOML file, or a Recipe.
        data: what load_dataset takes; None takes the recipe's set, and "digits" where MNIST is out of reach.
        epochs: instead of the recipe's, exactly so many; a small set gets no more.
        seed: instead of the recipe's.
        settings: further changes of the recipe, {"learning_rate": 0.1}.
        device: "auto", "cpu", "cuda" or "mps".
        framework: "torch", or "tensorflow", the extra inkwise[tensorflow]; the run folder is the same. None
            takes torch, or what a resumed run began in.
        out: the run folder; None makes a new one below ./runs.
        resume: go on with the training in out, to the same bits as if it had not been interrupted; of a
            finished run that lacks its report, write that.
        report: write report.html too.
        on_progress: called several times a second and at the end of each epoch.
        on_load: called with (done, in all) while the data are fetched or read, see load_dataset.
        on_write: called with (done, in all) while the recipe's written_images are made.
        on_note: called with plain lines worth telling a person.
        checkpoint_seconds: how often the training is saved, at most.
        writers: processes that make written images; a script that asks for more than one needs
            `if __name__ == "__main__":`.
        workers: processes that train together, on Ray, the extra inkwise[ray]; each takes its share of every
            batch, and the result is that of one. None takes one, or those that torchrun started.
        ray: where the workers are: "local", which None is too, "auto" or "HOST:PORT" of a cluster.
        stages: told what the training is busy with.
    Raises:
        InkwiseError: any of the tree, with what to do; nothing that was reached is lost.
    """
    if is_follower():
        return follow(device)
    if resume:
        run = open_to_resume(out, changes=(epochs, seed, settings or None))
        recipe = run.recipe
    else:
        recipe = adjust_recipe(recipe, epochs=epochs, seed=seed, settings=settings)
        run = None
    wanted = recipe.data.dataset if data is None else data
    framework = choose_framework(framework, run)
    if run and run.is_finished:
        dismiss(run, device)
        _finish_again(run, wanted, report=report, on_load=on_load, on_note=on_note)
        return run
    start, speed = time.perf_counter(), _Speed(on_progress)
    with preparing(framework, recipe, workers=workers, ray=ray, device=device) as prepare_session:
        stages.begin("load")
        dataset = choose_data(
            data, recipe.data.dataset, may_fall_back=not resume, on_load=on_load, on_note=on_note
        )
        stages.begin("set up")
        recipe = recipe.with_settings({"dataset": name_of(wanted, dataset)})
        first = first_classifier(recipe)
        if run is None:
            place = device if ray is None else "cpu"  # workers have devices of their own
            sessions_in(framework).check_session(recipe, dataset, device=place, start=first)
            run, corrections = _new_run(out, recipe)
        with locked(run.path):
            recipe = recipe if resume else _begin(run, recipe, corrections)
            more = further_images(recipe, dataset, workers=writers, on_write=on_write)
            session = prepare_session(
                run, recipe, dataset, written=more, start=first, device=device, on_progress=speed.note,
                checkpoint_seconds=checkpoint_seconds,
            )  # fmt: skip
            _train_and_evaluate(
                run, session, dataset, start=start, speed=speed, report=report, on_note=on_note, stages=stages
            )
    return run


class _Speed:
    """Listens to a training, and keeps how fast it was when it was last told."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.images_per_second: float | None = None

    def note(self, progress: Progress) -> None:
        self.images_per_second = progress.images_per_second
        self.listener(progress)


def _train_and_evaluate(
    run: Run, session: Session, dataset: Dataset, *, start: float, speed: "_Speed", report: bool,
    on_note: Callable[[str], None], stages: Stages,
) -> None:  # fmt: skip
    try:
        classifier = stages.enter(session).train()
    except InterruptedTrainingError as error:
        raise InterruptedTrainingError(
            f"{error}; what was reached is in {run.path}, go on with: inkwise train --resume --out {run.path}"
        ) from None
    except TrainingError:
        # Pixels never scaled, or labels of other images, end like this too.
        _tell(examine_data(dataset), on_note)
        raise
    if run.recipe.training.calibrate:
        stages.begin("calibrate")
        _, validation = cut_validation(dataset, run.recipe)
        # Spread over all of them: a folder's images lie class by class.
        chosen = validation[:: max(-(-len(validation) // MOST_TO_CALIBRATE), 1)]
        classifier = calibrate(classifier, dataset.train.take(chosen))
        classifier.save(run.classifier_path)
    stages.begin("evaluate")
    log_probabilities = classifier.log_probabilities(dataset.test.images)
    try:
        evaluation = evaluate_outputs(
            log_probabilities,
            torch.tensor(dataset.test.labels),
            classes=dataset.classes,
            dataset=dataset.name,
            split_name="test",
        )
    except InkwiseError:
        # Logits where log-probabilities were declared are no answers.
        _tell(examine_run(run, dataset), on_note)
        raise
    train_seconds = time.perf_counter() - start
    stages.begin("report")
    save_evaluation(run, evaluation, train_seconds=train_seconds, images_per_second=speed.images_per_second)
    findings = examine_run(run, dataset)
    _tell(findings, on_note)
    if report:
        from inkwise.reports.write import write_report

        write_report(
            run,
            evaluation=evaluation,
            dataset=dataset,
            log_probabilities=log_probabilities,
            findings=findings,
        )


def _tell(findings: Iterable[Finding], on_note: Callable[[str], None]) -> None:
    """Say each mistake in one line."""
    for finding in findings:
        on_note(f"doctor: {finding}")


def _finish_again(
    run: Run, data: DataArgument, *, report: bool, on_load: Callable[[int, int], None] | None,
    on_note: Callable[[str], None],
) -> None:  # fmt: skip
    """Write the report that a finished run may lack: the disk was full, or somebody deleted it."""
    if not report or run.report_path.is_file():
        on_note(f"{run.path}: already finished, nothing to resume")
        return
    on_note(f"{run.path}: already finished; only its report is missing, and written now")
    from inkwise.reports.write import write_report

    evaluation, dataset = Evaluation.model_validate(run.evaluation), load_dataset(data, on_progress=on_load)
    if (len(dataset.test), dataset.classes) != (evaluation.num_images, evaluation.classes):
        raise RunError(
            f"{run.path}: was evaluated on {evaluation.num_images:,} images of {evaluation.dataset}, "
            f"got {len(dataset.test):,} of {dataset.name}; name the data it was trained on"
        )
    log_probabilities = run.classifier.log_probabilities(dataset.test.images)
    findings = examine_run(run, dataset)
    write_report(
        run, evaluation=evaluation, dataset=dataset, log_probabilities=log_probabilities, findings=findings
    )


def wanted_data(
    recipe: str | Recipe, *, settings: dict[str, Any], out: str | os.PathLike[str] | None, resume: bool
) -> str:
    """Return what train is to load where nobody names data: the run's that goes on, or the recipe's."""
    if resume:
        return open_to_resume(out, changes=(settings or None,)).recipe.data.dataset
    return adjust_recipe(recipe, epochs=None, seed=None, settings=settings).data.dataset


def adjust_recipe(
    recipe: str | Recipe, *, epochs: int | None, seed: int | None, settings: dict[str, Any] | None = None
) -> Recipe:
    """Return a recipe with the changes that train takes.

    Raises:
        RecipeError: there is no such recipe, or a change does not fit or is asked for twice.
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    changes: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    if seed is not None:
        changes["seed"] = seed
    settings = settings or {}
    for key, given in changes.items():
        for other in (settings[name] for name in (key, f"training.{key}") if name in settings):
            if other != given:
                raise RecipeError(
                    f"{key} is asked for twice, as {given} and as {other}; leave one of them out"
                )
    return recipe.with_settings({**changes, **settings})


def _new_run(out: str | os.PathLike[str] | None, recipe: Recipe) -> tuple[Run, bytes | None]:
    """Return a folder that nobody trains in, and the corrections that are to be kept there."""
    corrections = todays_corrections(recipe)
    run = Run(reserve_path(Path("runs"), recipe.name) if out is None else Path(out))
    check_new(run)
    return run, corrections


def _begin(run: Run, recipe: Recipe, corrections: bytes | None) -> Recipe:
    """Write recipe.toml, and what it refers to that may change; return the recipe as written."""
    check_new(run)  # once more: before the lock another process may have begun here, and been killed
    recipe = keep_corrections(recipe, corrections, run.path)
    write_atomically(run.recipe_path, recipe.to_toml())
    return recipe
