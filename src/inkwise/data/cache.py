"""Sets of the catalogue from this machine: loaded, listed, checked; fetched first where that is wanted.

What is looked through is $INKWISE_DATA/NAME/, then the cache (INKWISE_CACHE, or the user's cache folder).
Every byte that becomes an image has passed its sum.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from inkwise.data.catalogue import CATALOGUE, CatalogueEntry, CatalogueFile, get_entry
from inkwise.data.dataset import IMAGE_SIZE, Dataset
from inkwise.data.fetch import DEFAULT_PATIENCE, fetch_dataset
from inkwise.data.formats.paths import printable
from inkwise.data.idx import read_idx
from inkwise.data.originals.download import Patience, Progress
from inkwise.data.originals.images import RESIZE_NOTE, load_digits, make_split
from inkwise.data.originals.stored import cache_folder, find_file, read_verified
from inkwise.errors import DataError


@dataclass(frozen=True)
class FileCheck:
    """What was found of one file of a set.

    Attributes:
        dataset: the set it belongs to.
        file: its name.
        path: where it lies; None when it is missing.
        state: "whole", "damaged" or "missing".
        detail: of a whole file, what shows it ("sha256", "md5", "structure"); else what is wrong.
    """

    dataset: str
    file: str
    path: Path | None
    state: str
    detail: str


@dataclass(frozen=True)
class CatalogueListing:
    """One line of the catalogue and whether the set is here.

    Attributes:
        entry: the set.
        found: "INKWISE_DATA", "cache", "built in", or None when a file of it is missing.
        path: the folder it lies in.
        size_bytes: what it takes there, or what it takes to download.
    """

    entry: CatalogueEntry
    found: str | None
    path: Path | None
    size_bytes: int


def load_catalogue_dataset(
    dataset: str | CatalogueEntry,
    *,
    fetch: bool = True,
    on_progress: Progress | None = None,
    patience: Patience = DEFAULT_PATIENCE,
) -> Dataset:
    """Return a set of the catalogue as upright 28x28 images with labels from 0.

    Where no mirror answers at all, this fails within patience.contact_seconds (5), so that a caller may take
    another set instead.

    Args:
        dataset: a name of the catalogue, or an entry of its form.
        fetch: whether to download what is missing.
        on_progress: called with (bytes done, bytes in all) while downloading.
    Raises:
        DataError: unknown, not here and not to be had, or damaged.
        OutputError: the cache cannot be written to.
    """
    entry = get_entry(dataset) if isinstance(dataset, str) else dataset
    if entry.is_built_in:
        return load_digits(entry)
    if fetch and not is_available(entry):
        fetch_dataset(entry, on_progress=on_progress, patience=patience)
    # At once, for unpacking and sums let other threads work.
    with ThreadPoolExecutor() as pool:
        parts = pool.map(partial(_read_array, entry), entry.files)
        arrays = dict(zip((file.role for file in entry.files), parts, strict=True))
    # popped, so that a large set is not held twice
    train = make_split(entry, arrays.pop("train_images"), arrays.pop("train_labels"), part="train")
    test = make_split(entry, arrays.pop("test_images"), arrays.pop("test_labels"), part="test")
    return Dataset(entry.name, entry.classes, train, test, _notes(entry))


def is_available(dataset: str | CatalogueEntry) -> bool:
    """Whether every file of a set lies on this machine; they are not read, the network is not asked.

    Raises:
        DataError: the catalogue has no such set.
    """
    entry = get_entry(dataset) if isinstance(dataset, str) else dataset
    return all(find_file(entry, file) for file in entry.files)


def check_dataset(dataset: str | CatalogueEntry | None = None) -> list[FileCheck]:
    """Verify the files of a set, or of every set of which something is here; return what was found.

    Raises:
        DataError: the catalogue has no such set.
    """
    if dataset is not None:
        entry = get_entry(dataset) if isinstance(dataset, str) else dataset
        return [_check_file(entry, file) for file in entry.files]
    return [
        _check_file(entry, file)
        for entry in CATALOGUE.values()
        if any(find_file(entry, file) for file in entry.files)
        for file in entry.files
    ]


def list_datasets(entries: Iterable[CatalogueEntry] = CATALOGUE.values()) -> list[CatalogueListing]:
    """Return the catalogue, and of each set where it was found."""
    return [_listing(entry) for entry in entries]


def _read_array(entry: CatalogueEntry, file: CatalogueFile) -> NDArray[Any]:
    stored = find_file(entry, file)
    if stored is None:
        raise DataError(
            f"{entry.name}: {file.packed_name} is neither in $INKWISE_DATA/{entry.name} nor in "
            f"{printable(cache_folder() / entry.name)}; run: inkwise data fetch {entry.name}, or give files "
            f"you have: inkwise data import {entry.name} FILE..."
        )
    return read_idx(read_verified(stored, file, dataset=entry.name).content, num_dims=len(file.shape))


def _notes(entry: CatalogueEntry) -> dict[str, str]:
    notes = {"source": f"{entry.homepage}, licence: {entry.licence}", "test": "as distributed"}
    if any(
        file.shape[1:] not in ((), (IMAGE_SIZE, IMAGE_SIZE)) for file in entry.files if "images" in file.role
    ):
        side = next(file.shape[1] for file in entry.files if "images" in file.role)
        notes["resize"] = f"{side}x{side}, {RESIZE_NOTE}"
    if entry.is_transposed:
        notes["orientation"] = (
            "rows and columns of the original exchanged, so that the characters stand upright"
        )
    if entry.first_label:
        notes["labels"] = f"the original counts classes from {entry.first_label}, here they count from 0"
    return notes


def _check_file(entry: CatalogueEntry, file: CatalogueFile) -> FileCheck:
    stored = find_file(entry, file)
    if stored is None:
        cure = f"run: inkwise data fetch {entry.name}"
        return FileCheck(entry.name, file.packed_name, None, "missing", f"not here; {cure}")
    try:
        proof = read_verified(stored, file, dataset=entry.name).proof
    except DataError as error:
        return FileCheck(entry.name, stored.path.name, stored.path, "damaged", str(error))
    return FileCheck(entry.name, stored.path.name, stored.path, "whole", proof)


def _listing(entry: CatalogueEntry) -> CatalogueListing:
    if entry.is_built_in:
        return CatalogueListing(entry, "built in", None, 0)
    stored = [find_file(entry, file) for file in entry.files]
    found = [file for file in stored if file is not None]
    if len(found) < len(stored):
        return CatalogueListing(entry, None, None, entry.download_bytes)
    size = sum(file.path.stat().st_size for file in found)
    return CatalogueListing(entry, found[0].place, found[0].path.parent, size)
