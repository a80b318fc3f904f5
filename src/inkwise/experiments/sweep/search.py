"""The whole of `inkwise sweep`: combinations tried one after the other, the best recipe written out.

Optuna proposes them (its TPE sampler: Bergstra et al., NeurIPS 2011) and says which to give up (the median
rule: Golovin et al., KDD 2017). Its journal is lines of JSON, so a sweep that broke off goes on where it was.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages.journal import JournalFileBackend
from pydantic import ValidationError

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.errors import InterruptedTrainingError, RecipeError, RunError
from inkwise.evaluation.sweep import Sweep, Trial, Value
from inkwise.experiments.sweep.plan import Plan, default_trials
from inkwise.experiments.sweep.space import Choice, Parameter, grid, parse_space
from inkwise.experiments.sweep.trial import count_parameters, run_trial
from inkwise.experiments.train import adjust_recipe
from inkwise.files import free_path, write_atomically
from inkwise.recipes.recipe import Recipe
from inkwise.training.session import cut_validation

_NUM_RANDOM = 8  # trials before the sampler has seen enough to propose
_MOST_TRIES = 50  # combinations for each trial that counts
_RESULT = "inkwise"  # the key in the journal under which a trial keeps its result


def sweep(
    recipe: str | Recipe = "quick",
    *,
    space: Mapping[str, str | Sequence[Value]],
    data: str | os.PathLike[str] | Dataset = "mnist",
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
    on_progress: Callable[[float, int], None] = lambda done, total: None,
    on_trial: Callable[[Trial, int, int], None] = lambda trial, number, total: None,
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
        on_progress: called with (trials done, trials in all); a trial counts by its share.
        on_trial: called with each result, its number from 1, and how many there will be.
    Raises:
        InkwiseError: any of the tree; what was found stays in out.
    """
    folder = Path(out)
    if resume:
        plan = _read_plan(folder)
    else:
        plan = _make_plan(
            recipe, space, data=data, epochs=epochs, trials=trials, seeds=seeds, seed=seed,
            max_parameters=max_parameters, max_seconds=max_seconds, prune=prune,
        )  # fmt: skip
    dataset = load_dataset(data if isinstance(data, Dataset) else plan.recipe.data.dataset)
    _check(plan, dataset)
    if not resume:
        _begin(folder, plan)
    search = _Search(plan, dataset, folder)
    while not search.is_over:
        on_trial(search.next(device, on_progress), search.num_done, plan.num_trials)
    return search.found()


class _Search:
    """A study and the folder it is kept in."""

    def __init__(self, plan: Plan, dataset: Dataset, folder: Path) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal = JournalFileBackend(str(folder / "study.log"))
        self.plan, self.dataset, self.folder = plan, dataset, folder
        self.num_train, self.num_validation = map(len, cut_validation(dataset, plan.recipe))
        self.study = optuna.create_study(
            storage=optuna.storages.JournalStorage(journal),
            study_name="sweep",
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        )
        if plan.is_grid:
            for settings in grid(plan.parameters):
                self.study.enqueue_trial(settings, skip_if_exists=True)
        for trial in self.study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            if _RESULT in trial.user_attrs:
                self._tell(Trial.model_validate_json(trial.user_attrs[_RESULT]))
                continue
            # It was cut short by a signal or worse: it begins again.
            self.study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            self.study.enqueue_trial(trial.params)

    @property
    def trials(self) -> list[Trial]:
        """The results so far, in the order they were tried."""
        kept = (trial.user_attrs.get(_RESULT) for trial in self.study.get_trials(deepcopy=False))
        return [Trial.model_validate_json(text) for text in kept if text is not None]

    @property
    def num_done(self) -> int:
        """Trials that count: in a grid all, elsewhere those that were small enough to be trained."""
        return sum(self.plan.is_grid or trial.state != "too large" for trial in self.trials)

    @property
    def is_over(self) -> bool:
        """Whether all trials are made, or nothing small enough is found in very many."""
        return self.num_done >= self.plan.num_trials or len(self.trials) >= _MOST_TRIES * self.plan.num_trials

    def next(self, device: str, on_progress: Callable[[float, int], None]) -> Trial:
        """Try one more combination."""
        done, total = self.num_done, self.plan.num_trials
        # From the seed and the number alone, so that a resumed sweep proposes what it would have.
        self.study.sampler = optuna.samplers.TPESampler(
            seed=self.plan.seed + len(self.trials), n_startup_trials=_NUM_RANDOM
        )
        chosen = self.study.ask()
        settings = {one.key: one.suggest(chosen) for one in self.plan.parameters}
        folder = self.folder / "trials" / f"{chosen.number:04d}"
        try:
            found = run_trial(
                self.plan, chosen, settings=settings, dataset=self.dataset, folder=folder, device=device,
                on_progress=lambda share: on_progress(done + share, total),
            )  # fmt: skip
        except InterruptedTrainingError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise InterruptedTrainingError(
                f"interrupted after {self.num_done} of {self.plan.num_trials} trials; what they found is in "
                f"{self.folder}, go on with: inkwise sweep --resume --out {self.folder}"
            ) from error
        chosen.set_user_attr(_RESULT, found.model_dump_json())
        self._tell(found)
        self._write()
        return found

    def _tell(self, found: Trial) -> None:
        """Tell the sampler what a trial is worth: what was given up or cannot win counts among the worst."""
        if found.state == "done":
            self.study.tell(found.number, found.score)
        else:
            state = optuna.trial.TrialState
            self.study.tell(found.number, state=state.FAIL if found.state == "failed" else state.PRUNED)

    def found(self) -> Sweep:
        return Sweep(
            recipe=self.plan.recipe.name,
            dataset=self.dataset.name,
            keys=[one.key for one in self.plan.parameters],
            num_train=self.num_train,
            num_validation=self.num_validation,
            num_trials=self.plan.num_trials,
            num_seeds=self.plan.num_seeds,
            trials=self.trials,
        )

    def _write(self) -> None:
        """Write what is known by now, so that a sweep can be looked at while it goes on."""
        from inkwise.figures.experiments.sweep import draw_sweep

        found = self.found()
        write_atomically(self.folder / "sweep.json", found.model_dump_json(indent=2) + "\n")
        if found.best is not None:
            best = best_recipe(self.plan.recipe, found)
            write_atomically(self.folder / "best.toml", best.to_toml())
            write_atomically(self.folder / "sweep.png", draw_sweep(found)._repr_png_())


