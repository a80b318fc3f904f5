"""How a download is shown."""

import io
import sys

import pytest

from inkwise.cli.terminal.transfer import SECONDS_BETWEEN_LINES, plain_lines, show_progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_lines_come_first_every_few_seconds_and_last(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    on_progress = plain_lines("mnist", clock=lambda: now)
    for done in (0, 2_000_000, 4_000_000, 10_000_000):
        on_progress(done, 10_000_000)
        now += SECONDS_BETWEEN_LINES * 0.6
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "mnist: 0.0 of 10.0 MB",
        "mnist: 4.0 of 10.0 MB",  # 2.0 came 3 s after the first line: too early
        "mnist: 10.0 of 10.0 MB",
    ]


def test_terminal_gets_a_bar_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    with show_progress("mnist") as on_progress:
        on_progress(5_000_000, 10_000_000)
    assert "mnist" in terminal.getvalue()
    assert "5.0/10.0 MB" in terminal.getvalue()
    assert capsys.readouterr().out == ""
