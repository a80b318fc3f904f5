"""How learning a hand is scored: by hand-made readings, of which the scores are known."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dev import corrections
from dev.odd_hands import NUM_ODD, OddHand

from inkwise.handwriting.synthesis.strokes import shape_names


@dataclass
class Glyph:
    """What a glyph has that is scored."""

    label: int
    probability: float
    accepted: bool = True


def read(*glyphs: Glyph) -> Any:
    line = "".join(str(glyph.label) for glyph in glyphs)
    return SimpleNamespace(lines=(line,), glyphs=list(glyphs))


def test_errors_count_misread_doubtful_and_the_loss_of_both() -> None:
    """A right one of 0.9 loses -ln 0.9, a wrong one of 0.8 -ln 0.2; the picture of two digits is misread."""
    readings = [read(Glyph(1, 0.9)), read(Glyph(7, 0.8, accepted=False)), read(Glyph(3, 0.5), Glyph(1, 0.1))]
    found = corrections._errors("113", readings)
    assert (found["misread"], found["doubtful"]) == (2, 1)
    assert found["loss"] == pytest.approx(-np.log([0.9, 0.2, 0.5]).mean())
    assert found["most"] == {"1 as 7": 1, "3 as 31": 1}


def test_certain_mistake_loses_a_finite_amount() -> None:
    found = corrections._errors(["1"], [read(Glyph(7, 1.0))])
    assert found["loss"] == pytest.approx(-np.log(1e-6))


def test_markdown_has_every_hand_and_their_sums() -> None:
    def row(source: str, misread: tuple[int, int], doubtful: tuple[int, int]) -> dict[str, Any]:
        before, after = (
            {"misread": misread[when], "doubtful": doubtful[when], "loss": 0.25 - when / 8} for when in (0, 1)
        )
        return {
            "source": source, "num_corrected": 10, "num_others": 31, "before": before, "after": after,
            "mnist_accuracy": 0.9951,
        }  # fmt: skip

    document = {
        "rows": [row("a", (3, 1), (5, 4)), row("b", (1, 1), (2, 0))],
        "odd": [row("odd-0", (60, 7), (9, 8))],
        "mnist_before": 0.9956,
        "environment": {
            "processor": "A Processor", "num_cores": 2, "commit": "0123456", "started": "2026-11-21T00:29:44",
        },
    }  # fmt: skip
    page = corrections.to_markdown(document)
    assert "reader is 99.56% right on MNIST" in page
    assert "| a | 10 | 31 | 3 → 1 | 5 → 4 | 0.250 → 0.125 | 99.51% |" in page
    assert "Together: misread 4 → 2, doubtful 7 → 4." in page
    assert "Together: misread 60 → 7, doubtful 9 → 8." in page
    assert "A Processor, 2 cores; commit 0123456, 2026-11-21." in page


def test_pictures_of_a_source_are_taught_or_read_never_both(tmp_path: Path) -> None:
    rows = [{"path": f"{number}.png", "label": str(number % 10)} for number in range(18)]
    taught, others = corrections.real_samples(rows, tmp_path, seed=0)
    assert (len(taught), len(others)) == (10, 8)
    assert {sample.name for sample in taught + others} == {row["path"] for row in rows}
    assert taught != corrections.real_samples(rows, tmp_path, seed=1)[0]


def test_odd_hand_is_taught_each_digit_once_and_read_on_other_pictures() -> None:
    taught, others = corrections.odd_samples(0)
    assert [sample.label for sample in taught] == list("0123456789")
    assert [sum(sample.label == digit for sample in others) for digit in "0123456789"] == [50] * 10
    assert len({sample.source.tobytes() for sample in taught + others}) == len(taught) + len(others)


def test_hand_repeats_its_shapes_and_never_itself() -> None:
    hand = OddHand(3)
    first, second = (hand.write(9, np.random.default_rng(seed)) for seed in (1, 2))
    assert first.shape != second.shape or (first != second).any()
    np.testing.assert_array_equal(first, OddHand(3).write(9, np.random.default_rng(1)))
    assert hand.shapes == OddHand(3).shapes
    assert hand.shapes != OddHand(4).shapes


@pytest.mark.parametrize("number", range(6))
def test_half_of_a_hands_digits_are_shapes_nobody_trained_on(number: int) -> None:
    known = {name for label in range(10) for name in shape_names(label)}
    assert sum(name not in known for name in OddHand(number).shapes) == NUM_ODD
