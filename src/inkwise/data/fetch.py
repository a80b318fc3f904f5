"""Bringing the files of a catalogue set from the network into the cache.

Every file takes its name in the cache only when it is whole; two processes that fetch the same set wait for
each other. Where the bytes come from and how a broken download goes on is in originals/.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from inkwise.data.catalogue import Bundle, CatalogueEntry, CatalogueFile, get_entry
from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.data.originals.bundles import take_from_bundle
from inkwise.data.originals.download import Part, Patience, Progress
from inkwise.data.originals.mirrors import MirrorsError, fetch_part
from inkwise.data.originals.stored import (
    cache_folder,
    find_file,
    read_verified,
    verify_bytes,
    wrong_sum,
)
from inkwise.errors import DataError, OutputError
from inkwise.files import write_atomically

DEFAULT_PATIENCE = Patience()


def fetch_dataset(
    dataset: str | CatalogueEntry,
    *,
    on_progress: Progress | None = None,
    patience: Patience = DEFAULT_PATIENCE,
) -> list[Path]:
    """Download what is missing of a set into the cache; return the files that were written.

    Files that lie whole in $INKWISE_DATA or in the cache are left alone; damaged ones in the cache are
    replaced.

    Args:
        dataset: a name, or an entry with mirrors of its own.
        on_progress: called with (bytes done, bytes in all).
        patience: how long to wait for the network.
    Raises:
        DataError: no mirror gave a file, or a file in $INKWISE_DATA is damaged.
        OutputError: the cache cannot be written to.
    """
    entry = get_entry(dataset) if isinstance(dataset, str) else dataset
    if entry.is_built_in or not _missing(entry):
        return []
    with lock_folder(cache_folder() / entry.name):
        missing = _missing(entry)  # another process may have brought them while we waited
        progress = _Total(sum(file.size_bytes or 0 for file in missing) or entry.download_bytes, on_progress)
        written = []
        for file in missing:
            written.append(_fetch_file(entry, file, patience=patience, progress=progress))
        return written


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Make folder, and keep other processes out of it until the `with` ends.

    Raises:
        OutputError: the folder cannot be made or written to, or the disk is full.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            yield
    except OSError as error:
        raise OutputError(
            f"cannot write to the cache {printable(folder)}: {error.strerror or error}; expected a writable "
            "folder with free space, set INKWISE_CACHE to another"
        ) from error


class _Total:
    """Adds up the bytes of several downloads for one progress callback."""

    def __init__(self, size_bytes: int, on_progress: Progress | None) -> None:
        self._size_bytes = size_bytes
        self._before = 0
        self._on_progress = on_progress

    def report(self, done: int) -> None:
        if self._on_progress:
            self._on_progress(min(self._before + done, self._size_bytes), self._size_bytes)

    def grow(self, size_bytes: int) -> None:
        """Count a download that was not foreseen."""
        self._size_bytes += size_bytes

    def finish(self, size_bytes: int) -> None:
        self._before += size_bytes


def _missing(entry: CatalogueEntry) -> list[CatalogueFile]:
    """Return the files that lie nowhere, or damaged in the cache."""
    return [file for file in entry.files if not _is_here(entry, file)]


def _is_here(entry: CatalogueEntry, file: CatalogueFile) -> bool:
    stored = find_file(entry, file)
    if stored is None:
        return False
    try:
        read_verified(stored, file, dataset=entry.name)
    except DataError:
        if stored.place == "cache":
            return False
        raise
    return True


def _fetch_file(entry: CatalogueEntry, file: CatalogueFile, *, patience: Patience, progress: _Total) -> Path:
    """Bring one file into the cache from its own mirrors or, when they fail, out of a bundle."""
    target = cache_folder() / entry.name / file.packed_name
    failures: dict[str, str] = {}
    if file.mirrors and file.size_bytes and file.sha256:
        part = Part(target, file.size_bytes)
        try:
            fetch_part(file.mirrors, part, problem=_check(file), patience=patience, on_bytes=progress.report)
        except MirrorsError as error:
            failures = error.failures
        else:
            progress.finish(file.size_bytes)
            return _keep(part, target)
    for bundle in entry.bundles:
        if bundle.holds(file):
            try:
                source = _fetch_bundle(bundle, own=entry.name, patience=patience, progress=progress)
            except MirrorsError as error:
                failures |= error.failures
            else:
                return _unbundle(bundle, source, file, target=target)
    raise DataError(_unreachable(entry, file, failures))


def _fetch_bundle(bundle: Bundle, *, own: str, patience: Patience, progress: _Total) -> Path:
    """Return the path of a bundle in the cache, downloaded unless it is there already."""
    target = cache_folder() / bundle.folder / bundle.file_name
    if bundle.folder != own:  # our own folder is locked already
        with lock_folder(target.parent):
            return _download_bundle(bundle, target, patience=patience, progress=progress)
    return _download_bundle(bundle, target, patience=patience, progress=progress)


def _download_bundle(bundle: Bundle, target: Path, *, patience: Patience, progress: _Total) -> Path:
    if target.is_file() and sum_of(target) == bundle.sha256:
        return target
    part = Part(target, bundle.size_bytes)
    if bundle.kind == "zip":
        progress.grow(bundle.size_bytes)
    fetch_part(
        bundle.mirrors, part, problem=_check_sum(bundle.sha256), patience=patience, on_bytes=progress.report
    )
    progress.finish(bundle.size_bytes)
    return _keep(part, target)


def _unbundle(bundle: Bundle, source: Path, file: CatalogueFile, *, target: Path) -> Path:
    content = take_from_bundle(bundle, source, file)
    verify_bytes(content, file, name=f"{source.name}: {file.name}", cure="this set cannot be made from it")
    return store_bytes(content, file, target.parent)


def store_bytes(content: bytes, file: CatalogueFile, folder: Path) -> Path:
    """Write a file, packed or not as it comes, and remove its other form; return its path."""
    names = [file.packed_name, file.name]
    if not content.startswith(GZIP_MAGIC):
        names.reverse()
    write_atomically(folder / names[0], content)
    (folder / names[1]).unlink(missing_ok=True)
    return folder / names[0]


def _keep(part: Part, target: Path) -> Path:
    """Give a whole part its name, for good."""
    with part.file.open("rb+") as file:
        os.fsync(file.fileno())
    part.file.replace(target)
    part.discard()
    return target


def _check(file: CatalogueFile) -> Callable[[Path], str | None]:
    """Return the check of a downloaded .gz: its own sum, or that of its content."""

    def problem(path: Path) -> str | None:
        own = _check_sum(file.sha256 or "")(path)
        if own is None or not file.unpacked_sha256:
            return own
        try:
            verify_bytes(path.read_bytes(), file, name=file.packed_name, cure="")
        except DataError:
            return own
        return None

    return problem


def _check_sum(expected: str) -> Callable[[Path], str | None]:
    def problem(path: Path) -> str | None:
        found = sum_of(path)
        return None if found == expected else wrong_sum("wrong content", found, expected)

    return problem


def sum_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unreachable(entry: CatalogueEntry, file: CatalogueFile, failures: dict[str, str]) -> str:
    tried = "; ".join(f"{url}: {what}" for url, what in failures.items()) or "it has no mirrors"
    return (
        f"{entry.name}: {file.packed_name} could not be fetched. {tried}. Expected one of these to give it; "
        "check the network or the proxy (HTTPS_PROXY) and run again, it goes on where it stopped; or give "
        f"files you have: inkwise data import {entry.name} FILE..."
    )
