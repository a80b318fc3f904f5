"""How readings of real pictures are scored: by hand-made readings, of which the scores are known."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from dev import handwriting


@dataclass
class Mark:
    accepted: bool


@dataclass
class Read:
    """What a reading has that is scored."""

    lines: tuple[str, ...]
    glyphs: list[Mark] = field(default_factory=list)


def read(text: str, *, sure: bool = True) -> Read:
    lines = tuple(line for line in text.split("|") if line)
    return Read(lines, [Mark(sure) for line in lines for _ in line])


def row(label: str, source: str = "a", medium: str = "photo") -> dict[str, str]:
    return {"label": label, "source": source, "medium": medium}


def test_singles_are_right_where_the_line_is_the_label() -> None:
    """Two of four: a second digit beside the right one is wrong, and so is nothing."""
    rows = [row("1"), row("2", "b"), row("3", "b", "drawing"), row("4", "b", "drawing")]
    scores = handwriting.score_singles(rows, [read("1"), read("2"), read("33"), read("")])
    assert (scores["num_pictures"], scores["num_right"], scores["share_right"]) == (4, 2, 0.5)
    assert scores["by_source"] == {"a": (1.0, 1), "b": (pytest.approx(1 / 3), 3)}
    assert scores["by_medium"] == {"drawing": (0.0, 2), "photo": (1.0, 2)}
    assert scores["mean_over_sources"] == pytest.approx((1 + 1 / 3) / 2)
    assert scores["confusions"] == {"3 read as 33": 1, "4 read as nothing": 1}


def test_sources_are_left_out_one_by_one() -> None:
    """Without a: 1 of 3; without b: 1 of 1."""
    rows = [row("1"), row("2", "b"), row("3", "b"), row("4", "b")]
    scores = handwriting.score_singles(rows, [read("1"), read("2"), read("5"), read("6")])
    assert scores["least_without_one_source"] == pytest.approx(1 / 3)
    assert scores["most_without_one_source"] == 1.0


def test_accepted_takes_every_mark_to_be_sure() -> None:
    rows = [row("1"), row("2"), row("3"), row("4", "b")]
    doubtful = Read(("3",), [Mark(True), Mark(False)])
    scores = handwriting.score_singles(rows, [read("1"), read("7"), doubtful, Read(())])
    assert (scores["num_accepted"], scores["share_accepted"]) == (2, 0.5)
    assert scores["num_accepted_wrong"] == 1


def test_frequent_confusions_come_first() -> None:
    rows = [row("1"), row("2", "b"), row("2")]
    scores = handwriting.score_singles(rows, [read("7"), read("3"), read("3")])
    assert list(scores["confusions"].items()) == [("2 read as 3", 2), ("1 read as 7", 1)]


def test_pages_count_digits_by_edit_distance_and_lines_for_exactness() -> None:
    """Nothing is wrong in the first; of 3058 only the 3 is right: 5 of 8."""
    rows = [row("17|29"), row("3058")]
    scores = handwriting.score_pages(rows, [read("1729"), read("3O")])
    assert scores["num_exact"] == 0  # the first one's digits are right, its lines are not
    assert scores["wrong_digits"] == ["0 of 4", "3 of 4"]
    assert scores["share_of_digits"] == pytest.approx(5 / 8)


def test_page_of_rubbish_costs_no_more_than_its_digits() -> None:
    scores = handwriting.score_pages([row("17")], [read("9999999")])
    assert scores["wrong_digits"] == ["2 of 2"]
    assert scores["share_of_digits"] == 0.0


def test_exact_page_is_counted() -> None:
    assert handwriting.score_pages([row("17|29")], [read("17|29")])["num_exact"] == 1


def test_medium_is_told_by_size_and_by_the_number_of_greys() -> None:
    drawn = np.zeros((28, 28), np.uint8)
    drawn[8:20, 12:15] = 255
    photo = np.random.default_rng(0).integers(90, 220, (60, 40, 3)).astype(np.uint8)
    assert handwriting.medium_of(drawn) == "28x28, drawn on a screen"
    assert handwriting.medium_of(np.pad(drawn, 9)) == "larger, drawn on a screen"
    assert handwriting.medium_of(photo) == "larger, photographed or scanned"


@pytest.fixture
def document() -> dict[str, Any]:
    rows = [row("1"), row("2", "b"), row("3", "b")]
    return {
        "steps": [
            {"step": "resized to 28x28", "shares": [0.3, 0.5]},
            {"step": "the reader", "shares": [2 / 3]},
        ],
        "singles": handwriting.score_singles(rows, [read("1"), read("2"), read("8", sure=False)]),
        "pages": handwriting.score_pages([row("17|29")], [read("17|2")]),
        "environment": {
            "processor": "A Processor", "num_cores": 2, "commit": "0123456789abcdef",
            "started": "2026-11-21T00:29:44+00:00",
        },
    }  # fmt: skip


def test_markdown_holds_what_was_measured(document: dict[str, Any]) -> None:
    """The mean of 0.3 and 0.5 is 0.4, their standard deviation sqrt(0.02) = 0.141."""
    page = handwriting.to_markdown(document)
    assert "| resized to 28x28 | 40.0% | 14.1% |" in page
    assert "| the reader | 66.7% |  |" in page
    assert "Of 3 single digits 2 are right, 66.67%; the mean over sources is 75.00%" in page
    assert "2 (66.7%) are accepted, 0 of them wrong." in page
    assert "Of 1 pictures of several digits 0 are read without a mistake; 75.0%" in page
    assert "| b | 2 | 50.0% |" in page
    assert "Mistakes: 3 read as 8 (1)." in page
    assert "A Processor, 2 cores; commit 0123456789abcdef, 2026-11-21." in page
