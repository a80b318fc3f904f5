"""Written images are kept: the same again without being made, others for anything that differs."""

from pathlib import Path

import numpy as np
import pytest
from tests.bars import bars

from inkwise.data.dataset import Split
from inkwise.handwriting.learning import written
from inkwise.handwriting.learning.written import written_images

DIGITS = bars(10)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path))
    return tmp_path / "written"


def make(digits: Split = DIGITS, **more: float) -> tuple[Split, int]:
    """Return the images, and how often progress was told: not at all where nothing was made."""
    told = []
    asked = {"count": 6, "seed": 1, "drawn": 1.0, "outliers": 0.3, **more}
    images = written_images(digits, on_progress=lambda *done: told.append(done), **asked)  # type: ignore[arg-type]
    return images, len(told)


def test_images_are_made_once_and_kept(cache: Path) -> None:
    (first, made), (again, made_again) = make(), make()
    assert (made > 0, made_again) == (True, 0)
    np.testing.assert_array_equal(first.images, again.images)
    np.testing.assert_array_equal(first.labels, again.labels)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("change", [{"seed": 2}, {"count": 5}, {"outliers": 0.0}, {"drawn": 0.9}])
def test_other_numbers_make_other_images(change: dict[str, float], cache: Path) -> None:
    make()
    assert make(**change)[1] > 0
    assert len(list(cache.iterdir())) == 2


def test_other_digits_make_other_images() -> None:
    make()
    assert make(bars(10, seed=1))[1] > 0


def test_changed_source_makes_images_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make()
    source = tmp_path / "ink.py"
    source.write_text("changed = True\n")
    monkeypatch.setattr(written, "_sources", lambda: iter([source]))
    assert make()[1] > 0


def test_damaged_file_is_made_again(cache: Path) -> None:
    first, _ = make()
    (path,) = cache.iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    again, made = make()
    assert made > 0
    np.testing.assert_array_equal(first.images, again.images)


def test_no_more_than_four_files_are_kept(cache: Path) -> None:
    for seed in range(6):
        make(seed=seed, count=1)
    assert len(list(cache.iterdir())) == written.MOST_KEPT
    assert make(seed=5, count=1)[1] == 0, "the newest is still there"


def test_place_that_cannot_be_written_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "file"))
    first, _ = make()
    again, made = make()
    assert made > 0
    np.testing.assert_array_equal(first.images, again.images)
