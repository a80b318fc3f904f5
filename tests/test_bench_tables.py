"""What pages say of recipes side by side is what was measured."""

from pathlib import Path

from dev.bench_tables import NOT_MEASURED, PICTURES, recipes_bench_figures, recipes_bench_parts
from tests.experiments.bench.recipes.reports import measured, report

from inkwise.experiments.bench.recipes.measure import summarise
from inkwise.experiments.bench.recipes.report import Job


def keep(root: Path) -> None:
    found = {"quick": measured(report(), report(accuracy=0.98))}
    result = summarise(found, {"quick": "ours"}, repetitions=2, job=Job(name=""), load=0.25)
    folder = root / "results" / "recipes-bench"
    folder.mkdir(parents=True)
    (folder / "recipes.json").write_text(result.model_dump_json())


def test_page_has_the_tables_and_the_machine(tmp_path: Path) -> None:
    keep(tmp_path)
    text = recipes_bench_parts(tmp_path)["recipes side by side"]
    assert "| quick | 98.500 ± 0.707 % (2) | 4.00 (4.00 to 4.00) |" in text
    assert "| quick | 1.000 | 2.000 | 1.000 | 4.000 |" in text
    machine = "A Processor (avx2, amx_bf16), 2 cores, threads: 2; torch 2.9; commit 0123456789; 2026-11-21"
    assert f"{machine}; load average 0.2 before it began." in text


def test_every_picture_that_is_shown_is_drawn(tmp_path: Path) -> None:
    keep(tmp_path)
    shown = recipes_bench_parts(tmp_path)["recipes side by side pictures"]
    assert list(recipes_bench_figures(tmp_path)) == list(PICTURES)
    assert all(f"](images/{name}.png)" in shown for name in PICTURES)


def test_before_the_first_bench_the_page_says_so(tmp_path: Path) -> None:
    parts = recipes_bench_parts(tmp_path)
    assert parts == {"recipes side by side": NOT_MEASURED, "recipes side by side pictures": ""}
    assert recipes_bench_figures(tmp_path) == {}
