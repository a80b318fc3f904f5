"""Stages of a command where standard error is no terminal: a line now and then, with the time left."""

import pytest

from inkwise.cli.terminal.stages import StageProgress


def test_line_is_said_every_five_seconds_with_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    """After 6 of 24 s a quarter is done, so 18 s are left; the next line comes 5 s later."""
    now = iter([0.0, 0.0, 0.0, 6.0, 6.0, 8.0, 11.0, 11.0, 12.0])
    with StageProgress(clock=lambda: next(now)) as stages:
        stages.show("comparing images", 1, 400)
        stages.show("comparing images", 100, 400)
        stages.show("comparing images", 120, 400)
        stages.show("comparing images", 200, 400)
        stages.show("comparing images", 400, 400)
    assert capsys.readouterr().err.splitlines() == [
        "comparing images: 25%, about 18 s left",
        "comparing images: 50%, about 11 s left",
    ]


def test_quick_stage_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with StageProgress() as stages:
        for done in range(5):
            stages.show("drawing pictures", done, 4)
    assert capsys.readouterr().err == ""
