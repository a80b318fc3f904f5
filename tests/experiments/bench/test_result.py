import json

import pytest

from inkwise.errors import RunError
from inkwise.experiments.bench.result import BenchResult, Conditions, LimitResult, RatioResult, compare_sides
from inkwise.experiments.bench.worker import Report


def report(seconds: float, *, accuracy: float = 0.96, num_steps: int = 9375, peak: int = 500) -> Report:
    return Report(
        seconds=seconds,
        call_seconds=seconds + 0.5,
        accuracy=accuracy,
        num_steps=num_steps,
        batch_size=32,
        precision="float32",
        num_train=60_000,
        num_test=10_000,
        peak_memory_bytes=peak,
        num_threads=2,
        torch_version="2.13.0",
    )


def compare(baseline: list[Report], ours: list[Report], *, is_reduced: bool = False) -> RatioResult:
    return compare_sides("s3", baseline, ours, target=8.0, is_reduced=is_reduced)


def bench_result() -> BenchResult:
    conditions = Conditions(
        date="2026-01-31T12:00:00+00:00",
        commit="abc",
        inkwise="0.1.0",
        python="3.12.0",
        torch="2.13.0",
        platform="Linux",
        cpu="Slow 9000",
        num_cores=2,
        num_threads=2,
        load_average=0.1,
        repetitions=1,
        is_reduced=False,
    )
    memory = LimitResult(
        name="memory", unit="bytes", value=812e6, values=[812e6], limit=900e6, is_reached=True
    )
    load = LimitResult(name="load", unit="seconds", value=1.6, values=[1.6], limit=1.5, is_reached=False)
    return BenchResult(
        ratios=[compare([report(90)], [report(9)])], limits=[load, memory], conditions=conditions
    )


def test_ratio_is_of_medians_and_its_spread_of_neighbours() -> None:
    """Medians 30 and 3: 10. Neighbours: 20/2 = 10, 30/5 = 6, 42/3 = 14."""
    result = compare([report(20), report(30), report(42)], [report(2), report(5), report(3)])
    assert (result.ratio, result.ratio_min, result.ratio_max) == (10, 6, 14)
    assert result.is_reached is True
    assert result.baseline.call_seconds == [20.5, 30.5, 42.5]


def test_memory_of_a_side_is_its_largest() -> None:
    result = compare([report(20, peak=700), report(20, peak=900)], [report(2), report(2)])
    assert result.baseline.peak_memory_bytes == 900


def test_ratio_under_the_target_is_not_reached() -> None:
    assert compare([report(20)], [report(4)]).is_reached is False


def test_fast_but_less_accurate_is_not_reached() -> None:
    result = compare([report(90, accuracy=0.96)], [report(9, accuracy=0.94)])
    assert result.is_equally_accurate is False
    assert result.is_reached is False


def test_reduced_size_is_not_judged() -> None:
    assert compare([report(90)], [report(9)], is_reduced=True).is_reached is None


def test_unequal_steps_are_refused_by_name() -> None:
    with pytest.raises(
        RunError, match="num_steps is 9375 in the tutorial and 9000 in inkwise; expected equal"
    ):
        compare([report(90)], [report(9, num_steps=9000)])


@pytest.mark.parametrize(
    "change",
    [
        {"num_train": 54_000},
        {"num_test": 1},
        {"batch_size": 64},
        {"precision": "bfloat16"},
        {"num_threads": 1},
        {"torch_version": "2.9.0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_unequal_work_is_refused(change: dict[str, object]) -> None:
    other = report(9).model_copy(update=change)
    with pytest.raises(RunError, match=f"bench s3: {next(iter(change))} is .* expected equal work"):
        compare([report(90)], [other])


def test_json_keys_are_those_of_the_reference_page() -> None:
    document = json.loads(bench_result().model_dump_json())
    assert set(document) == {"ratios", "limits", "conditions"}
    assert set(document["ratios"][0]) == {
        "name",
        "ratio",
        "ratio_min",
        "ratio_max",
        "target",
        "is_equally_accurate",
        "is_reached",
        "num_train",
        "num_test",
        "num_steps",
        "batch_size",
        "precision",
        "baseline",
        "inkwise",
    }
    assert set(document["ratios"][0]["baseline"]) == {
        "median_seconds",
        "seconds",
        "call_seconds",
        "stage_seconds",
        "accuracy",
        "mean_accuracy",
        "peak_memory_bytes",
    }
    assert set(document["limits"][0]) == {"name", "unit", "value", "values", "limit", "is_reached"}
    assert {"commit", "cpu", "num_threads", "load_average", "torch", "date"} < set(document["conditions"])
    assert BenchResult.model_validate(document) == bench_result()


def test_table_rows_say_result_wanted_and_verdict() -> None:
    assert bench_result().to_rows() == [
        ("s3 whole recipe", "90.00 s, 96.00%", "9.00 s, 96.00%", "10.0x (10.0 to 10.0)", "8x", "yes"),
        ("load MNIST from .gz", "", "1.60 s", "1.60 s", "< 1.5 s", "NO"),
        ("memory of an S3 run", "", "812 MB", "812 MB", "< 900 MB", "yes"),
    ]


def test_markdown_holds_table_commit_and_hardware() -> None:
    page = bench_result().to_markdown()
    assert "| s3 whole recipe | 90.00 s, 96.00% |" in page
    assert "- commit: abc\n" in page
    assert "- cpu: Slow 9000\n" in page
