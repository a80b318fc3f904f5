"""The folder that answers are written to: on the disk, or behind an address that fsspec can write to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inkwise.errors import DataError, OutputError
from inkwise.files import write_atomically
from inkwise.runs.lock import locked
from inkwise.scale.predicting.sources.places import Place

LOCK = "_lock"  # readers of parquet folders pass over names that begin so


@dataclass(frozen=True)
class OutputFolder:
    """A folder of whole files: each is there with all its bytes, or not at all.

    Attributes:
        place: where it is.
    """

    place: Place

    @property
    def address(self) -> str:
        """As it was given."""
        return self.place.address

    def names(self, folder: str = "") -> Iterator[str]:
        """Yield what lies in it, or in a folder inside it, in any order; nothing where there is none."""
        path = self._path(folder) if folder else self.place.full(self.place.path)
        try:
            if self.place.is_local:
                with os.scandir(path) as found:
                    yield from (entry.name for entry in found)
            else:
                for report in self.place.files.ls(path, detail=True):
                    if report["name"].rstrip("/") != path.rstrip("/"):
                        yield report["name"].rstrip("/").rpartition("/")[2]
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from error

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        with self.open(name) as file:
            return file.read()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Give a file to read."""
        with self.place.open(self._path(name)) as file:
            yield file

    def write(self, name: str, content: bytes) -> None:
        """Write a file as a whole: renamed on the disk, put by one request elsewhere.

        Raises:
            OutputError: the folder cannot be written to, or the disk is full.
        """
        if self.place.is_local:
            write_atomically(self._path(name), content)
            return
        path, files = self._path(name), self.place.files
        try:
            try:
                files.pipe_file(path, content)
            except FileNotFoundError:  # a store that has folders: they are made for the first file in each
                files.makedirs(path.rpartition("/")[0], exist_ok=True)
                files.pipe_file(path, content)
        except (OSError, NotImplementedError, ValueError) as error:
            raise self._unwritable(error) from error

    def remove(self, folder: str) -> None:
        """Remove a folder inside it with all it holds."""
        if any(True for _ in self.names(folder)):
            self.place.files.rm(self._path(folder), recursive=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others out of a folder on the disk within the block, and clear what was left half written.

        A block that fails and has written nothing leaves no lock, nor the folders made for it.

        Raises:
            RunError: another process answers into it.
        """
        if not self.place.is_local:
            yield
            return
        path = Path(self.place.full(self.place.path))
        made = [folder for folder in (path, *path.parents) if not folder.exists()]
        with locked(path, doing="writing answers", name=LOCK):
            try:
                yield
            except BaseException:
                with suppress(OSError, OutputError):  # what keeps it there is only in the way
                    if list(self.names()) == [LOCK]:
                        (path / LOCK).unlink()
                        for folder in made:
                            folder.rmdir()
                raise

    def show(self, name: str) -> str:
        """Return a file's name for people."""
        return f"{self.address.rstrip('/')}/{name}"

    def _path(self, name: str) -> str:
        return f"{self.place.full(self.place.path).rstrip('/')}/{name}"

    def _unwritable(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return OutputError(
            f"cannot write {self.address}: {reason}; "
            "expected a folder that can be written to, choose another with --out"
        )


def open_output(address: str, *, base: str) -> OutputFolder:
    """Return the folder at address, which need not be there yet.

    Raises:
        OutputError: it is a file, or lies where only one process sees it.
        DataError: fsspec knows no such address.
    """
    place = Place(address, base)
    protocol = place.files.protocol
    if "memory" in ([protocol] if isinstance(protocol, str) else protocol):
        raise OutputError(
            f"{address}: the memory of one process, expected a folder that every worker sees; "
            "choose another --out"
        )
    if place.is_local and os.path.isfile(place.full(place.path)):  # noqa: PTH113
        raise OutputError(f"{address}: is a file, expected a folder; choose another --out")
    return OutputFolder(place)


def refuse_inside(output: OutputFolder, places: list[Place]) -> None:
    """Refuse an output folder that lies in what is read: its files would be taken for images.

    Raises:
        DataError: it does.
    """
    written = _absolute(output.place)
    for place in places:
        read = _absolute(place)
        if written == read or written.startswith(read.rstrip("/") + "/"):
            raise DataError(f"{output.address}: lies in {place.address}, which is read; choose another --out")


def _absolute(place: Place) -> str:
    path = os.path.realpath(place.full(place.path)) if place.is_local else place.path
    return f"{type(place.files).__name__}:{path}"
