"""docs/tutorial-mistakes.md names every mistake that was found, none left out."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial-mistakes.md"
# How many were found in each tutorial; each has its number.
FOUND = {"S0": 5, "S1": 12, "S2-TF": 16, "S2-PT": 8, "S3": 10, "S4": 14}


def test_every_mistake_has_its_place() -> None:
    named = set(re.findall(r"\b(S0|S1|S2-TF|S2-PT|S3|S4)-(\d+)\b", PAGE.read_text("utf-8")))
    assert named == {(tutorial, str(n + 1)) for tutorial, count in FOUND.items() for n in range(count)}
