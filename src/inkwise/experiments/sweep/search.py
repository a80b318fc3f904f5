"""The whole of `inkwise sweep`: combinations tried, the best recipe written out.

One after the other, those that lag behind the median of the others are given up (Golovin et al., KDD 2017);
how several are tried at once is in on_ray.py.
"""

import contextlib
import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.errors import InterruptedTrainingError, RecipeError, RunError
from inkwise.evaluation.sweep import Sweep, Trial, Value
from inkwise.experiments.sweep.plan import Plan, default_trials
from inkwise.experiments.sweep.space import Parameter, parse_space
from inkwise.experiments.sweep.study import Study
from inkwise.experiments.sweep.trial import check_validation, count_parameters, run_trial
from inkwise.experiments.train import adjust_recipe
from inkwise.experiments.training.data import lasting_name
from inkwise.files import reserve_path, write_atomically
from inkwise.handwriting.learning.further import keep_corrections, todays_corrections
from inkwise.recipes.recipe import Recipe
from inkwise.runs.argument import DataArgument
from inkwise.runs.lock import locked
from inkwise.runs.opening import check_new
from inkwise.runs.run import Run

OnProgress = Callable[[float, int], None]
OnTrial = Callable[[Trial, int, int], None]
_MOST_CHECKED = 256  # combinations in which a value is looked for a place


def sweep(
    recipe: str | Recipe = "quick",
    *,
    space: Mapping[str, str | Sequence[Value]],
    data: DataArgument = "mnist",
    out: str | os.PathLike[str],
    epochs: int | None = None,
    trials: int | None = None,
    seeds: int = 1,
    seed: int = 0,
    max_parameters: int | None = None,
    max_seconds: float | None = None,
    prune: bool = True,
    device: str = "auto",
    resume: bool = False,
    ray: str | None = None,
    on_progress: OnProgress = lambda done, total: None,
    on_trial: OnTrial = lambda trial, number, total: None,
) -> Sweep:
    """Try values of a recipe, judge each by validation images, never by test, and write the best recipe.

    Out gets best.toml, sweep.json and sweep.png, and what a resumed sweep needs.

    Args:
        recipe: a built-in name, the path of a TOML file, or a Recipe.
        space: what varies, as parse_space takes it; a single value is set for all trials.
        data, device, epochs: as for a training.
        out: a folder; a new one, unless resume.
        trials: combinations to try; None tries all of up to 64, else 20.
        seeds, seed: trainings a combination, whose mean counts; the seed of the first, and of the search.
        max_parameters, max_seconds: what goes beyond them cannot win.
        prune: give up trials that lag behind the median of the others.
        resume: go on with the sweep in out, whose plan is kept; recipe, space and the rest do not count.
        ray: several trials at a time on Ray: "local" on this machine's cores, "auto" or HOST:PORT on those of
            a cluster. Which of them lags behind is then for asynchronous halving to say.
        on_progress: called with (trials done, trials in all); a trial counts by its share.
        on_trial: called with each result, its number from 1, and how many there will be.
    Raises:
        InkwiseError: any of the tree; what was found stays in out.
    """
    folder = Path(out)
    if resume:
        plan = _read_plan(folder)
    else:
        data = data if isinstance(data, str | os.PathLike) else load_dataset(data)
        plan = _make_plan(
            recipe, space, data=data, epochs=epochs, trials=trials, seeds=seeds, seed=seed,
            max_parameters=max_parameters, max_seconds=max_seconds, prune=prune,
        )  # fmt: skip
    dataset = load_dataset(data if isinstance(data, Dataset) else plan.recipe.data.dataset)
    _check(plan, dataset)
    if not resume:
        check_new(Run(folder), command="sweep")
        corrections = todays_corrections(plan.recipe)
    with locked(folder, doing="searching"):
        study = Study(plan if resume else _begin(folder, plan, corrections), dataset, folder)
        try:
            if ray is None:
                _one_by_one(study, device, on_progress=on_progress, on_trial=on_trial)
            else:
                from inkwise.experiments.sweep.on_ray import several_at_once

                several_at_once(study, ray, device=device, on_progress=on_progress, on_trial=on_trial)
        except (InterruptedTrainingError, KeyboardInterrupt) as error:
            for number in study.running:
                shutil.rmtree(folder / "trials" / f"{number:04d}", ignore_errors=True)
            how = "" if ray is None else " --ray"
            raise InterruptedTrainingError(
                f"interrupted after {study.num_done} of {plan.num_trials} trials; what they found is in "
                f"{folder}, go on with: inkwise sweep --resume --out {folder}{how}"
            ) from error
        return study.found()


