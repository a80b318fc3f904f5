"""The pictures in a tar, WebDataset's shards among them, read once from front to back."""

import gzip
import tarfile
from collections.abc import Collection, Iterator
from typing import IO, cast

from inkwise.data.formats.paths import GZIP_MAGIC
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.listing import kind_by_name

_BLOCK = bytes(512)  # two of zeros end a tar (POSIX.1-1988 ustar, "cpio and tar interchange format")


class _Watched:
    """A stream that remembers the last 512 bytes that were read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to size bytes."""
        found = self.file.read(size)
        self.last = (self.last + found)[-len(_BLOCK) :]
        return found


def read_tar(file: IO[bytes], *, name: str, suffixes: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every picture in a tar, packed with gzip or not, in its order.

    A picture is known by its suffix; hidden and other members, labels among them, are passed over.

    Args:
        file: stands at its beginning.
        name: what messages call it.
        suffixes: such as .png.
    Raises:
        DataError: it ends before the zeros that end every tar: it was cut short, perhaps between two
            pictures, which Python's tarfile takes for a whole one.
        OSError, EOFError, tarfile.TarError: damaged.
    """
    is_packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    watched = _Watched(cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_packed else file)
    with tarfile.open(fileobj=cast("IO[bytes]", watched), mode="r|") as tar:
        for member in tar:
            if member.isreg() and kind_by_name(member.name, suffixes) == "image":
                content = tar.extractfile(member)
                assert content is not None  # for it is a regular file
                yield member.name, content.read()
            tar.members.clear()  # tarfile would keep the header of each
    if watched.last != _BLOCK:
        raise DataError(f"{name}: ends without the zeros that end a tar; it was cut short, get it again")
