"""What pages say of serving is what was measured."""

from pathlib import Path

from dev.serving_tables import NOT_MEASURED, serving_parts

from inkwise.experiments.bench.serving.result import ServingBench, SideResult, Unit, Wanted, compare


def bench() -> ServingBench:
    rows: list[tuple[str, Unit, float, float]] = [
        ("png-8", "requests/s", 1000.0, 3500.0),
        ("many-binary", "images/s", 1000.0, 25_000.0),
        ("p99", "ms", 9.0, 4.5),
        ("start", "s", 4.0, 1.25),
    ]
    results = [
        compare((name, f"the row {name}", unit), SideResult.of([usual]), SideResult.of([own]),
                wanted=Wanted(), is_judged=True)
        for name, unit, usual, own in rows
    ]  # fmt: skip
    return ServingBench(
        rows=results,
        classifier={"network": "cnn-standard", "num_parameters": 110_240, "is_trained": True},
        seconds_a_row=4.0,
        repetitions=1,
        is_reduced=False,
        load_average=0.25,
        environment={
            "processor": "A Processor",
            "processor_features": ["avx2", "amx_bf16"],
            "num_cores": 2,
            "torch": "2.9",
            "commit": "0123456789",
            "started": "2026-11-21T00:00:00+00:00",
        },
    )


def written(root: Path) -> dict[str, str]:
    folder = root / "results" / "serving-benchmark"
    folder.mkdir(parents=True)
    (folder / "serving.json").write_text(bench().model_dump_json())
    return serving_parts(root)


def test_table_has_every_row_and_the_machine_with_its_features(tmp_path: Path) -> None:
    table = written(tmp_path)["serving table"]
    assert "| the row png-8 | 1,000/s | 3,500/s | 3.5 |  |" in table
    assert "A Processor (avx2, amx_bf16), 2 cores; torch 2.9; commit 0123456789; 2026-11-21" in table
    assert "load average 0.2 before it began" in table


def test_sentence_says_the_rows_that_matter(tmp_path: Path) -> None:
    words = written(tmp_path)["serving in words"]
    assert "3.5 times the requests a second (3,500, a PNG each), 25,000 images a second" in words
    assert "within 4.5 ms at 200 requests a second, and the first answer 1.2 s after the start" in words


def test_pages_say_so_before_anything_was_measured(tmp_path: Path) -> None:
    assert serving_parts(tmp_path) == {"serving table": NOT_MEASURED, "serving in words": NOT_MEASURED}