def _one_by_one(study: Study, device: str, *, on_progress: OnProgress, on_trial: OnTrial) -> None:
    """Try combinations here, one after the other."""
    while not study.is_over:
        found = _try_next(study, device, on_progress)
        study.keep(found)
        on_trial(found, study.num_done, study.plan.num_trials)


def _try_next(study: Study, device: str, on_progress: OnProgress) -> Trial:
    done, total = study.num_done, study.plan.num_trials
    number, settings = study.propose()

    def lags_behind(epoch: int, accuracy: float) -> bool:
        study.report(number, epoch, accuracy)
        return study.lags_behind(number)

    return run_trial(
        study.plan, number, settings, dataset=study.dataset, folder=study.folder / "trials" / f"{number:04d}",
        device=device, on_progress=lambda share: on_progress(done + share, total), lags_behind=lags_behind,
    )  # fmt: skip


def _make_plan(
    recipe: str | Recipe, space: Mapping[str, str | Sequence[Value]], *, data: Any, epochs: int | None,
    trials: int | None, seeds: int, seed: int, **limits: Any,
) -> Plan:  # fmt: skip
    base = adjust_recipe(recipe, epochs=epochs, seed=seed)
    name = data.name if isinstance(data, Dataset) else lasting_name(data)
    for key in ("seed", "dataset"):
        if key in space:
            raise RecipeError(
                f"{key} is no value to choose; set it with --{'data' if key == 'dataset' else key}"
            )
    fixed, parameters = parse_space(space)
    base = base.with_settings({**fixed, "dataset": name})
    _check_values(base, parameters)
    return Plan(
        recipe=base, parameters=parameters, num_trials=trials or default_trials(parameters), num_seeds=seeds,
        seed=seed, **limits,
    )  # fmt: skip


def _first_values(parameters: Sequence[Parameter]) -> dict[str, Value]:
    return {one.key: one.extremes[0] for one in parameters}


def _check_values(recipe: Recipe, parameters: Sequence[Parameter]) -> None:
    """Raise, before anything is begun, why a key or a value fits in none of the combinations."""
    every = itertools.product(*(one.extremes for one in parameters))
    some = [
        dict(zip((one.key for one in parameters), values, strict=True))
        for values in itertools.islice(every, _MOST_CHECKED)
    ]
    for one in parameters:
        for value in one.extremes:
            if not any(_is_recipe(recipe, {**settings, one.key: value}) for settings in some):
                recipe.with_settings({**some[0], one.key: value})


def _is_recipe(recipe: Recipe, settings: dict[str, Value]) -> bool:
    with contextlib.suppress(RecipeError):
        recipe.with_settings(settings)
        return True
    return False


def _check(plan: Plan, dataset: Dataset) -> None:
    """Raise what every trial would."""
    check_validation(plan.recipe, dataset)
    first = plan.recipe.with_settings(_first_values(plan.parameters))
    count_parameters(first, num_classes=len(dataset.classes))


def _begin(folder: Path, plan: Plan, corrections: bytes | None) -> Plan:
    """Write the plan, and what it refers to that may change; return the plan as written."""
    check_new(Run(folder), command="sweep")  # once more: before the lock another sweep may have begun here
    recipe = keep_corrections(plan.recipe, corrections, folder)
    plan = plan.model_copy(update={"recipe": recipe})
    write_atomically(folder / "plan.json", plan.model_dump_json(indent=2) + "\n")
    return plan


@contextlib.contextmanager
def new_sweep_folder(recipe: str) -> Iterator[Path]:
    """Give a folder below ./sweeps that no other sweep gets: sweeps/quick-001, sweeps/quick-002, ...

    It is gone again after the block if nothing was written to it.
    """
    folder = reserve_path(Path("sweeps"), Path(recipe).stem)
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _read_plan(folder: Path) -> Plan:
    path = folder / "plan.json"
    if not path.is_file():
        raise RunError(f"{folder}: holds no plan.json, so it is no sweep; begin one with: inkwise sweep")
    try:
        return Plan.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise RunError(
            f"{path}: not as inkwise sweep wrote it; begin a new sweep in another --out"
        ) from error
