"""load_dataset: whatever a person has, by name or path or as an object, becomes a Dataset.

The format is found by looking; what each format means is stated in inkwise.data.formats.
"""

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.catalogue import CATALOGUE
from inkwise.data.dataset import Dataset, Split
from inkwise.data.formats.csv_table import csv_layout, read_csv
from inkwise.data.formats.folder import read_class_folders
from inkwise.data.formats.idx_pair import find_idx_images, read_idx_pair
from inkwise.data.formats.labels import check_numbers, classes_of, encode_labels
from inkwise.data.formats.npz import read_npz
from inkwise.data.formats.part import MEMORY_MAP_BYTES, Labels, Memory, Part, Progress, hold
from inkwise.data.formats.paths import file_kind, list_entries, printable
from inkwise.data.formats.torch_dataset import is_torch_dataset, read_torch_dataset
from inkwise.data.originals.stored import cache_folder
from inkwise.data.parquet.file import find_parquet_files
from inkwise.data.parquet.read import read_parquet
from inkwise.data.splits import TEST_FRACTION, TEST_SEED, split_test
from inkwise.data.streaming.images import StreamedImages
from inkwise.data.streaming.tar import find_tar_files, read_tars
from inkwise.errors import DataError, unknown_name

Parts = dict[str, Part]

_UNUSED = "validation images are cut from the train part instead"
_TRAIN_FOLDERS = ("train", "training")
_TEST_FOLDERS = ("test", "testing", "val", "validation", "valid")
_COPY_IMAGES = 4096
_CUT_NOTE = (
    f"{TEST_FRACTION:.0%} of the images, the same share of each class, "
    f"drawn with seed {TEST_SEED}, for no labelled test part was given"
)


def load_dataset(
    name_or_path: Any,
    *,
    fetch: bool = True,
    on_progress: Progress | None = None,
    memory_map_bytes: int = MEMORY_MAP_BYTES,
) -> Dataset:
    """Return the data set that name_or_path names.

    A catalogue name goes before a path of the same name; write ./mnist for the folder. Where only one
    labelled part is found, a fifth of each class is set aside as the test part, always the same one, and
    notes["test"] says so.

    Args:
        name_or_path: a name of the catalogue; or a path: a folder of class folders (or train/ and test/, val/
            or validation/ with class folders in them), IDX files in a folder or the images file of one pair,
            a Kaggle CSV or a folder with train.csv, an NPZ, parquet files, tars in WebDataset's layout; or a
            torch.utils.data.Dataset that gives (image, label); or a Dataset, which is given back as it is.
        fetch: whether a catalogue set that is not on this machine is downloaded.
        on_progress: called with (done, in all): images while reading, bytes while downloading.
        memory_map_bytes: a part whose pixels take more stays on the disk: parquet and tars are streamed
            from where they are (its images are StreamedImages), the rest is mapped. Sets of the catalogue
            are always held.
    Raises:
        DataError: nothing there, or damaged, or it makes no sense; the message says what and where.
        ShapeError: arrays of another shape, type or range.

    >>> load_dataset("digits").train.images.shape[1:]
    (28, 28)
    """
    if isinstance(name_or_path, Dataset):
        return name_or_path
    if isinstance(name_or_path, str) and name_or_path in CATALOGUE:
        from inkwise.data.cache import load_catalogue_dataset  # brings in the network's libraries

        return load_catalogue_dataset(name_or_path, fetch=fetch, on_progress=on_progress)
    memory = Memory(cache_folder() / "mapped", limit_bytes=memory_map_bytes, on_progress=on_progress)
    if isinstance(name_or_path, str | os.PathLike):
        path = Path(name_or_path).expanduser()
        return _assemble(printable(name_or_path), _read_path(path, memory), memory)
    if not is_torch_dataset(name_or_path):
        raise DataError(
            f"{type(name_or_path).__name__} is no data set; "
            "expected a name, a path, or a torch Dataset with a length"
        )
    return _assemble(
        type(name_or_path).__name__, {"train": read_torch_dataset(name_or_path, memory=memory)}, memory
    )


def _read_path(path: Path, memory: Memory) -> Parts:
    if path.is_dir():
        return _read_folder(path, memory)
    if not path.exists():
        raise DataError(
            f"{unknown_name('dataset', printable(path), CATALOGUE)}; "
            "nor is there a file or folder of that name, check the path"
        )
    if path.suffix == ".tar":
        return {"train": read_tars([path], memory=memory)}
    kind = file_kind(path)
    if kind == "image":
        raise DataError(
            f"{printable(path)}: one picture or an unknown format, expected IDX, CSV, NPZ, parquet, tar or a "
            "folder of class folders; to classify a picture run: inkwise predict"
        )
    if kind == "npz":
        return read_npz(path, memory=memory)
    if kind == "parquet":
        return {"train": read_parquet([path], memory=memory)}
    return {"train": (read_idx_pair if kind == "idx" else read_csv)(path, memory=memory)}


