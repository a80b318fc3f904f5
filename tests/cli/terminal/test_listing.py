"""The words of `inkwise data list` and `check`."""

from pathlib import Path

import pytest

from inkwise.cli.terminal.listing import check_line, raise_first_fault
from inkwise.data.cache import FileCheck
from inkwise.errors import DataError

WHOLE = FileCheck("kmnist", "a.gz", Path("/d/a.gz"), "whole", "md5")
DAMAGED = FileCheck(
    "kmnist", "b.gz", Path("/d/b.gz"), "damaged", "/d/b.gz: sha256 begins 3f1c, expected 440f; do"
)
MISSING = FileCheck("kmnist", "c.gz", None, "missing", "not here; run: inkwise data fetch kmnist")


def test_lines_name_file_and_proof() -> None:
    assert check_line(WHOLE) == "kmnist: /d/a.gz: whole (MD5; no SHA-256 of this form is published)"
    assert check_line(DAMAGED) == "kmnist: /d/b.gz: DAMAGED"
    assert check_line(MISSING) == "kmnist: c.gz: MISSING"


def test_damaged_file_is_named_before_a_missing_one() -> None:
    with pytest.raises(DataError, match=r"^/d/b.gz: sha256 begins 3f1c, expected 440f; do$"):
        raise_first_fault([WHOLE, MISSING, DAMAGED])
    with pytest.raises(DataError, match=r"^kmnist: c.gz is not here; run: .* \(2 files are missing\)$"):
        raise_first_fault([MISSING, WHOLE, MISSING])


def test_whole_files_raise_nothing() -> None:
    raise_first_fault([WHOLE])
