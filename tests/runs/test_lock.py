"""Holding a run folder; that two trainings never share one is in tests/training/test_resume.py."""

from pathlib import Path

import pytest

from inkwise.errors import OutputError
from inkwise.runs.lock import locked


def test_folder_that_cannot_be_written_to_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    expected = r"cannot write .*run/.lock: Not a directory; expected a writable folder with free space"
    with pytest.raises(OutputError, match=expected), locked(tmp_path / "file" / "run"):
        pass
