"""Where files lie: on the disk of this machine, or behind an address that fsspec knows, such as s3://."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from inkwise.data.formats.paths import printable
from inkwise.errors import DataError

_REPORTED = ("mtime", "LastModified", "last_modified", "updated", "ETag", "etag", "created")


@dataclass(frozen=True)
class Place:
    """A file, a folder or a pattern of names, as it was given.

    Attributes:
        address: a path, or protocol://...; relative paths start at base.
        base: the folder that the process that was given it worked in.
    """

    address: str
    base: str

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        if "://" not in self.address and "::" not in self.address:  # a name on the disk may hold any sign
            return fsspec.filesystem("file"), os.path.normpath(self.address)
        try:
            # Listings are kept nowhere: those of a million files would not go again.
            filesystem, path = fsspec.core.url_to_fs(self.address, use_listings_cache=False)
        except ImportError as error:
            raise DataError(f"{self.address}: {error}; install what it names, beside inkwise[ray]") from error
        except (ValueError, OSError) as error:
            raise DataError(
                f"{self.address}: no address that can be opened ({error}); "
                "expected a path, or one that fsspec knows, such as s3://bucket/folder"
            ) from error
        return filesystem, path

    @property
    def files(self) -> Any:
        """The file system it lies in, fsspec's."""
        return self._opened[0]

    @property
    def path(self) -> str:
        """What the file system calls it; on the disk it may be relative to base."""
        return self._opened[1]

    @property
    def is_local(self) -> bool:
        """Whether it lies on the disk of this machine."""
        return isinstance(self.files, LocalFileSystem)

    def full(self, path: str) -> str:
        """Return the path by which any process finds what this one calls path."""
        return os.path.join(self.base, path) if self.is_local else path  # noqa: PTH118 - bytes that are no text

    def show(self, path: str) -> str:
        """Return path as the answers name it: as found, with protocol and what it is packed in."""
        if self.is_local:
            return printable(path)
        _, chained, outer = self.address.partition("::")
        return f"{self.files.unstrip_protocol(path)}{chained}{outer}"

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Give the file at path, to read from anywhere in it.

        Raises:
            OSError: there is none, or it cannot be read.
        """
        full = self.full(path)
        with open(full, "rb") if self.is_local else self.files.open(full, "rb") as file:  # noqa: PTH123
            yield cast("IO[bytes]", file)


def stamp_of(report: dict[str, Any]) -> str:
    """Return what changes when a file does, beside its size, as far as its file system says anything.

    >>> stamp_of({"name": "bucket/a.png", "size": 3, "ETag": '"9f"'})
    '"9f"'
    """
    found = next((report[key] for key in _REPORTED if report.get(key) is not None), "")
    return str(found)
