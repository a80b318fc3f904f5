"""What a sweep found, for a terminal."""

from collections import Counter
from collections.abc import Iterator

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from inkwise.evaluation.intervals import wilson_interval
from inkwise.evaluation.sweep import Sweep, Trial
from inkwise.figures.percent import say_percent

_MOST_ROWS = 10


def tell_sweep(found: Sweep, *, folder: str) -> Iterator[RenderableType]:
    """Yield the best trials as a table, what became of the others, and what to do next, for rich to print.

    Args:
        found: the sweep.
        folder: where its files are.
    """
    best, folder = found.best, escape(folder)
    if best is None:
        yield f"{_say_others(found)} No trial was trained to its end; they are in {folder}/sweep.json."
        return
    yield _tabulate(found)
    yield _say_others(found)
    num_images = found.num_validation * found.num_seeds
    low, high = wilson_interval(round(best.score * num_images), num_images)
    yield (
        f"Judged by {found.num_validation:,} validation images of {escape(found.dataset)}; the test part was "
        f"not looked at.\nOn other images the best would reach {say_percent(low)} to {say_percent(high)} if "
        f"it had not been chosen among {len(found.ranked)}: it looks better than it is.\n"
    )
    yield f"picture {folder}/sweep.png"
    yield f"next    inkwise train {folder}/best.toml"


def tell_trial(trial: Trial, *, number: int, total: int) -> str:
    """Return one line on one trial, the number-th of total."""
    settings = " ".join(f"{_leaf(key)}={value}" for key, value in trial.settings.items())
    is_done = trial.state == "done"
    reached = f"{say_percent(trial.score)} in {trial.seconds:.1f} s" if is_done else trial.state
    return f"{number} of {total}: {reached}  {settings}" + (f"  ({trial.note})" if trial.note else "")


def _tabulate(found: Sweep) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("validation", "loss", "seconds", "parameters", *map(_leaf, found.keys)):
        table.add_column(name.replace("_", " "), justify="right")
    for trial in found.ranked[:_MOST_ROWS]:
        table.add_row(
            say_percent(trial.score),
            f"{trial.validation_loss:.4f}",
            f"{trial.seconds:.1f}",
            f"{trial.num_parameters:,}",
            *(escape(str(trial.settings[key])) for key in found.keys),
        )
    return table


def _leaf(key: str) -> str:
    return escape(key.rsplit(".", 1)[-1])


def _say_others(found: Sweep) -> str:
    left_out = max(len(found.ranked) - _MOST_ROWS, 0)
    counts = Counter(trial.state for trial in found.trials if trial.state != "done")
    said = [f"{left_out} more done"] if left_out else []
    said += [f"{count} {state}" for state, count in counts.items()]
    return f"Beside them: {', '.join(said)}." if said else ""
