"""What a page may find in its folder: `<!-- test: given my-run, photo.jpg -->`."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from tests.written import save_written

from inkwise.data.load import load_dataset
from inkwise.experiments.train import train


def _run(path: Path, *, recipe: str = "mlp-sequential", epochs: int = 5, seed: int = 0) -> None:
    train(recipe, data="digits", epochs=epochs, seed=seed, out=path, report=False)


def _digit(path: Path) -> None:
    Image.fromarray(load_dataset("digits").test.images[0]).save(path)


def _digits(path: Path) -> None:
    path.mkdir()
    for number in range(2):
        _digit(path / f"{number}.png")


def _writing(path: Path) -> None:
    save_written(path, "17", "29")


def _writings(path: Path) -> None:
    save_written(path / "first.png", "17")
    save_written(path / "second.png", "29")


def _key(path: Path) -> None:
    path.write_text("0123456789abcdef01234567\n")


GIVEN: dict[str, Callable[[Path], None]] = {
    "my-run": _run,
    "other-run": functools.partial(_run, seed=1),
    "runs/cnn-keras": functools.partial(_run, recipe="cnn-keras", epochs=1),
    "runs/cnn-lenet": functools.partial(_run, recipe="cnn-lenet", epochs=1),
    "runs/mlp-logsoftmax": functools.partial(_run, recipe="mlp-logsoftmax", epochs=1),
    "picture.png": _digit,
    "another-folder": _digits,
    "photo.jpg": _writing,
    "homework.png": _writing,
    "scans": _writings,
    "api-key": _key,
}
_FILES_OF = "the files of "  # and then a data set's name


def needed_for(names: list[str]) -> list[str]:
    """Return the real data sets without which these things cannot be given."""
    return [name.removeprefix(_FILES_OF) for name in names if name.startswith(_FILES_OF)]


def give(names: list[str], folder: Path, *, data: Callable[[str], Path]) -> None:
    """Put things into a folder.

    Args:
        names: keys of GIVEN, or "the files of mnist".
        data: as the fixture real_data.
    """
    for name in names:
        if name.startswith(_FILES_OF):
            for file in data(name.removeprefix(_FILES_OF)).glob("*.gz"):
                shutil.copyfile(file, folder / file.name)
        else:
            GIVEN[name](folder / name)
