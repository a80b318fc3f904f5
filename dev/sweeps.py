"""Search anew for what a recipe's values were chosen by hand: `python dev/sweeps.py quick tiny`.

Writes results/sweeps/RECIPE: what `inkwise sweep` leaves there but for the runs, and own.json, what the
recipe's own values reach on the same validation images, trained and judged as a trial is, before the search.
The test images are not looked at. A search that was interrupted goes on where it was, one that has
ended stays.
"""

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `python dev/sweeps.py quick tiny`."
# 10,000 images of MNIST judge: a standard error of 0.1 % at 99 %. An epoch of the others is one epoch.
_VALIDATION = {"validation_fraction": 1 / 6, "minimum_steps": 1}


@dataclass(frozen=True)
class Search:
    """What is searched for a recipe's values.

    Attributes:
        space: as parse_space takes it.
        num_trials: combinations.
        num_seeds: trainings a combination.
        max_parameters: the limit that makes a recipe what it is, or None.
        most_times_own: no training may take longer than so many times what the recipe itself takes, or None.
    """

    space: dict[str, Any]
    num_trials: int
    num_seeds: int
    max_parameters: int | None = None
    most_times_own: float | None = None


SEARCHES = {
    "quick": Search(
        {
            "architecture": ["cnn-quick", "cnn-cosine", "cnn-standard"],
            "learning_rate": "0.003..0.1:log",
            "batch_size": [128, 256, 384, 512],
            "label_smoothing": [0.0, 0.05, 0.1, 0.2],
            "warmup_fraction": [0.1, 0.2, 0.3, 0.4],
            "epochs": [1, 2],
        },
        num_trials=40, num_seeds=2, most_times_own=1.3,
    ),
    "tiny": Search(
        {
            "width": "8..24",
            "learning_rate": "0.003..0.06:log",
            "batch_size": [64, 128, 256],
            "shift_px": "0.0..1.5",
            "rotation_degrees": "0.0..12.0",
            "scale": "0.0..0.12",
            "weight_averaging": [0.0, 0.99, 0.998],
        },
        num_trials=16, num_seeds=1, max_parameters=1500,
    ),
}  # fmt: skip


def search(name: str, folder: Path) -> None:
    """Judge a recipe's own values, then search for better ones; both are kept in folder."""
    from inkwise.evaluation.sweep import Trial
    from inkwise.experiments.sweep.search import sweep
    from inkwise.files import write_atomically

    plan, path = SEARCHES[name], folder / "own.json"
    recipe = _recipe(name)
    if not path.is_file():
        own = _judge(recipe, plan.num_seeds)
        write_atomically(path, own.model_dump_json(indent=2) + "\n")
        print(f"{name}: its own values reach {own.score:.2%} in {own.seconds:.1f} s", flush=True)
    own = Trial.model_validate_json(path.read_text("utf-8"))
    place = folder / "search"
    max_seconds = plan.most_times_own and plan.most_times_own * own.seconds
    sweep(
        recipe, space=plan.space, out=place, trials=plan.num_trials, seeds=plan.num_seeds,
        max_parameters=plan.max_parameters, max_seconds=max_seconds, resume=place.exists(),
        on_trial=lambda trial, number, total: print(f"{number}/{total} {_in_words(trial)}", flush=True),
    )  # fmt: skip
    shutil.rmtree(place / "trials", ignore_errors=True)
    (place / "sweep.png").unlink(missing_ok=True)  # drawn anew for the pages


def _recipe(name: str) -> Any:
    from inkwise.recipes.load import load_recipe

    return load_recipe(name).with_settings(_VALIDATION)


