"""What a sweep knows: a journal of what was proposed and found, and the files that say it.

Optuna proposes (its TPE sampler: Bergstra et al., NeurIPS 2011). Its journal is lines of JSON, written by one
process alone, so a sweep that broke off goes on where it was, whatever runs the trials.
"""

from pathlib import Path
from typing import Any

import optuna
from optuna.storages.journal import JournalFileBackend

from inkwise.data.dataset import Dataset
from inkwise.evaluation.sweep import Sweep, Trial, Value
from inkwise.experiments.sweep.plan import Plan
from inkwise.experiments.sweep.space import grid
from inkwise.files import write_atomically
from inkwise.recipes.recipe import Recipe
from inkwise.training.session import cut_validation

_NUM_RANDOM = 8  # trials before the sampler has seen enough to propose
_MOST_TRIES = 50  # combinations for each trial that counts
_RESULT = "inkwise"  # the key in the journal under which a trial keeps its result


class Study:
    """A search and the folder it is kept in.

    Attributes:
        running: trials that were proposed here and have no result yet, by their number.
    """

    def __init__(self, plan: Plan, dataset: Dataset, folder: Path) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        journal = JournalFileBackend(str(folder / "study.log"))
        self.plan, self.dataset, self.folder = plan, dataset, folder
        self.num_train, self.num_validation = map(len, cut_validation(dataset, plan.recipe))
        self.running: dict[int, optuna.Trial] = {}
        self._study = optuna.create_study(
            storage=optuna.storages.JournalStorage(journal),
            study_name="sweep",
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        )
        if plan.is_grid:
            for settings in grid(plan.parameters):
                self._study.enqueue_trial(settings, skip_if_exists=True)
        for trial in self._study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
            if _RESULT in trial.user_attrs:
                self._tell(Trial.model_validate_json(trial.user_attrs[_RESULT]))
                continue
            # It was cut short by a signal or worse: it begins again.
            self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            self._study.enqueue_trial(trial.params)

    @property
    def trials(self) -> list[Trial]:
        """The results so far, in the order they were tried."""
        kept = (trial.user_attrs.get(_RESULT) for trial in self._study.get_trials(deepcopy=False))
        return [Trial.model_validate_json(text) for text in kept if text is not None]

    @property
    def num_done(self) -> int:
        """Trials that count: in a grid all, elsewhere those that were small enough to be trained."""
        return sum(self.plan.is_grid or trial.state != "too large" for trial in self.trials)

    @property
    def is_over(self) -> bool:
        """Whether all trials are made or under way, or nothing small enough is found in very many."""
        total, under_way = self.plan.num_trials, len(self.running)
        return self.num_done + under_way >= total or len(self.trials) >= _MOST_TRIES * total

    def propose(self) -> tuple[int, dict[str, Value]]:
        """Return the number of a new trial and the combination it is to try."""
        # From the seed and the number alone, so that a resumed sweep proposes what it would have. Where
        # several run at once, those without a result count as bad, or all would try the same.
        self._study.sampler = optuna.samplers.TPESampler(
            seed=self.plan.seed + len(self.trials) + len(self.running),
            n_startup_trials=_NUM_RANDOM,
            constant_liar=bool(self.running),
        )
        chosen = self._study.ask()
        self.running[chosen.number] = chosen
        return chosen.number, {one.key: one.suggest(chosen) for one in self.plan.parameters}

    def report(self, number: int, epoch: int, accuracy: float) -> None:
        """Keep the validation accuracy, a fraction, that a running trial has after an epoch."""
        # One that begins again elsewhere says it again.
        if epoch not in self._study.get_trials(deepcopy=False)[number].intermediate_values:
            self.running[number].report(accuracy, epoch)

    def lags_behind(self, number: int) -> bool:
        """Return whether a running trial is below the median of the others at its last epoch."""
        return self.running[number].should_prune()

    def keep(self, found: Trial) -> None:
        """Keep the result of a trial, and write what is known by now."""
        self.running.pop(found.number).set_user_attr(_RESULT, found.model_dump_json())
        self._tell(found)
        self._write()

    def _tell(self, found: Trial) -> None:
        """Tell the sampler what a trial is worth: what was given up or cannot win counts among the worst."""
        if found.state == "done":
            self._study.tell(found.number, found.score)
        else:
            state = optuna.trial.TrialState
            self._study.tell(found.number, state=state.FAIL if found.state == "failed" else state.PRUNED)

    def found(self) -> Sweep:
        """Return all results."""
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
        from inkwise.figures.encode import to_png
        from inkwise.figures.experiments.sweep import draw_sweep

        found = self.found()
        write_atomically(self.folder / "sweep.json", found.model_dump_json(indent=2) + "\n")
        if found.best is not None:
            best = best_recipe(self.plan.recipe, found)
            write_atomically(self.folder / "best.toml", best.to_toml())
            write_atomically(self.folder / "sweep.png", to_png(draw_sweep(found)))


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
