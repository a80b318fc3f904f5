"""How learning a hand is scored: by hand-made readings, of which the scores are known."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dev import corrections


@dataclass
class Glyph:
    """What a glyph has that is scored."""

    label: int
    probability: float
    accepted: bool = True


def answer(*glyphs: Glyph) -> Any:
    line = "".join(str(glyph.label) for glyph in glyphs)
    return SimpleNamespace(reading=SimpleNamespace(lines=(line,), glyphs=list(glyphs)))


def test_errors_count_misread_doubtful_and_the_loss_of_both() -> None:
    """A right one of 0.9 loses -ln 0.9, a wrong one of 0.8 -ln 0.2; the picture of two digits is misread."""
    answers = [
        answer(Glyph(1, 0.9)),
        answer(Glyph(7, 0.8, accepted=False)),
        answer(Glyph(3, 0.5), Glyph(1, 0.1)),
    ]
    found = corrections._errors([{"label": label} for label in "113"], answers)
    assert (found["misread"], found["doubtful"]) == (2, 1)
    assert found["loss"] == pytest.approx(-np.log([0.9, 0.2, 0.5]).mean())


def test_certain_mistake_loses_a_finite_amount() -> None:
    found = corrections._errors([{"label": "1"}], [answer(Glyph(7, 1.0))])
    assert found["loss"] == pytest.approx(-np.log(1e-6))


def test_markdown_has_every_source_and_their_sums() -> None:
    def row(source: str, misread: tuple[int, int], doubtful: tuple[int, int]) -> dict[str, Any]:
        before, after = (
            {"misread": misread[when], "doubtful": doubtful[when], "loss": 0.25 - when / 8} for when in (0, 1)
        )
        return {
            "source": source,
            "num_others": 31,
            "before": before,
            "after": after,
            "mnist_accuracy": 0.9951,
        }

    document = {
        "rows": [row("a", (3, 1), (5, 4)), row("b", (1, 1), (2, 0))],
        "mnist_before": 0.9956,
        "environment": {
            "processor": "A Processor", "num_cores": 2, "commit": "0123456", "started": "2026-11-21T00:29:44",
        },
    }  # fmt: skip
    page = corrections.to_markdown(document)
    assert "reader is 99.56% right on MNIST" in page
    assert "| a | 31 | 3 → 1 | 5 → 4 | 0.250 → 0.125 | 99.51% |" in page
    assert "Together: misread 4 → 2, doubtful 7 → 4." in page
    assert "A Processor, 2 cores; commit 0123456, 2026-11-21." in page