def _judge(recipe: Any, num_seeds: int) -> Any:
    """Return the Trial of a recipe's values as they are."""
    from inkwise.data.load import load_dataset
    from inkwise.experiments.sweep.plan import Plan
    from inkwise.experiments.sweep.trial import run_trial

    plan = Plan(recipe=recipe, parameters=(), num_trials=1, num_seeds=num_seeds, seed=0, prune=False)
    with tempfile.TemporaryDirectory(prefix="inkwise-sweeps-") as folder:
        return run_trial(
            plan, 0, {}, dataset=load_dataset(recipe.data.dataset), folder=Path(folder), device="auto",
            on_progress=lambda share: None, lags_behind=lambda epoch, accuracy: False,
        )  # fmt: skip


def _in_words(trial: Any) -> str:
    reached = "" if trial.validation_accuracy is None else f", {trial.validation_accuracy:.2%}"
    return f"{trial.state}{reached}, {trial.seconds:.1f} s, {trial.settings}"


def read_searches(root: Path = ROOT) -> dict[str, tuple[Any, Any]]:
    """Return what is kept, by the name of the recipe: the Sweep, and the Trial of the recipe's own values."""
    from inkwise.evaluation.sweep import Sweep, Trial

    found = {}
    for folder in sorted((root / "results" / "sweeps").glob("*")):
        paths = folder / "search" / "sweep.json", folder / "own.json"
        if all(path.is_file() for path in paths):
            texts = [path.read_text("utf-8") for path in paths]
            found[folder.name] = Sweep.model_validate_json(texts[0]), Trial.model_validate_json(texts[1])
    return found


def sweeps_parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated part of docs/results.md by the name of its markers."""
    searches = read_searches(root)
    if not searches:
        return {"sweeps": NOT_MEASURED}
    head = (
        "recipe", "limit", "trials", "to the end, within the limit", "best found", "its seconds",
        "the recipe itself", "its seconds",
    )  # fmt: skip
    rows = [head, ("---", "---", *("---:",) * 6), *(_row(name, *both) for name, both in searches.items())]
    said = [_best_in_words(name, found) for name, (found, _) in searches.items()]
    pictures = [
        f"![Every trial of the search for {name} as a line from value to value to its accuracy]"
        f"(images/sweep-{name}.png)"
        for name in searches
    ]
    return {"sweeps": "\n\n".join([markdown_table(rows), *said, *pictures])}


def _row(name: str, found: Any, own: Any) -> tuple[str, ...]:
    best, plan = found.best, SEARCHES[name]
    limit = (
        f"{plan.max_parameters:,} parameters"
        if plan.max_parameters
        else f"{plan.most_times_own} times its time"
    )
    too_large = sum(trial.state == "too large" for trial in found.trials)
    trials = str(len(found.trials) - too_large) + (f" ({too_large} more too large)" if too_large else "")
    return (
        f"`{name}`", limit, trials, str(len(found.ranked)), f"{best.score:.2%}",
        f"{best.seconds:.1f}", f"{own.score:.2%}", f"{own.seconds:.1f}",
    )  # fmt: skip


def _best_in_words(name: str, found: Any) -> str:
    best, seeds = found.best, "1 seed" if found.num_seeds == 1 else f"{found.num_seeds} seeds"
    done = sum(trial.state != "too large" for trial in found.trials)
    stopped = f"; stopped after {done} of {found.num_trials}" if done < found.num_trials else ""
    values = ", ".join(f"`{key}` {value}" for key, value in best.settings.items())
    return (
        f"`{name}`, {seeds} a trial, {best.num_parameters:,} parameters, by {found.num_validation:,} "
        f"validation images: {values}{stopped}."
    )


def sweeps_figures(root: Path = ROOT) -> dict[str, Any]:
    """Return the pictures of the searches that are kept, by name."""
    from inkwise.figures.experiments.sweep import draw_sweep

    return {f"sweep-{name}": draw_sweep(found) for name, (found, _) in read_searches(root).items()}


def main() -> int:
    """Search for the values of recipes, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="+", choices=sorted(SEARCHES))
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "sweeps")
    chosen = parser.parse_args()
    for name in chosen.recipes:
        search(name, chosen.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