def _read_folder(folder: Path, memory: Memory) -> Parts:
    """Read the first layout that fits: IDX, parquet, tars, CSV, NPZ, train/ and test/, class folders."""
    if idx := find_idx_images(folder):
        return {part: read_idx_pair(path, memory=memory) for part, path in idx.items()}
    if parquet := find_parquet_files(folder):
        return _read_shards(parquet, partial(read_parquet, memory=memory))
    if tars := find_tar_files(folder):
        return _read_shards(tars, partial(read_tars, memory=memory))
    entries = [path for path in list_entries(folder) if not path.name.startswith(".")]
    tables = [path for path in entries if path.suffix in (".csv", ".npz") and path.is_file()]
    if (folder / "train.csv") in tables:
        return _read_kaggle(folder, memory)
    if len(tables) == 1 and not any(path.is_dir() for path in entries):  # else it may describe the pictures
        return _read_path(tables[0], memory)
    folders = [path for path in entries if path.is_dir()]
    named = {path.name.lower(): path for path in folders}
    train = next((named[name] for name in _TRAIN_FOLDERS if name in named), None)
    # Without folders in it, and beside folders that are no parts, it is a class: bus, car, train.
    if train and (_num_folders(train) or not named.keys() - {*_TRAIN_FOLDERS, *_TEST_FOLDERS}):
        return _read_train_and_test(train, named, memory)
    if len(folders) == 1:
        (only,) = folders
        inner = _num_folders(only)
        if inner > 1:
            raise DataError(
                f"{printable(folder)}: one folder, {printable(only.name)}, with {inner} folders in it; "
                f"expected one folder a class, give {printable(only)}"
            )
    return {"train": read_class_folders(folder, memory=memory)}


def _num_folders(folder: Path) -> int:
    return sum(path.is_dir() and not path.name.startswith(".") for path in list_entries(folder))


def _read_shards(found: dict[str, list[Path]], read: Callable[[list[Path]], Part]) -> Parts:
    unused = found.pop("unused", [])
    parts = {part: read(paths) for part, paths in found.items()}
    if unused:
        names = ", ".join(printable(path.name) for path in unused)
        parts["test"].notes["unused"] = f"{names}: {_UNUSED}"
    return parts


def _read_kaggle(folder: Path, memory: Memory) -> Parts:
    parts = {"train": read_csv(folder / "train.csv", memory=memory)}
    test = folder / "test.csv"
    if test.is_file() and csv_layout(test).label_column is not None:
        parts["test"] = read_csv(test, memory=memory)
    elif test.is_file():
        parts["train"].notes["test.csv"] = "has no labels, so it is left out"
    return parts


def _read_train_and_test(train: Path, folders: dict[str, Path], memory: Memory) -> Parts:
    """Read class folders; folders are all beside train, by their names in small letters."""
    parts = {"train": read_class_folders(train, memory=memory)}
    held_out = [folders[name] for name in _TEST_FOLDERS if name in folders]
    if held_out:
        parts["test"] = read_class_folders(held_out[0], memory=memory)
        parts["train"].notes["test"] = f"the folder {held_out[0].name}"
    if held_out[1:]:
        unused = ", ".join(path.name for path in held_out[1:])
        parts["train"].notes["unused"] = f"{unused}: {_UNUSED}"
    return parts


def _assemble(name: str, parts: Parts, memory: Memory) -> Dataset:
    """Give the labels their classes, and cut a test part where there is none."""
    train = parts.get("train") or parts["test"]
    test = parts.get("test") if "train" in parts else None
    notes = {"test": "as given"} | (test.notes if test else {}) | train.notes
    if train.labels is None:
        raise DataError(f"{name}: images without labels; expected a label for each, add a column named label")
    if test is not None and test.labels is None:
        test, notes["unlabelled"] = None, "the test part has no labels, so it is left out"
    check_numbers(train.labels, len(train.classes) if train.classes else None, name=f"{name}, train")
    classes = train.classes or classes_of(train.labels)
    labels = _encode(train.labels, train, classes, name=f"{name}, train")
    if test is None or test.labels is None:
        first, second = _cut(train, labels, name=name, memory=memory)
        return Dataset(name, classes, first, second, notes | {"test": _CUT_NOTE})
    test_labels = _encode(test.labels, train, classes, name=f"{name}, test")
    return Dataset(name, classes, Split(train.images, labels), Split(test.images, test_labels), notes)


def _encode(labels: Labels, train: Part, classes: tuple[str, ...], *, name: str) -> NDArray[np.int64]:
    """Return labels as places in classes: numbers are places already where the file names the classes."""
    if train.classes and labels.dtype.kind == "i":
        check_numbers(labels, len(classes), name=name)
        return labels.astype(np.int64)
    return encode_labels(labels, classes, name=name)


def _cut(part: Part, labels: NDArray[np.int64], *, name: str, memory: Memory) -> tuple[Split, Split]:
    """Return train and test cut from one part; of a mapped part a copy in that order is mapped."""
    train, test = split_test(labels, name=name)
    order = np.concatenate([train, test])
    images: Any = part.images
    if isinstance(images, StreamedImages):
        first, second = (Split(images.take(rows).as_array(), labels[rows]) for rows in (train, test))
        return first, second
    if isinstance(images, np.memmap):
        tag = f"cut {hashlib.sha256(order.tobytes()).hexdigest()}"
        fill = partial(_copy_rows, images=images, order=order)
        images = hold(len(order), fill, sources=part.sources, memory=memory, tag=tag).images
    else:
        images = images[order]
    ends = len(train)
    return Split(images[:ends], labels[train]), Split(images[ends:], labels[test])


def _copy_rows(copy: NDArray[np.uint8], *, images: NDArray[np.uint8], order: NDArray[np.int64]) -> None:
    for start in range(0, len(order), _COPY_IMAGES):
        copy[start : start + _COPY_IMAGES] = images[order[start : start + _COPY_IMAGES]]
