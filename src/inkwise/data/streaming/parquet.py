"""Parquet shards: a column `image` of pictures or of raw pixels, and a column `label`.

The label columns and footers are read at the start (10 million rows: see results/streaming), pictures as
they are wanted. Parquet can begin to read at a row group; what lies before a run in its group is unpacked
and passed over, which the runs of a large group are made long for.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.parquet import decode_row, open_parquet, unreadable_parquet
from inkwise.data.formats.paths import printable
from inkwise.data.streaming.pixels import decode_pixels
from inkwise.data.streaming.shards import Pixels, Rows, fingerprint_files
from inkwise.errors import DataError

IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE
_AT_ONCE = 8
_BATCH_ROWS = 1024
_RUNS_A_GROUP = 4  # of a large row group: on average 1.5 runs lie before the one that is wanted
_SMALL_GROUP = 4096  # rows of a group that is read as one run


@dataclass(frozen=True)
class _Run:
    shard: int
    group: int
    skipped: int  # rows of the group before this run


@dataclass(frozen=True)
class ParquetShards:
    """The images of parquet files, one file after the other.

    Attributes:
        paths: the files.
        files: each one open, its footer read.
        column: what the images' column is called.
    """

    paths: tuple[Path, ...]
    files: tuple[Any, ...]
    column: str

    @cached_property
    def _layout(self) -> tuple[Rows, list[_Run]]:
        starts, runs, row = [0], [], 0
        for shard, file in enumerate(self.files):
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                longest = max(-(-rows // _RUNS_A_GROUP), _SMALL_GROUP)
                for skipped in range(0, rows, longest):
                    runs.append(_Run(shard, group, skipped))
                    starts.append(row + min(skipped + longest, rows))
                row += rows
        return np.array(starts, np.int64), runs

    @property
    def starts(self) -> Rows:
        """As of Shards."""
        return self._layout[0]

    @property
    def entries(self) -> Rows:
        """As of Shards: where row groups begin."""
        is_first = np.array([run.skipped == 0 for run in self._layout[1]], np.bool_)
        return self.starts[:-1][is_first]

    @cached_property
    def fingerprint(self) -> str:
        """As of Shards."""
        return fingerprint_files(self.paths)

    def open(self, run: int) -> "_ParquetCursor":
        """As of Shards.

        Raises:
            DataError: the file is not there any more, or damaged.
        """
        place = self._layout[1][run]
        path = self.paths[place.shard]
        file = open_parquet(path, name=printable(path), metadata=self.files[place.shard].metadata)
        before = sum(
            self.files[place.shard].metadata.row_group(group).num_rows for group in range(place.group)
        )
        return _ParquetCursor(path, file, self.column, place=place, first=before + place.skipped)


class _ParquetCursor:
    def __init__(self, path: Path, file: Any, column: str, *, place: _Run, first: int) -> None:
        self.path, self.file, self.first = path, file, first
        batches = file.iter_batches(
            _BATCH_ROWS, row_groups=[place.group], columns=[column], use_threads=False
        )
        self.batches: Iterator[Any] = iter(batches)
        self.stored: Any = None  # the batch that was last read, and its rows of the run
        self.start, self.stop = -place.skipped, -place.skipped

    def read(self, rows: Rows, out: Pixels) -> None:
        done = 0
        while done < len(rows):
            while rows[done] >= self.stop:
                self._advance()
            until = done + int(np.searchsorted(rows[done:], self.stop))
            part = rows[done:until]
            decode = _decoder(self.stored.type, path=self.path, first=self.first + self.start)
            decode(self.stored, part - self.start, out[done:until])
            done = until

    def _advance(self) -> None:
        try:
            self.stored = next(self.batches).column(0)
        except StopIteration:
            raise DataError(
                f"{printable(self.path)}: a row group ends too early; expected a whole file, get it again"
            ) from None
        except (OSError, ValueError) as error:  # pyarrow's errors are both
            raise unreadable_parquet(printable(self.path), error) from error
        self.start, self.stop = self.stop, self.stop + len(self.stored)

    def close(self) -> None:
        self.batches = iter(())
        self.file.close()


def _decoder(kind: Any, *, path: Path, first: int) -> Any:
    """Return what writes the chosen rows of a column of this type into an array."""
    if is_raw(kind):
        return _copy_raw
    return partial(_decode_pictures, path=path, first=first)


def is_raw(kind: Any) -> bool:
    """Return whether a column's type is 784 bytes a row: pixels as they are, row by row of the picture."""
    import pyarrow as pa

    if pa.types.is_fixed_size_binary(kind):
        return bool(kind.byte_width == IMAGE_BYTES)
    return bool(
        pa.types.is_fixed_size_list(kind)
        and kind.list_size == IMAGE_BYTES
        and pa.types.is_uint8(kind.value_type)
    )


def _copy_raw(stored: Any, rows: Rows, out: Pixels) -> None:
    # The second buffer of a fixed-size binary is its bytes; a list's values are an array of their own.
    values = stored.flatten() if hasattr(stored, "flatten") and stored.type.num_fields else stored
    whole = np.frombuffer(values.buffers()[1], np.uint8)
    offset = values.offset * (1 if values is not stored else IMAGE_BYTES)
    pixels = whole[offset : offset + len(stored) * IMAGE_BYTES].reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    np.take(pixels, rows, axis=0, out=out, mode="clip")


def _decode_pictures(stored: Any, rows: Rows, out: Pixels, *, path: Path, first: int) -> None:
    bounds, content = _bytes_of(stored)
    for row, image in zip(rows.tolist(), out, strict=True):
        if content is None or bounds[row] == bounds[row + 1]:  # a path, or nothing
            image[:] = decode_row(
                stored[row].as_py(), folder=path.parent, name=f"{printable(path)}, row {first + row}"
            )
        else:
            raw = content[bounds[row] : bounds[row + 1]]
            image[:] = decode_pixels(raw, name=f"{printable(path)}, row {first + row}")


def _bytes_of(stored: Any) -> tuple[list[int], memoryview | None]:
    """Return where each row's bytes begin, then where the last ends, and all bytes; paths have none."""
    import pyarrow as pa

    if pa.types.is_struct(stored.type):
        index = stored.type.get_field_index("bytes")
        stored = stored.field(index) if index >= 0 else stored
    wide = pa.types.is_large_binary(stored.type)
    if not (wide or pa.types.is_binary(stored.type)):
        return [], None
    _, places, content = stored.buffers()
    kind: Any = np.int64 if wide else np.int32
    bounds = np.frombuffer(places, kind)[stored.offset : stored.offset + len(stored) + 1]
    return bounds.tolist(), memoryview(content) if content is not None else memoryview(b"")


def read_whole_numbers(files: Sequence[Any], column: str) -> NDArray[np.int64] | None:
    """Return a column of whole numbers without nulls of all files, (N,) int64; None where it is none."""
    import pyarrow as pa

    if not all(pa.types.is_integer(file.schema_arrow.field(column).type) for file in files):
        return None
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # little to read in each of many files
        columns = pool.map(lambda file: file.read([column], use_threads=False).column(0), files)
        chunks = [chunk for stored in columns for chunk in stored.chunks]
    if any(chunk.null_count for chunk in chunks):
        return None
    numbers, done = np.empty(sum(map(len, chunks)), np.int64), 0
    for chunk in chunks:
        numbers[done : done + len(chunk)] = chunk.to_numpy()
        done += len(chunk)
    return numbers
