"""Where the files of the catalogue lie on this machine, and whether what lies there is whole.

A file is looked for in $INKWISE_DATA/NAME/, then in the cache, as published (.gz) or unpacked. It is whole
when its sum is one of the published ones; where no sum is known for the form it has, its IDX header must
declare the published shape and its length must fit.
"""

import hashlib
import os
import struct
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from zlib_ng import zlib_ng

from inkwise.data.catalogue import CatalogueEntry, CatalogueFile
from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.errors import DataError

_ELEMENT_BYTES = {0x08: 1, 0x0C: 4}


@dataclass(frozen=True)
class StoredFile:
    """A file of the catalogue on this machine.

    Attributes:
        path: the file.
        place: "INKWISE_DATA" or "cache".
    """

    path: Path
    place: str


@dataclass(frozen=True)
class Verified:
    """The content of a whole file.

    Attributes:
        content: the unpacked bytes.
        proof: what shows that it is whole: "sha256", "md5" or "structure".
    """

    content: bytes
    proof: str


def cache_root() -> Path:
    """Return the folder of all that can be made or fetched again: $INKWISE_CACHE, or the user's own."""
    root = os.environ.get("INKWISE_CACHE") or platformdirs.user_cache_dir("inkwise", appauthor=False)
    return Path(root).expanduser()


def cache_folder() -> Path:
    """Return the folder of the cache that holds downloaded sets."""
    return cache_root() / "data"


def places(name: str) -> list[tuple[str, Path]]:
    """Return the folders in which the set called name may lie, in the order they are looked through."""
    given = os.environ.get("INKWISE_DATA")
    own = [("INKWISE_DATA", Path(given).expanduser() / name)] if given else []
    return [*own, ("cache", cache_folder() / name)]


def find_file(entry: CatalogueEntry, file: CatalogueFile) -> StoredFile | None:
    """Return where file lies, not yet verified; None when it lies nowhere."""
    for place, folder in places(entry.name):
        for name in (file.packed_name, file.name):
            if (folder / name).is_file():
                return StoredFile(folder / name, place)
    return None


def read_verified(stored: StoredFile, file: CatalogueFile, *, dataset: str) -> Verified:
    """Return the unpacked bytes of a stored file, once they are seen to be whole.

    Raises:
        DataError: the file cannot be read, is damaged, or holds something else.
    """
    try:
        raw = stored.path.read_bytes()
    except OSError as error:
        raise DataError(
            f"{printable(stored.path)}: cannot be read ({error.strerror or error}); "
            "expected a readable file, check its permissions"
        ) from error
    cure = f"delete it and run: inkwise data fetch {dataset}"
    return verify_bytes(raw, file, name=printable(stored.path), cure=cure)


def verify_bytes(raw: bytes, file: CatalogueFile, *, name: str, cure: str) -> Verified:
    """Return the unpacked content of raw, packed or not, once it is seen to be that of file.

    Args:
        raw: the whole file.
        name: what to call it in a message.
        cure: what to do, the end of that message.
    Raises:
        DataError: it is not what the catalogue says.
    """
    content = unpack(raw, limit=file.unpacked_bytes, name=name, cure=cure)
    proof = _sum_proof(raw, content, file, name=name, cure=cure)
    shape = idx_shape(content)
    if shape != file.shape:
        found = f"an IDX file of shape {shape}" if shape else "no whole IDX file"
        raise DataError(f"{name}: {found}, expected shape {file.shape}; {cure}")
    return Verified(content, proof)


def unpack(raw: bytes, *, limit: int, name: str, cure: str) -> bytes:
    """Return raw without its gzip packing; raw itself when it is not packed.

    Args:
        limit: the most bytes it may unpack to, so that a small file cannot fill the memory.
    Raises:
        DataError: the packed data is damaged, cut short, or unpacks to more.
    """
    if not raw.startswith(GZIP_MAGIC):
        return raw
    unpacker = zlib_ng.decompressobj(wbits=31)  # 31: gzip, whose checksum it compares
    try:
        content = unpacker.decompress(raw, limit + 1)
    except zlib_ng.error as error:  # type: ignore[misc]  # its stub says that it is an instance
        raise DataError(f"{name}: the gzip data is damaged, expected a whole file; {cure}") from error
    if len(content) > limit:
        raise DataError(f"{name}: unpacks to more than the {limit} bytes expected; {cure}")
    if not unpacker.eof:
        raise DataError(f"{name}: the gzip data is cut short, expected a whole file; {cure}")
    return content


def idx_shape(content: bytes) -> tuple[int, ...] | None:
    """Return the shape of an unpacked IDX file; None for anything else, or a length that does not fit.

    >>> idx_shape(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 0]))
    (2,)
    """
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _ELEMENT_BYTES:
        return None
    dims = content[3]
    offset = 4 + 4 * dims
    if len(content) < offset:
        return None
    shape = struct.unpack(f">{dims}I", content[4:offset])
    size = _ELEMENT_BYTES[content[2]]
    for length in shape:
        size *= length
    return shape if len(content) == offset + size else None


def _sum_proof(raw: bytes, content: bytes, file: CatalogueFile, *, name: str, cure: str) -> str:
    """Return which sum shows the file to be whole; raise when one that must hold does not."""
    is_packed = content is not raw
    if file.unpacked_sha256 and _digest(content) == file.unpacked_sha256:
        return "sha256"
    if is_packed and file.sha256 and _digest(raw) == file.sha256:
        return "sha256"
    if file.unpacked_sha256:
        raise DataError(wrong_sum(name, _digest(content), file.unpacked_sha256) + f"; {cure}")
    if not file.unpacked_md5:
        return "structure"
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != file.unpacked_md5:
        raise DataError(wrong_sum(name, found, file.unpacked_md5, kind="md5") + f"; {cure}")
    return "md5"


def wrong_sum(name: str, found: str, expected: str, *, kind: str = "sha256") -> str:
    """Return the words for a sum that differs.

    >>> wrong_sum("a.gz", "3f1c77", "440fca")
    'a.gz: sha256 begins 3f1c, expected 440f'
    """
    return f"{name}: {kind} begins {found[:4]}, expected {expected[:4]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
