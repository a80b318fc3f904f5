"""From RUN arguments to a Comparison on one test part."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkwise.data.load import load_dataset
from inkwise.errors import RunError
from inkwise.experiments.compare import compare, name_apart
from inkwise.experiments.train import train
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """One run of an hour's neglect and one with an epoch more than nothing."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        train("mlp-sequential", data="digits", epochs=epochs, out=folder / name, report=False)
        for name, epochs in (("short", 1), ("long", 20))
    ]


def test_comparison_counts_what_the_runs_wrote(runs: list[Run]) -> None:
    comparison = compare(runs)
    assert [run.name for run in comparison.runs] == ["short", "long"]
    assert [run.num_errors for run in comparison.runs] == [run.evaluation["num_errors"] for run in runs]
    assert (comparison.dataset, comparison.split, comparison.num_images) == ("digits", "test", 359)


def test_comparison_with_a_copy_shows_no_difference(runs: list[Run], tmp_path: Path) -> None:
    runs[0].classifier.save(tmp_path / "copy" / "classifier.safetensors")
    pair = compare([runs[0], tmp_path / "copy" / "classifier.safetensors"]).pairs[0]
    assert (pair.first, pair.second) == ("short", "copy")
    assert (pair.p_value, pair.verdict) == (1.0, "difference not shown")


def test_comparison_of_classes_in_another_order_is_by_name(runs: list[Run], tmp_path: Path) -> None:
    """The same outputs under swapped names 0 and 1: right exactly where the names, not the numbers, agree."""
    header = runs[1].classifier.header
    swapped = header.model_copy(update={"classes": ["1", "0", *header.classes[2:]]})
    path = tmp_path / "swapped" / "classifier.safetensors"
    replace(runs[1].classifier, header=swapped).save(path)
    test = load_dataset("digits").test
    named = np.array([1, 0, *range(2, 10)])[runs[1].classifier.predict(test.images).labels]
    num_errors = int((named != test.labels).sum())
    assert num_errors > runs[1].evaluation["num_errors"]
    for order in ([runs[1], path], [path, runs[1]]):
        errors = {run.name: run.num_errors for run in compare(order).runs}
        assert errors == {"long": runs[1].evaluation["num_errors"], "swapped": num_errors}


def test_comparison_of_runs_on_other_data_is_refused(runs: list[Run], tmp_path: Path) -> None:
    header = runs[1].classifier.header
    recipe = {**header.recipe, "data": {"dataset": "usps"}}
    path = tmp_path / "usps" / "classifier.safetensors"
    replace(runs[1].classifier, header=header.model_copy(update={"recipe": recipe})).save(path)
    with pytest.raises(RunError, match=r"different data sets \(short on digits, usps on usps\).*--data"):
        compare([runs[0], path])
    assert len(compare([runs[0], path], data="digits").runs) == 2


def test_comparison_of_one_run_is_refused(runs: list[Run]) -> None:
    with pytest.raises(RunError, match="at least 2 runs, got 1; add another run folder"):
        compare(runs[:1])
    with pytest.raises(RunError, match="at least 2 runs, got 1"):
        compare(str(runs[0].path))


def test_comparison_of_a_run_with_itself_is_refused(runs: list[Run]) -> None:
    with pytest.raises(RunError, match="short: given twice; expected different runs"):
        compare([runs[0], runs[0].path])


def test_runs_of_equal_names_are_told_apart_by_path() -> None:
    assert name_apart(["a/quick", "b/quick", "c/best"]) == ["a/quick", "b/quick", "best"]
