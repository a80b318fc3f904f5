"""The images of a training: those asked for, under a name by which they are found again."""

import os
from collections.abc import Callable
from pathlib import Path

from inkwise.data.cache import check_dataset, is_available
from inkwise.data.catalogue import CATALOGUE
from inkwise.data.dataset import Dataset
from inkwise.data.formats.paths import printable
from inkwise.data.load import load_dataset
from inkwise.errors import DataError, InkwiseError
from inkwise.runs.argument import DataArgument

_PASSED_OVER = {"skipped", "empty", "unused", "unlabelled", "test.csv"}  # notes of what is not used of a set


def choose_data(
    asked: DataArgument | None,
    otherwise: str,
    *,
    may_fall_back: bool,
    on_load: Callable[[int, int], None] | None,
    on_note: Callable[[str], None],
) -> Dataset:
    """Return the data asked for, or the recipe's; where nobody asked and MNIST is out of reach, digits.

    What was passed over of them is told as well.

    Raises:
        DataError: they cannot be had, or a file of MNIST is damaged.
    """
    wanted = otherwise if asked is None else asked
    if asked is not None or wanted != "mnist" or not may_fall_back or is_available("mnist"):
        dataset = load_dataset(wanted, on_progress=on_load)
        for key in sorted(_PASSED_OVER & dataset.notes.keys()):
            on_note(f"{dataset.name}: {dataset.notes[key]}")
        return dataset
    try:
        return load_dataset(wanted, on_progress=on_load)
    except InkwiseError:
        if any(check.state == "damaged" for check in check_dataset("mnist")):
            raise  # somebody has MNIST, and would not want digits
        on_note(
            "MNIST is neither on disk nor reachable: training on digits instead, "
            "1,797 real 8x8 digits that come with scikit-learn."
        )
        return load_dataset("digits")


def name_of(data: DataArgument, dataset: Dataset) -> str:
    """Return what a later command loads the data set by that was asked for as data; its name if it cannot."""
    if isinstance(data, str | os.PathLike) and data not in CATALOGUE:
        return lasting_name(data)
    return dataset.name


def lasting_name(data: str | os.PathLike[str]) -> str:
    """Return what the same data are loaded by from any folder: a path is made absolute.

    Raises:
        DataError: the path is no UTF-8.
    """
    if data in CATALOGUE or not Path(data).exists():
        return os.fspath(data)
    path = str(Path(data).absolute())
    if printable(path) != path:
        raise DataError(
            f"{printable(path)}: the path is not UTF-8 text, and recipe.toml could not hold it; rename it"
        )
    return path
