"""What the training table says, on standard error, where that is no terminal."""

import pytest

from inkwise.cli.terminal.progress import TrainingTable


def test_written_images_are_counted_in_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """At once, and at the end; what comes within five seconds is left out."""
    with TrainingTable("digits") as table:
        for done in (400, 800, 1000):
            table.write(done, 1000)
    assert capsys.readouterr().err.splitlines() == [
        "writing digits: 400 of 1,000 images",
        "writing digits: 1,000 of 1,000 images",
    ]
