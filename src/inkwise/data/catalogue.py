"""The data sets that inkwise knows by name: their files, sums, mirrors, classes and licences.

The facts stand in catalogue.toml beside this file; here they become immutable objects. Nothing is looked
for, read or fetched here: see cache.py and fetch.py.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from types import MappingProxyType
from typing import Any

from inkwise.errors import DataError, unknown_name

ROLES = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True)
class CatalogueFile:
    """One file of a data set, as its authors published it.

    Attributes:
        role: what it holds, one of ROLES.
        name: its file name without .gz.
        shape: what its IDX header declares.
        size_bytes: size of the published .gz; None where the file is only made from a bundle.
        sha256: of the published .gz; None where there is none.
        unpacked_sha256: of the bytes inside; None where it is not known.
        unpacked_md5: of the bytes inside, where no better sum is known.
        mirrors: full addresses of the .gz, in the order they are tried.
    """

    role: str
    name: str
    shape: tuple[int, ...]
    size_bytes: int | None = None
    sha256: str | None = None
    unpacked_sha256: str | None = None
    unpacked_md5: str | None = None
    mirrors: tuple[str, ...] = ()

    @property
    def packed_name(self) -> str:
        """The file name with .gz."""
        return f"{self.name}.gz"

    @property
    def unpacked_bytes(self) -> int:
        """Size of the unpacked IDX file."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape) * (4 if self.name.endswith("-int") else 1)


@dataclass(frozen=True)
class Bundle:
    """One download that holds several files of one or more data sets.

    Attributes:
        kind: "zip", an archive of the .gz files; or "text", a table of label and pixels, one image a line.
        file_name: its name as published.
        folder: the cache folder it is kept in.
        size_bytes, sha256, mirrors: as in CatalogueFile.
        gives: the roles it holds; empty for all of them.
    """

    kind: str
    file_name: str
    folder: str
    size_bytes: int
    sha256: str
    mirrors: tuple[str, ...]
    gives: tuple[str, ...] = ()

    def holds(self, file: CatalogueFile) -> bool:
        """Whether file can be taken out of this bundle."""
        return not self.gives or file.role in self.gives


@dataclass(frozen=True)
class ContestedLabel:
    """A test label that fewer than three of five people agreed with when they were asked.

    They chose between label, the class that a classifier guessed, and neither.

    Attributes:
        index: of the image in the test part.
        label, guessed: 0 to K - 1.
        votes_label, votes_guessed, votes_neither: 0 to 5, together 5.
    """

    index: int
    label: int
    guessed: int
    votes_label: int
    votes_guessed: int
    votes_neither: int


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set.

    Attributes:
        name: what it is loaded by.
        summary: one sentence about it.
        licence: its terms, and who holds the rights.
        homepage: where its authors describe it.
        classes: K names; label k means classes[k].
        files: its files, one a role; empty for the set that comes with scikit-learn.
        bundles: downloads that hold some of its files.
        is_transposed: whether rows and columns are exchanged in the files, as in EMNIST.
        first_label: what the files call class 0.
        num_train, num_test: images in each part.
        contested_test_labels: test labels that people disagree with, by index; only MNIST's are known.
    """

    name: str
    summary: str
    licence: str
    homepage: str
    classes: tuple[str, ...]
    files: tuple[CatalogueFile, ...]
    num_train: int
    num_test: int
    bundles: tuple[Bundle, ...] = ()
    is_transposed: bool = False
    first_label: int = 0
    contested_test_labels: tuple[ContestedLabel, ...] = ()

    @property
    def contested_test_indices(self) -> tuple[int, ...]:
        """The places of contested_test_labels in the test part, ascending."""
        return tuple(contested.index for contested in self.contested_test_labels)

    @property
    def is_built_in(self) -> bool:
        """Whether it needs no file at all."""
        return not self.files

    @property
    def download_bytes(self) -> int:
        """Bytes to download for the whole set: its files, or the bundles where it has no single files."""
        if all(file.size_bytes is not None for file in self.files):
            return sum(file.size_bytes or 0 for file in self.files)
        return sum(bundle.size_bytes for bundle in self.bundles)


def get_entry(name: str) -> CatalogueEntry:
    """Return the entry called name.

    Raises:
        DataError: the catalogue has none of that name.

    >>> get_entry("emnist-letters").classes[:3]
    ('A', 'B', 'C')
    """
    if name not in CATALOGUE:
        raise DataError(unknown_name("dataset", name, CATALOGUE))
    return CATALOGUE[name]


def read_catalogue(text: str) -> Mapping[str, CatalogueEntry]:
    """Return the entries that a catalogue in TOML declares, in its order."""
    tables = tomllib.loads(text)
    bundles = {name: Bundle(**_tuples(table)) for name, table in tables.pop("bundles", {}).items()}
    return MappingProxyType({name: _entry(name, table, bundles) for name, table in tables.items()})


def _entry(name: str, table: dict[str, Any], bundles: Mapping[str, Bundle]) -> CatalogueEntry:
    folders = table.pop("mirrors")
    files = tuple(_file(fields, folders) for fields in table.pop("files", []))
    counts: dict[str, Any] = {
        f"num_{file.role[:-7]}": file.shape[0] for file in files if "labels" in file.role
    }
    contested = tuple(ContestedLabel(**votes) for votes in table.pop("contested_test_labels", []))
    held = tuple(bundles[key] for key in table.pop("bundles", []))
    return CatalogueEntry(
        name=name,
        files=files,
        bundles=held,
        contested_test_labels=contested,
        **counts,
        **_tuples(table),
    )


def _file(fields: dict[str, Any], folders: list[str]) -> CatalogueFile:
    file = CatalogueFile(**_tuples(fields))
    return replace(file, mirrors=tuple(folder + file.packed_name for folder in folders))


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


CATALOGUE = read_catalogue(resources.files("inkwise.data").joinpath("catalogue.toml").read_text("utf-8"))
