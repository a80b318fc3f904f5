"""Names and kinds of files, and the files under a folder in one fixed order."""

import os
import unicodedata
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import IO

from inkwise.errors import DataError

GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = (
    "png jpg jpeg jfif gif bmp dib tif tiff webp pgm ppm pbm pnm tga ico jp2 avif pcx"  # what Pillow reads
)
IMAGE_SUFFIXES = frozenset(f".{suffix}" for suffix in _SUFFIXES.split())


def printable(path: str | os.PathLike[str]) -> str:
    r"""Return path as text that any terminal and JSON can take.

    Linux lets a file name hold any bytes; those that are no UTF-8 are shown as \xNN.

    >>> printable(os.fsdecode(b"caf\xe9.png"))
    'caf\\xe9.png'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def visible(text: str) -> str:
    r"""Return text as one line without control characters, which a file's name may hold to fool a terminal.

    >>> visible("a\nb\x1b[2J.png")
    'a\\nb\\x1b[2J.png'
    """
    # A narrow space, as in the names of a Mac's screenshots, may stay: repr would show it as a number too.
    is_plain = (sign.isprintable() or unicodedata.category(sign) == "Zs" for sign in text)
    return "".join(sign if plain else repr(sign)[1:-1] for sign, plain in zip(text, is_plain, strict=True))


def file_key(path: Path) -> bytes:
    """Return path, size and time of a file: by them what was made of it is found again in the cache.

    Raises:
        DataError: it is not there, or may not be looked at.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(
            f"{printable(path)}: cannot be read ({error.strerror or error}); expected a readable file"
            ", check the path"
        ) from error
    return b"\0" + os.fsencode(path.absolute()) + f"\0{status.st_size}\0{status.st_mtime_ns}".encode()


def file_kind(path: Path) -> str:
    """Return "idx", "npz", "parquet", "csv" or "image" by the first bytes of a file, then by its name.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return kind_of_file(file, path.name)
    except OSError as error:
        raise DataError(
            f"{printable(path)}: cannot be read ({error.strerror or error}); expected a readable file"
            ", check the path"
        ) from error


def kind_of_file(file: IO[bytes], name: str) -> str:
    """Return what file_kind does, of an open file that may lie anywhere."""
    head = file.read(4)
    if head[:2] == GZIP_MAGIC:
        file.seek(0)
        head = _first_unpacked(file)
    name = name.lower()
    if head[:3] in (b"\0\0\x08", b"\0\0\x0c"):
        return "idx"
    if head == b"PAR1":
        return "parquet"
    if name.endswith(".npz"):
        return "npz"
    if name.removesuffix(".gz").endswith((".csv", ".tsv", ".txt")):
        return "csv"
    return "idx" if "idx" in name else "image"


def _first_unpacked(file: IO[bytes]) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(256), 4)
    except zlib.error:
        return b""


def list_images(
    folder: Path, *, suffixes: Collection[str] = IMAGE_SUFFIXES, within: Path | None = None
) -> tuple[list[Path], int]:
    """Return the image files under folder, sorted by path, and how many other files were passed over.

    An image is known by its suffix. Hidden files and folders, and all other files (.DS_Store, Thumbs.db,
    notes), are passed over. Links are followed; a link back to a folder above it is entered once only, and
    one to the folder within never.

    Raises:
        DataError: a folder cannot be listed.
    """
    images, skipped = [], 0
    above = frozenset() if within is None else frozenset({_identity(within)})
    for path in _walk(folder, above=above):
        if path.name.startswith(".") or path.suffix.lower() not in suffixes:
            skipped += 1
        else:
            images.append(path)
    return images, skipped


def shards_by_part(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return files by part: {"train": [...], "test": [...], "unused": [...]}, or fewer, in the order given.

    A file is of the test part if its name begins with test, else with val where there is no test file. Where
    there are both, those of val are unused. The rest is of the train part.
    """
    by_name: dict[str, list[Path]] = {"train": [], "test": [], "val": []}
    for path in paths:
        by_name[next((name for name in ("test", "val") if path.name.startswith(name)), "train")].append(path)
    test, validation = by_name["test"], by_name["val"]
    parts = {"train": by_name["train"], "test": test or validation, "unused": validation if test else []}
    return {part: files for part, files in parts.items() if files}


def list_entries(folder: Path) -> list[Path]:
    """Return what lies directly in folder, sorted by name.

    Raises:
        DataError: the folder cannot be listed.
    """
    try:
        return sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name))
    except OSError as error:
        raise DataError(
            f"{printable(folder)}: cannot be listed ({error.strerror or error}); expected a readable folder, "
            "check its permissions"
        ) from error


def _walk(folder: Path, *, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """Yield the files under folder; `above` holds device and inode of the folders we are inside of."""
    here = _identity(folder)
    if here in above:
        return
    for path in list_entries(folder):
        if not path.is_dir():
            yield path
        elif not path.name.startswith("."):
            yield from _walk(path, above=above | {here})


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
