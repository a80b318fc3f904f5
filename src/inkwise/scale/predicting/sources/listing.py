"""The files under what was given, one after the other; of those in one folder a short line each is held."""

import os
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from inkwise.data.formats.paths import IMAGE_SUFFIXES, kind_of_file
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.places import Place, stamp_of

_TARS = (".tar", ".tar.gz", ".tgz")
_FOLDER, _FILE = b"d", b"f"


class Found(NamedTuple):
    """A file with images in it.

    Attributes:
        place: which of the places given it lies under, from 0.
        path: as its file system calls it.
        kind: image, parquet, tar, idx, csv or npz.
        size: in bytes; -1 where nobody says.
        stamp: when it was changed, or what else changes with it; may be empty.
    """

    place: int
    path: str
    kind: str
    size: int
    stamp: str


class Skipped:
    """How many files were passed over, counted while they are listed."""

    count = 0


def list_files(
    places: Sequence[Place], *, skipped: Skipped, suffixes: Collection[str] = IMAGE_SUFFIXES
) -> Iterator[Found]:
    """Yield every file to answer: of folders the pictures, parquet files and tars at any depth, by name.

    Hidden files and all others are passed over. A file that is given by itself is taken whatever it is
    called.

    Args:
        places: paths, addresses; a pattern such as s3://bucket/part-*.tar stands for all that it fits.
        skipped: counts what is passed over.
        suffixes: by which a picture is known in a folder.
    Raises:
        DataError: a place that is not there, cannot be listed or has nothing in it.
    """
    for number, place in enumerate(places):
        is_empty = True
        for path in _starts(place):
            for found in _list(place, path, number=number, skipped=skipped, suffixes=suffixes):
                is_empty = False
                yield found
        if is_empty:
            raise DataError(
                f"{place.address}: no images in it ({skipped.count} other files); "
                "expected pictures, parquet files or tars, check the path"
            )


def _starts(place: Place) -> list[str]:
    """Return the path of a place, or all that its pattern fits."""
    try:
        is_there = (
            os.path.lexists(place.full(place.path)) if place.is_local else place.files.exists(place.path)
        )
        if is_there:
            return [place.path]
        fitting = sorted(place.files.glob(place.full(place.path)))
    except (OSError, ValueError) as error:
        raise _unlistable(place.address, error) from error
    if not fitting:
        raise DataError(f"{place.address}: cannot be read (no such file); expected a file, a folder or *, "
                        "check the path")  # fmt: skip
    return fitting


def _list(
    place: Place, path: str, *, number: int, skipped: Skipped, suffixes: Collection[str]
) -> Iterator[Found]:
    is_folder = os.path.isdir(place.full(path)) if place.is_local else place.files.isdir(path)  # noqa: PTH112
    if not is_folder:
        yield _one_file(place, path, number=number)
        return
    for name, size, stamp in _walk(place, path, above=frozenset()):
        kind = kind_by_name(name, suffixes)
        if kind is None:
            skipped.count += 1
        else:
            yield Found(number, name, kind, size, stamp)


def kind_by_name(path: str, suffixes: Collection[str]) -> str | None:
    """Return what a file found in a folder is, None for what is passed over.

    >>> [kind_by_name(name, {".png"}) for name in ("a/b.PNG", "a/b.tar.gz", "a/.b.png")]
    ['image', 'tar', None]
    """
    name = os.path.basename(path).lower()  # noqa: PTH119 - an address is no Path
    if name.startswith("."):
        return None
    if name.endswith(_TARS):
        return "tar"
    suffix = os.path.splitext(name)[1]  # noqa: PTH122
    return "image" if suffix in suffixes else {".parquet": "parquet"}.get(suffix)


def _one_file(place: Place, path: str, *, number: int) -> Found:
    """Return the file given by its own path, known by its first bytes where its name says nothing."""
    try:
        if path.lower().endswith(_TARS):
            kind = "tar"
        else:
            with place.open(path) as file:
                kind = kind_of_file(file, os.path.basename(path))  # noqa: PTH119
        size, stamp = look(place, path)
    except (OSError, ValueError) as error:
        raise _unlistable(place.show(path), error) from error
    return Found(number, path, kind, size, stamp)


def look(place: Place, path: str) -> tuple[int, str]:
    """Return size (-1 where nobody says) and stamp of a file.

    Raises:
        OSError: it is not there.
    """
    if place.is_local:
        status = os.stat(place.full(path))  # noqa: PTH116
        return status.st_size, str(status.st_mtime_ns)
    report = place.files.info(path)
    size = report.get("size")
    return -1 if size is None else int(size), stamp_of(report)


def _walk(place: Place, folder: str, *, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, int, str]]:
    """Yield path, size and stamp; `above` holds the folders we are inside of, for links may lead back."""
    if place.is_local:
        status = os.stat(place.full(folder))  # noqa: PTH116
        if (status.st_dev, status.st_ino) in above:
            return
        above |= {(status.st_dev, status.st_ino)}
    try:
        entries = _local_entries(place.full(folder)) if place.is_local else _far_entries(place, folder)
    except OSError as error:
        raise _unlistable(place.show(folder), error) from error
    for entry in entries:
        raw, kind, size, stamp = entry.split(b"\0")
        path = f"{folder.rstrip('/')}/{os.fsdecode(raw)}"
        if kind == _FILE:
            yield path, int(size), stamp.decode()
        elif not raw.startswith(b"."):
            yield from _walk(place, path, above=above)


def _local_entries(folder: str) -> list[bytes]:
    """Return what lies in a folder, sorted: a short line of bytes each, for there may be a million."""
    entries = []
    with os.scandir(os.fsencode(folder)) as found:
        for entry in found:
            try:
                kind = _FOLDER if entry.is_dir() else _FILE
                status = entry.stat()
                size, stamp = status.st_size, status.st_mtime_ns
            except OSError:  # a link to nothing: reading it will say so, in its row
                kind, size, stamp = _FILE, -1, 0
            entries.append(b"%b\0%b\0%d\0%d" % (entry.name, kind, size, stamp))
    entries.sort()
    return entries


def _far_entries(place: Place, folder: str) -> list[bytes]:
    entries = []
    for report in place.files.ls(folder, detail=True):
        name = report["name"].rstrip("/").rpartition("/")[2]
        if report["name"].rstrip("/") == folder.rstrip("/"):
            continue  # how some stores mark the folder itself
        kind = _FOLDER if report["type"] == "directory" else _FILE
        size = -1 if report.get("size") is None else int(report["size"])
        entries.append(b"%b\0%b\0%d\0%b" % (os.fsencode(name), kind, size, stamp_of(report).encode()))
    entries.sort()
    return entries


def _unlistable(shown: str, error: Exception) -> DataError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return DataError(
        f"{shown}: cannot be read ({reason}); expected a readable file or folder, check the path"
    )
