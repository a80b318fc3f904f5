"""What tests of the server share: one that serves the reader, and a store of corrections of their own."""

from pathlib import Path

import pytest
from tests.golden_classifier import golden_classifier
from tests.serving.asking import Asker, asker


@pytest.fixture(scope="session")
def reader() -> Asker:
    """Return a client of a server with the reader that ships."""
    return asker()


@pytest.fixture(scope="session")
def golden_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run folder with a classifier of three classes."""
    folder = tmp_path_factory.mktemp("runs") / "golden"
    golden_classifier().save(folder / "classifier.safetensors")
    return folder


@pytest.fixture(scope="session")
def both(golden_run: Path) -> Asker:
    """Return a client of a server with the golden classifier, and the reader beside it."""
    return asker(runs=(str(golden_run), "reader"))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where corrections are kept in this test."""
    path = tmp_path / "corrections.sqlite"
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(path))
    return path
