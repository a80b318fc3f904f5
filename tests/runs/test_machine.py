"""The commit of the sources at work, and of no others."""

import subprocess
from pathlib import Path

import pytest

from inkwise.runs import machine


def commit_all(folder: Path) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_commit_of_a_project_that_inkwise_is_installed_in_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "venv" / "site-packages" / "inkwise" / "runs" / "machine.py"
    module.parent.mkdir(parents=True)
    module.touch()
    commit_all(tmp_path)
    monkeypatch.setattr(machine, "__file__", str(module))
    assert machine.source_commit() is None


def test_commit_has_ten_digits_and_a_sign_where_sources_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "src" / "inkwise" / "runs" / "machine.py"
    module.parent.mkdir(parents=True)
    module.touch()
    commit_all(tmp_path)
    monkeypatch.setattr(machine, "__file__", str(module))
    (tmp_path / "notes.txt").touch()
    commit = machine.source_commit()
    assert commit is not None
    assert len(commit) == 10
    module.write_text("changed")
    assert machine.source_commit() == commit + "+"