def best_recipe(recipe: Recipe, found: Sweep) -> Recipe:
    """Return the recipe with the best trial's values; what others published of it is left out."""
    best = found.best
    assert best is not None
    said = (
        f"{recipe.summary}; chosen by inkwise sweep: {best.score:.2%} of {found.num_validation:,} validation "
        f"images of {found.dataset}, the best of {len(found.trials)} trials."
    )
    update: dict[str, Any] = {
        "name": f"{recipe.name}-swept",
        "summary": said,
        "published": None,
        "expected": None,
    }
    return recipe.with_settings(best.settings).model_copy(update=update)


def _make_plan(
    recipe: str | Recipe, space: Mapping[str, str | Sequence[Value]], *, data: Any, epochs: int | None,
    trials: int | None, seeds: int, seed: int, **limits: Any,
) -> Plan:  # fmt: skip
    base = adjust_recipe(recipe, epochs=epochs, seed=seed)
    name = data.name if isinstance(data, Dataset) else os.fspath(data)
    for key in ("seed", "dataset"):
        if key in space:
            raise RecipeError(
                f"{key} is no value to choose; set it with --{'data' if key == 'dataset' else key}"
            )
    fixed, parameters = parse_space(space)
    base = base.with_settings({**fixed, "dataset": name})
    base.with_settings(_first_values(parameters))  # an unknown key is said before anything is begun
    return Plan(
        recipe=base, parameters=parameters, num_trials=trials or default_trials(parameters), num_seeds=seeds,
        seed=seed, **limits,
    )  # fmt: skip


def _first_values(parameters: Sequence[Parameter]) -> dict[str, Value]:
    return {one.key: one.values[0] if isinstance(one, Choice) else one.low for one in parameters}


def _check(plan: Plan, dataset: Dataset) -> None:
    """Raise what every trial would."""
    _, validation = cut_validation(dataset, plan.recipe)
    if not len(validation):
        raise RecipeError(
            f"{plan.recipe.name} keeps no images of {dataset.name} for validation, and a sweep chooses by "
            "them, never by the test part; add --set validation_fraction=0.1"
        )
    first = plan.recipe.with_settings(_first_values(plan.parameters))
    count_parameters(first, num_classes=len(dataset.classes))


def _begin(folder: Path, plan: Plan) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise RunError(
            f"{folder}: the folder is not empty; expected a new one, choose another --out, "
            f"or go on with: inkwise sweep --resume --out {folder}"
        )
    write_atomically(folder / "plan.json", plan.model_dump_json(indent=2) + "\n")


def new_sweep_path(recipe: str) -> Path:
    """Return a folder below ./sweeps that does not exist yet: sweeps/quick-001, sweeps/quick-002, ..."""
    return free_path(Path("sweeps"), Path(recipe).stem)


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
