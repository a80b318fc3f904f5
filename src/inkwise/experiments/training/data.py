"""The images of a training: those asked for, under a name by which they are found again."""

import os
from collections.abc import Callable
from pathlib import Path

from inkwise.data.cache import is_available
from inkwise.data.catalogue import CATALOGUE
from inkwise.data.dataset import Dataset
from inkwise.data.formats.paths import printable
from inkwise.data.load import load_dataset
from inkwise.errors import DataError, InkwiseError


def choose_data(
    asked: str | os.PathLike[str] | Dataset | None,
    otherwise: str,
    *,
    may_fall_back: bool,
    on_load: Callable[[int, int], None] | None,
    on_note: Callable[[str], None],
) -> Dataset:
    """Return the data asked for, or the recipe's; where nobody asked and MNIST is out of reach, digits."""
    wanted = otherwise if asked is None else asked
    if asked is not None or wanted != "mnist" or not may_fall_back or is_available("mnist"):
        return load_dataset(wanted, on_progress=on_load)
    try:
        return load_dataset(wanted, on_progress=on_load)
    except InkwiseError:
        on_note(
            "MNIST is neither on disk nor reachable: training on digits instead, "
            "1,797 real 8x8 digits that come with scikit-learn."
        )
        return load_dataset("digits")


def name_of(data: str | os.PathLike[str] | Dataset | None, dataset: Dataset) -> str:
    """Return what a later command loads the same data by; a path is made absolute."""
    if isinstance(data, str | os.PathLike) and data not in CATALOGUE and Path(data).exists():
        path = str(Path(data).absolute())
        if printable(path) != path:
            raise DataError(
                f"{printable(path)}: the path is not UTF-8 text, and recipe.toml could not hold it; rename it"
            )
        return path
    return dataset.name
