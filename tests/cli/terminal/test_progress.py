"""What the training table says, on standard error, where that is no terminal."""

import pytest

from inkwise.cli.terminal.progress import TrainingTable
from inkwise.runs.history import EpochRecord
from inkwise.training.loop import Progress


def test_written_images_are_counted_in_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """At once, and at the end; what comes within five seconds is left out."""
    with TrainingTable("digits") as table:
        for done in (400, 800, 1000):
            table.write(done, 1000)
    assert capsys.readouterr().err.splitlines() == [
        "writing digits: 400 of 1,000 images",
        "writing digits: 1,000 of 1,000 images",
    ]


def test_accuracy_of_a_few_mistakes_is_not_told_as_100(capsys: pytest.CaptureFixture[str]) -> None:
    """2 wrong of 60,000."""
    record = EpochRecord(
        epoch=1, step=1, learning_rate=0.1, train_loss=0.0, train_accuracy=59_998 / 60_000,
        validation_loss=0.0, validation_accuracy=1.0,
    )  # fmt: skip
    with TrainingTable("digits") as table:
        table.show(Progress(1, 1, 1, 1, 0.0, 100.0, 0.0, record=record))
    title, row = capsys.readouterr().err.splitlines()
    assert len(title) == len(row)
    assert "  over 99.99 %  " in row
    assert "  100 %  " in row
