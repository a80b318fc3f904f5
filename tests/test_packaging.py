"""The wheel: what a person installs who never sees this repository."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run_python(*arguments: str, folder: Path, path: Path | None = None) -> str:
    environment = {**os.environ, **({} if path is None else {"PYTHONPATH": str(path)})}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run_python("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), folder=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds what is in the wheel, as pip would put it."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.mark.slow
def test_wheel_has_every_lesson_and_nothing_of_the_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    lessons = {f"inkwise/lessons/sources/{path.name}" for path in (ROOT / "examples").glob("[0-9]*.py")}
    assert lessons
    assert lessons <= names
    assert all(name.startswith(("inkwise/", "inkwise-")) for name in names)


@pytest.mark.slow
def test_lessons_work_from_an_installed_wheel(installed: Path, tmp_path: Path) -> None:
    """Where there is no checkout: the list names files of the package, and a notebook can be written."""
    listed = json.loads(
        run_python("-m", "inkwise", "lesson", "list", "--json", folder=tmp_path, path=installed)
    )
    assert listed
    assert all(Path(lesson["path"]).is_relative_to(installed) for lesson in listed)
    run_python("-m", "inkwise", "lesson", "open", "1", "--no-start", folder=tmp_path, path=installed)
    assert (tmp_path / "01-first-classifier.ipynb").is_file()
    run_python("-m", "inkwise", "lesson", "export", "1", "--no-run", folder=tmp_path, path=installed)
    assert "</html>" in (tmp_path / "01-first-classifier.html").read_text(encoding="utf-8")
