"""Taking files that the user already has into the cache: in any order, packed or not, also a folder or a zip.

A file is known by its sum; where the catalogue has no sum for the form it comes in, by its name and shape.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from inkwise.data.catalogue import Bundle, CatalogueEntry, CatalogueFile, get_entry
from inkwise.data.fetch import lock_folder, store_bytes
from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.data.originals.bundles import take_from_bundle, zip_members
from inkwise.data.originals.stored import cache_folder, find_file, idx_shape, unpack, verify_bytes
from inkwise.errors import DataError

CURE = "give another copy of this file"


def import_dataset(dataset: str | CatalogueEntry, paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Copy files of a set into the cache; return the copies.

    Args:
        dataset: a name of the catalogue, or an entry of its form.
        paths: the files, packed with gzip or not, under any name; a folder with them; a zip of them; for
            USPS also the text tables zip.train.gz and zip.test.gz. In a folder or zip, other files are
            passed over.
    Raises:
        DataError: a file does not belong to the set or is damaged, or after all of them one is missing still.
        OutputError: the cache cannot be written to.
    """
    entry = get_entry(dataset) if isinstance(dataset, str) else dataset
    if entry.is_built_in:
        raise DataError(f"{entry.name} comes with inkwise, no file is expected; load it by its name")
    chosen: dict[str, bytes] = {}
    for path in map(Path, paths):
        found = dict(_take(entry, path))
        if not found:
            raise DataError(_stranger(entry, path))
        chosen |= found
    folder = cache_folder() / entry.name
    with lock_folder(folder):
        written = [
            store_bytes(chosen[file.role], file, folder) for file in entry.files if file.role in chosen
        ]
    missing = [file.packed_name for file in entry.files if not find_file(entry, file)]
    if missing:
        raise DataError(
            f"{entry.name}: took {len(written)} of its {len(entry.files)} files, still missing: "
            f"{', '.join(missing)}; give these too, or run: inkwise data fetch {entry.name}"
        )
    return written


def _take(entry: CatalogueEntry, path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield role and content of what path holds for the set.

    Raises:
        DataError: path cannot be read, or holds a damaged file of the set.
    """
    if path.is_dir():
        for inner in sorted(file for file in path.rglob("*") if file.is_file()):
            yield from _take(entry, inner)
    elif zipfile.is_zipfile(path):
        for file, member, raw in zip_members(path, entry.files, cure=CURE):
            verify_bytes(raw, file, name=f"{printable(path)}: {member}", cure=CURE)
            yield file.role, raw
    else:
        raw = _read(path)
        known = recognise(entry, raw, name=path.name)
        if known is not None:
            yield known.role, raw
        else:
            yield from _take_table(entry, path, raw)


def _take_table(entry: CatalogueEntry, path: Path, raw: bytes) -> Iterator[tuple[str, bytes]]:
    digest = hashlib.sha256(raw).hexdigest()
    for bundle in entry.bundles:
        if bundle.kind == "text" and (digest == bundle.sha256 or path.name in _table_names(bundle)):
            for file in entry.files:
                if bundle.holds(file):
                    content = take_from_bundle(bundle, path, file)
                    verify_bytes(content, file, name=f"{printable(path)}: {file.name}", cure=CURE)
                    yield file.role, content


def _table_names(bundle: Bundle) -> tuple[str, str]:
    return bundle.file_name, bundle.file_name.removesuffix(".gz")


def recognise(entry: CatalogueEntry, raw: bytes, *, name: str) -> CatalogueFile | None:
    """Return which file of the set raw is, by its sum, or by its name and shape; None for a stranger.

    Raises:
        DataError: it bears the name of a file of the set but is not it, or is damaged.
    """
    named = [file for file in entry.files if name in (file.name, file.packed_name)]
    if not named and not raw.startswith((GZIP_MAGIC, b"\0\0")):
        return None
    try:
        content = unpack(raw, limit=max(file.unpacked_bytes for file in entry.files), name=name, cure=CURE)
    except DataError:
        if named:
            raise
        return None
    shape = idx_shape(content)
    for file in (file for file in entry.files if file.shape == shape):
        if _has_sum(raw, file):
            return file
    if named:  # the sum is that of no other file of the set either
        verify_bytes(raw, named[0], name=name, cure=CURE)
        return named[0]
    return None


def _has_sum(raw: bytes, file: CatalogueFile) -> bool:
    try:
        return verify_bytes(raw, file, name=file.name, cure=CURE).proof != "structure"
    except DataError:
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{printable(path)}: cannot be read ({error.strerror or error}); "
            "expected a file, folder or zip of the set"
        ) from error


def _stranger(entry: CatalogueEntry, path: Path) -> str:
    names = ", ".join(file.packed_name for file in entry.files)
    return f"{printable(path)} is or holds no file of {entry.name}; expected {names} (packed or not)"
