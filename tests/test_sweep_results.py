"""What dev/sweeps.py says of searches, and that what docs/results.md claims of them is so."""

import math
from pathlib import Path

import pytest
from dev import sweeps

from inkwise.evaluation.sweep import Sweep, Trial
from inkwise.experiments.sweep.space import parse_space
from inkwise.recipes.load import load_recipe


def keep(folder: Path) -> None:
    """Write a search of three trials, one given up, as sweeps.search leaves it."""
    settings = [{"learning_rate": rate, "epochs": 1} for rate in (0.01, 0.04, 0.1)]
    accuracies = (0.98, 0.991, None)
    trials = [
        Trial(
            number=number, settings=one, state="done" if accuracy else "pruned", num_parameters=1234,
            validation_accuracy=accuracy, validation_loss=0.1, epochs=1, seconds=1.5,
        )
        for number, (one, accuracy) in enumerate(zip(settings, accuracies, strict=True))
    ]  # fmt: skip
    found = Sweep(
        recipe="quick", dataset="mnist", keys=["learning_rate", "epochs"], num_train=50_000,
        num_validation=10_000, num_trials=4, num_seeds=2, trials=trials,
    )  # fmt: skip
    own = trials[0].model_copy(update={"validation_accuracy": 0.99, "seconds": 1.25, "settings": {}})
    (folder / "search").mkdir(parents=True)
    (folder / "search" / "sweep.json").write_text(found.model_dump_json())
    (folder / "own.json").write_text(own.model_dump_json())


def test_best_stands_beside_what_the_recipe_itself_reaches(tmp_path: Path) -> None:
    keep(tmp_path / "results" / "sweeps" / "quick")
    text = sweeps.sweeps_parts(tmp_path)["sweeps"]
    assert "| `quick` | 1.3 times its time | 3 | 2 | 99.10% | 1.5 | 99.00% | 1.2 |" in text.splitlines()
    assert (
        "`quick`, 2 seeds a trial, 1,234 parameters, by 10,000 validation images: `learning_rate` 0.04, "
        "`epochs` 1; stopped after 3 of 4." in text
    )
    assert list(sweeps.sweeps_figures(tmp_path)) == ["sweep-quick"]


def test_nothing_searched_says_so(tmp_path: Path) -> None:
    assert sweeps.sweeps_parts(tmp_path) == {"sweeps": sweeps.NOT_MEASURED}


@pytest.mark.parametrize("name", sweeps.SEARCHES)
def test_space_holds_the_recipe_and_more(name: str) -> None:
    """A search that could not find the recipe's own values would prove nothing."""
    own = load_recipe(name).model_dump()
    leaves = {key: value for table in own.values() if isinstance(table, dict) for key, value in table.items()}
    leaves |= own["network"]["options"]
    for one in parse_space(sweeps.SEARCHES[name].space)[1]:
        if one.kind == "choice":
            assert leaves[one.key] in one.values
        else:
            assert one.low <= leaves[one.key] <= one.high


@pytest.mark.parametrize("name", sweeps.read_searches())
def test_a_search_finds_what_is_as_good_as_the_recipe(name: str) -> None:
    """As the page says: within the limit, and no worse than chance on so many validation images explains."""
    found, own = sweeps.read_searches()[name]
    plan, best = sweeps.SEARCHES[name], found.best
    assert best is not None
    share = own.score
    spread = 2 * math.sqrt(2 * share * (1 - share) / found.num_validation)
    assert best.score >= share - spread
    assert plan.max_parameters is None or best.num_parameters <= plan.max_parameters
    assert plan.most_times_own is None or best.seconds <= plan.most_times_own * own.seconds
