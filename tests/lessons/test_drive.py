"""N2: Google Drive as the place for downloads, only where it exists."""

from pathlib import Path

import pytest

from inkwise.data.originals.stored import cache_folder
from inkwise.lessons.drive import use_drive


def test_downloads_go_to_a_mounted_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWISE_CACHE", "")  # so that it is put back afterwards
    monkeypatch.delenv("INKWISE_CACHE")
    assert use_drive(tmp_path) == tmp_path / "inkwise"
    assert cache_folder() == tmp_path / "inkwise" / "data"


def test_nothing_changes_without_a_drive(tmp_path: Path) -> None:
    """S3-1: a Drive that was never mounted must not become a local folder of its name."""
    before = cache_folder()
    assert use_drive(tmp_path / "MyDrive") is None
    assert cache_folder() == before
    assert list(tmp_path.iterdir()) == []


def test_folder_chosen_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "mine"))
    assert use_drive(tmp_path) == tmp_path / "mine"
