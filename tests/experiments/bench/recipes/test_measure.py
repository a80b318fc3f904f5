import pytest
from tests.experiments.bench.recipes.reports import ENVIRONMENT, measured, report

from inkwise.errors import DataError, RecipeError, RunError
from inkwise.experiments.bench.recipes.measure import (
    choose_rows,
    measure_once,
    run_recipes_bench,
    still_to_run,
    summarise,
)
from inkwise.experiments.bench.recipes.report import Job
from inkwise.experiments.bench.recipes.result import RecipesBench, Wanted, is_reached

TUTORIALS = {
    "cnn-keras", "cnn-lenet", "mlp-class", "mlp-logsoftmax", "mlp-sequential", "mlp-wide",
    "mlp-wide-relu-output",
}  # fmt: skip


def test_no_names_are_our_recipes_and_the_two_programs() -> None:
    """reader learns from written images too: no recipe for MNIST alone."""
    rows = choose_rows([])
    assert {"quick", "standard", "tiny", "fast", "plain"} <= set(rows)
    assert not {"reader", "reader-corrected", *TUTORIALS} & set(rows)


def test_tutorials_stand_for_all_of_their_recipes() -> None:
    rows = choose_rows(["tutorials", "quick"])
    assert set(rows) == {"quick", *TUTORIALS}
    assert {rows[name] for name in TUTORIALS} == {"tutorial"}


def test_unknown_row_is_named_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="unknown row of bench recipes 'quik'; did you mean 'quick'"):
        choose_rows(["quik"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repetitions": 0}, "repetitions is 0, expected at least 1; leave it out"),
        ({"epochs": 0}, "epochs is 0, expected at least 1; leave it out"),
        ({"num_images": 60_001}, "images is 60001, expected at most 60000, as many as MNIST has; give fewer"),
    ],
)
def test_number_that_does_not_fit_is_refused(options: dict[str, int], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        run_recipes_bench(["quick"], **options)


def test_without_mnist_nothing_runs() -> None:
    lines: list[str] = []
    with pytest.raises(DataError, match="bench needs the data set 'mnist'"):
        run_recipes_bench(["quick"], on_progress=lines.append)
    assert lines == []


def test_what_takes_over_ten_minutes_runs_once() -> None:
    short, long = (report(stage_seconds={"forward": seconds}) for seconds in (600.0, 600.1))
    found = {"quick": measured(short), "best": measured(long), "tiny": []}
    assert list(still_to_run(found, found)) == ["quick", "tiny"]


def test_failed_run_is_reported_with_its_last_line() -> None:
    """No MNIST is to be found in a test's environment, so the child fails."""
    with pytest.raises(RunError, match=r"bench recipes: the run of quick ended with 1.*said: .*DataError"):
        measure_once(Job(name="quick", num_images=10, epochs=1))


def summary(job: Job | None = None, **rows: list[float]) -> RecipesBench:
    """Return the summary of rows that took so many seconds, half of them to load."""
    found = {
        name: measured(*(report(stage_seconds={"load": one / 2, "forward": one / 2}) for one in seconds))
        for name, seconds in rows.items()
    }
    kinds = {**dict.fromkeys(rows, "ours"), "fast": "fast", "plain": "plain"}
    return summarise(found, kinds, repetitions=1, job=job or Job(name=""), load=0.0)  # type: ignore[arg-type]


def test_rows_are_set_beside_fasts_training_and_the_whole_of_plain() -> None:
    """fast trains for 6 of its 12 s: quick with 2 s takes a third of that, and a 50th of plain's 100 s."""
    quick, fast, _ = summary(quick=[1.0, 2.0, 9.0], fast=[12.0], plain=[100.0]).rows
    assert (quick.times_fast, quick.times_plain) == (3.0, 50.0)
    assert fast.times_fast == 0.5


def test_what_is_wanted_is_judged_at_full_size_alone() -> None:
    (quick, _), (small, _) = (
        summary(job, quick=[1.0], fast=[12.0]).rows for job in (None, Job(name="", epochs=1))
    )
    assert (quick.is_reached, small.is_reached) == (True, None)


def test_without_fast_nothing_is_said_beside_it() -> None:
    (quick,) = summary(quick=[1.0]).rows
    assert quick.times_fast is None
    assert quick.is_reached is False


def test_on_an_accelerator_seconds_are_wanted() -> None:
    (quick,) = summary(Job(name="", device="cuda"), quick=[0.19]).rows
    assert quick.wanted == Wanted(accuracy=0.99, seconds=0.2)
    assert quick.is_reached


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        (Wanted(accuracy=0.99), True),
        (Wanted(accuracy=0.991), False),
        (Wanted(accuracy=0.99, seconds=4.0), True),
        (Wanted(accuracy=0.99, seconds=3.9), False),
        (Wanted(accuracy=0.99, num_parameters=1000), True),
        (Wanted(accuracy=0.99, num_parameters=999), False),
        (Wanted(accuracy=0.99, times_fast=1.0), False),
    ],
)
def test_all_that_is_wanted_has_to_be_reached(wanted: Wanted, reached: bool) -> None:
    """The row took 4 s, has 1,000 parameters and 99 %; nothing stands beside fast."""
    (row,) = summary(other=[4.0]).rows
    assert is_reached(row, wanted) is reached


@pytest.mark.slow
def test_rows_run_in_turn_and_each_repetition_has_its_seed(mnist_folder: object) -> None:
    lines: list[str] = []
    kept: list[RecipesBench] = []
    result = run_recipes_bench(
        ["mlp-class", "fast"], repetitions=2, first_seed=3, num_images=600, epochs=1, num_threads=1,
        warm_up=True, on_progress=lines.append, on_result=kept.append,
    )  # fmt: skip
    told = [line for line in lines if line.startswith("repetition")]
    assert [line.split(", ")[0] for line in told] == [
        "repetition 1 of 2: fast", "repetition 1 of 2: mlp-class",
        "repetition 2 of 2: fast", "repetition 2 of 2: mlp-class",
    ]  # fmt: skip
    assert [row.seeds for row in result.rows] == [[3, 4], [3, 4]]
    assert [len(row.seconds) for one in kept for row in one.rows] == [1, 1, 2, 2]
    assert kept[-1] == result
    assert (result.is_reduced, result.is_warm, result.environment["threads"]) == (True, True, 1)
    for row in result.rows:
        assert row.stages_whole in row.seconds
        assert sum(row.stages.values()) == pytest.approx(row.stages_whole)
        assert (row.num_train, row.num_test) == (600, 100)
    assert ENVIRONMENT.keys() <= result.environment.keys()
