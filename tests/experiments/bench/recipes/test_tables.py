"""The tables say what was measured."""

import pytest
from tests.experiments.bench.recipes.reports import measured, report

from inkwise.experiments.bench.recipes.measure import summarise
from inkwise.experiments.bench.recipes.report import Job
from inkwise.experiments.bench.recipes.result import Measured, RecipesBench, RowResult
from inkwise.experiments.bench.recipes.tables import (
    explain,
    main_rows,
    print_recipes,
    recipes_page,
    size_rows,
    stage_rows,
)


def bench(job: Job | None = None) -> RecipesBench:
    """Return quick with two repetitions of 4 and 5 s, and fast with two of 4 s."""
    slow = report(stage_seconds={"load": 1.0, "forward": 3.5, "rest": 0.5}, accuracy=0.992)
    found = {"quick": measured(report(), slow), "fast": measured(report(), report())}
    kinds = {"quick": "ours", "fast": "fast"}
    return summarise(found, kinds, repetitions=2, job=job or Job(name=""), load=0.5)  # type: ignore[arg-type]


def test_row_holds_mean_spread_and_medians() -> None:
    """99.0 and 99.2 %: mean 99.1, deviation 0.1 * sqrt(2); 4 and 5 s; fast trains 2 s, 0.44 of 4.5 s."""
    assert main_rows(bench())[1] == (
        "quick", "99.100 ± 0.141 % (2)", "4.50 (4.00 to 5.00)", "3.00", "0.44x", "", "400 MB", "99 %, 6x",
        "NO",
    )  # fmt: skip


def test_row_stands_beside_plain() -> None:
    """quick takes 4 s; plain 8 s, then 80 s."""
    for seconds, said in ((8.0, "2.00x"), (80.0, "20x")):
        found = {"quick": measured(report()), "plain": measured(report(stage_seconds={"load": seconds}))}
        kinds = {"quick": "ours", "plain": "plain"}
        result = summarise(found, kinds, repetitions=1, job=Job(name=""), load=None)  # type: ignore[arg-type]
        assert main_rows(result)[1][5] == said


def test_reduced_size_is_not_judged() -> None:
    assert main_rows(bench(Job(name="", num_images=600)))[1][-1] == "not judged at this size"


def test_sizes_are_those_of_the_network_and_its_files() -> None:
    assert size_rows(bench())[1] == ("quick", "1,000", "20,000", "4.5 kB", "5.0 kB", "float32")


def test_stages_are_those_of_the_run_with_the_median_time_and_add_up() -> None:
    """Of two runs the quicker one; a stage that a row does not have is left empty."""
    head, quick, _ = stage_rows(bench())
    assert head == ("recipe", "load", "forward", "evaluate", "whole")
    assert quick == ("quick", "1.000", "2.000", "1.000", "4.000")
    longer = [report(stage_seconds={"load": 1.0, "forward": one, "rest": 0.5}) for one in (8.0, 2.5, 3.0)]
    row = RowResult.from_reports("quick", "ours", measured(*longer))
    assert row.stages == {"load": 1.0, "forward": 3.0, "rest": 0.5}
    assert row.stages_whole == row.median_seconds == 4.5


def test_on_an_accelerator_stages_are_of_runs_of_their_own() -> None:
    one = Measured(0, whole=report(stage_seconds={"load": 1.0, "forward": 0.5}), staged=report())
    row = RowResult.from_reports("quick", "ours", [one])
    assert (row.median_seconds, row.stages_whole) == (1.5, 4.0)


@pytest.mark.parametrize(
    ("job", "said", "unsaid"),
    [
        (Job(name=""), [], ["accelerator", "small training"]),
        (Job(name="", device="cuda"), ["is left out (0.8 s)", "first use, is included"], ["off the clock"]),
        (Job(name="", device="cuda", warm_up=True), ["off the clock"], ["is included"]),
    ],
    ids=["cpu", "cuda", "cuda-warm"],
)  # fmt: skip
def test_clock_is_stated(job: Job, said: list[str], unsaid: list[str]) -> None:
    found = {"quick": measured(report(context_seconds=0.8))}
    words = explain(summarise(found, {"quick": "ours"}, repetitions=1, job=job, load=None))
    assert all(one in words for one in said)
    assert not any(one in words for one in unsaid)


def test_page_has_three_tables_and_the_machine() -> None:
    page = recipes_page(bench())
    assert page.count("| --- |") == 3
    assert "- processor_features: ['avx2', 'amx_bf16']" in page
    assert "- commit: 0123456789" in page


def test_terminal_shows_a_column_a_recipe_for_the_stages(capsys: pytest.CaptureFixture[str]) -> None:
    print_recipes(bench())
    output = capsys.readouterr().out
    lines = [line.split() for line in output.splitlines()]
    assert ["forward", "2.000", "2.000"] in lines
    assert "quick: wanted 99 %, 6x; reached: NO" in output
    assert "A Processor (avx2, amx_bf16), inkwise 0.1.0, commit 0123456789" in output
