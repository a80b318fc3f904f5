"""What the pages say of reading handwriting stands in results/, number by number."""

import json
from pathlib import Path
from typing import Any

import pytest
from dev import reading_tables

from inkwise.experiments.bench.reading_result import ReadingBench

ENVIRONMENT = {
    "processor": "A Processor", "num_cores": 2, "commit": "0123456789abcdef+",
    "started": "2026-11-21T00:29:44+00:00",
}  # fmt: skip
MACHINE = "A Processor, 2 cores; commit 0123456789+; 2026-11-21."


@pytest.fixture
def document() -> dict[str, Any]:
    return {
        "steps": [
            {"step": "resized to 28x28", "shares": [0.4, 0.42]},
            {"step": "the reader", "shares": [0.985]},
        ],
        "singles": {
            "num_pictures": 200, "share_right": 0.985, "share_accepted": 0.95, "num_accepted": 190,
            "num_accepted_wrong": 1, "mean_over_sources": 0.99, "least_without_one_source": 0.98,
            "most_without_one_source": 0.992, "by_source": {"a": [0.98, 150], "b": [1.0, 50]},
            "by_medium": {"28x28, drawn on a screen": [1.0, 20]},
            "confusions": {"1 read as 7": 2, "4 read as nothing": 1},
        },
        "pages": {"num_pictures": 8, "num_exact": 7, "share_of_digits": 0.973},
        "environment": ENVIRONMENT,
    }  # fmt: skip


@pytest.fixture
def benchmark() -> ReadingBench:
    def row(name: str, title: str, naive: float | None) -> dict[str, Any]:
        return {
            "name": name, "title": title, "num_pictures": 500, "num_digits": 500, "right": 0.986,
            "right_interval": (0.97, 0.99), "exact": 0.986, "accepted": 0.9, "right_of_accepted": 1.0,
            "naive": naive, "goal": 0.97, "is_reached": True, "mistakes": [],
        }  # fmt: skip

    rows = [row("corner", "small, in a corner", 0.125), row("fills", "fills the canvas", 0.8)]
    lines = {
        **row("string-touching", "3 to 10 digits, touching", None),
        "num_pictures": 100,
        "num_digits": 650,
    }
    rows.append(lines)
    return ReadingBench.model_validate(
        {"rows": rows, "seed": 0, "is_reduced": False, "seconds": 60.0, "environment": ENVIRONMENT}
    )


def test_steps_have_mean_spread_and_number_of_trainings(document: dict[str, Any]) -> None:
    """Standard deviation of 0.40 and 0.42: 0.01 * sqrt(2)."""
    table = reading_tables.steps_table(document)
    assert "| resized to 28x28 | 41.0 ± 1.4 % | 2 |" in table
    assert "| the reader | 98.5 % | 1 |" in table
    assert MACHINE in table


def test_words_name_what_is_accepted_and_wrong(document: dict[str, Any]) -> None:
    said = reading_tables.handwriting_in_words(document)
    assert "Of 200 real digits" in said
    assert "98.5 % right, and is sure of 95.0 %: of these 1 of 190 are wrong." in said
    assert "given the same pictures resized to 28x28, gets 41.0 %." in said


def test_media_say_how_even_the_sources_are(document: dict[str, Any]) -> None:
    table = reading_tables.media_table(document)
    assert "| 28x28, drawn on a screen | 20 | 100.0 % |" in table
    assert "The mean over 2 sources is 99.0 %; with any one of them left out" in table
    assert "98.0 to 99.2 %." in table


def test_pages_and_mistakes_are_told(document: dict[str, Any]) -> None:
    assert "Of 8 real pictures of several digits 7" in reading_tables.pages_in_words(document)
    assert "97.3 % of their digits" in reading_tables.pages_in_words(document)
    assert reading_tables.mistakes_in_words(document) == "1 read as 7: 2; 4 read as nothing: 1"


def test_benchmark_has_every_row_and_the_readme_some(benchmark: ReadingBench) -> None:
    whole = reading_tables.benchmark_table(benchmark)
    assert "| fills the canvas | 98.6% | 97% | 90.0% | 100.0% | 80.0% |" in whole
    assert MACHINE in whole
    short = reading_tables.short_benchmark_table(benchmark)
    assert "| small, in a corner | 500 | 12.5 % | 98.6 % |" in short
    assert "| 3 to 10 digits, touching, digit by digit | 100 | - | 98.6 % |" in short
    assert "fills the canvas" not in short


def test_rows_of_the_readme_are_rows_of_the_bench() -> None:
    from inkwise.experiments.bench.reading_rows import ROWS

    assert set(reading_tables.README_ROWS) <= {row.name for row in ROWS}


def hand(before: int, after: int, *, num_others: int, mnist: float) -> dict[str, Any]:
    return {
        "source": "somebody", "num_corrected": 10, "num_others": num_others, "mnist_accuracy": mnist,
        "before": {"misread": before, "doubtful": 5, "loss": 0.1236},
        "after": {"misread": after, "doubtful": 3, "loss": 0.05},
    }  # fmt: skip


def test_hands_are_numbered_with_before_and_after() -> None:
    rows = [hand(2, 1, num_others=31, mnist=0.9951)]
    table = reading_tables.corrections_table(
        {"rows": rows, "mnist_before": 0.9956, "environment": ENVIRONMENT}
    )
    assert "| 1 | 10 | 31 | 2 -> 1 | 5 -> 3 | 0.124 -> 0.050 | 99.51 % |" in table
    assert "Before, the reader is 99.56 % right" in table


def test_odd_hands_are_summed_over_their_digits() -> None:
    """30 of 300 and 3 of 300."""
    rows = [hand(20, 2, num_others=100, mnist=0.9951), hand(10, 1, num_others=200, mnist=0.9949)]
    table = reading_tables.odd_hands_table({"odd": rows, "mnist_before": 0.9956, "environment": ENVIRONMENT})
    assert "| 2 | 10 | 200 | 10 -> 1 | 5 -> 3 | 0.124 -> 0.050 | 99.49 % |" in table
    assert "Together 10.0 % misread before, 1.0 % after" in table
    assert "at least 99.49 %, where it was 99.56 %." in table


def test_nothing_measured_is_said(tmp_path: Path) -> None:
    parts = reading_tables.reading_parts(tmp_path)
    assert parts["handwriting steps"] == reading_tables.NOT_MEASURED
    assert parts["learning a hand"] == reading_tables.NOT_LEARNED
    assert parts["reading table"] == parts["reading table, short"] == reading_tables.NOT_BENCHED
    assert parts["handwriting steps picture"] == ""
    assert reading_tables.steps_figure(tmp_path) is None


def test_picture_of_the_steps_is_drawn_from_the_file(tmp_path: Path, document: dict[str, Any]) -> None:
    folder = tmp_path / "results" / "handwriting"
    folder.mkdir(parents=True)
    (folder / "handwriting.json").write_text(json.dumps(document))
    axes = reading_tables.steps_figure(tmp_path).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([0.41, 0.985])
