"""Entries of the catalogue's form with few images, their files and sums made on the spot."""

import gzip
import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.catalogue import CatalogueEntry, CatalogueFile
from inkwise.data.idx import idx_bytes

NUM_TRAIN, NUM_TEST = 60, 20
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def tiny_arrays(*, side: int = 28) -> dict[str, NDArray[Any]]:
    """Return noise images and labels 0, 1, 2, 0 ... for each role."""
    generator = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {}
    for part, count in (("train", NUM_TRAIN), ("test", NUM_TEST)):
        arrays[f"{part}_images"] = generator.integers(0, 256, (count, side, side), np.uint8)
        arrays[f"{part}_labels"] = (np.arange(count) % 3).astype(np.uint8)
    return arrays


def tiny_set(
    arrays: dict[str, NDArray[Any]] | None = None, *, names: dict[str, str] = NAMES, **fields: Any
) -> tuple[CatalogueEntry, dict[str, bytes]]:
    """Return an entry called tiny with all its sums, and its packed files by name (with .gz)."""
    arrays = tiny_arrays() if arrays is None else arrays
    contents = {role: idx_bytes(array) for role, array in arrays.items()}
    packed = {role: gzip.compress(content, mtime=0) for role, content in contents.items()}
    files = tuple(
        CatalogueFile(
            role=role,
            name=names[role],
            shape=arrays[role].shape,
            size_bytes=len(packed[role]),
            sha256=hashlib.sha256(packed[role]).hexdigest(),
            unpacked_sha256=hashlib.sha256(contents[role]).hexdigest(),
        )
        for role in arrays
    )
    values: dict[str, Any] = {
        "name": "tiny",
        "summary": "Noise",
        "licence": "none",
        "homepage": "https://example.org",
        "classes": ("a", "b", "c"),
        "num_train": NUM_TRAIN,
        "num_test": NUM_TEST,
    }
    entry = CatalogueEntry(files=files, **(values | fields))
    return entry, {file.packed_name: packed[file.role] for file in files}


def with_mirrors(entry: CatalogueEntry, *folders: str) -> CatalogueEntry:
    """Return entry with its files at these addresses, in this order."""
    files = [
        replace(file, mirrors=tuple(f"{folder}/{file.packed_name}" for folder in folders))
        for file in entry.files
    ]
    return replace(entry, files=tuple(files))
