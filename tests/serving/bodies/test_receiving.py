"""Bodies in memory are counted, and each change of their number is told."""

import pytest

from inkwise.serving.bodies.receiving import HeldBytes
from inkwise.serving.problems import ProblemError


def test_every_change_of_what_is_held_is_told() -> None:
    told: list[int] = []
    held = HeldBytes(100, tell=told.append)
    held.take(70)
    with pytest.raises(ProblemError, match="requests of 70 bytes are being worked on, no room for 31 more"):
        held.take(31)
    held.take(30)
    held.give(100)
    assert told == [70, 100, 0]
