"""Parquet shards: a column `image` of pictures or of raw pixels, and a column `label`.

The label columns and footers are read at the start (10 million rows: see results/streaming), pictures as
they are wanted. Parquet can begin to read at a row group; what lies before a run in its group is unpacked
and passed over, which the runs of a large group are made long for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from inkwise.data.formats.paths import printable
from inkwise.data.parquet.file import open_parquet, unreadable_parquet
from inkwise.data.parquet.rows import row_decoder
from inkwise.data.streaming.shards import Pixels, Rows, fingerprint_files
from inkwise.errors import DataError

_BATCH_ROWS = 1024
_RUNS_A_GROUP = 4  # of a large row group: on average 1.5 runs lie before the one that is wanted
_SMALL_GROUP = 4096  # rows of a group that is read as one run


@dataclass(frozen=True)
class _Run:
    shard: int
    group: int
    skipped: int  # rows of the group before this run
    first: int  # row of the file


@dataclass(frozen=True)
class ParquetShards:
    """The images of parquet files, one file after the other.

    Attributes:
        paths: the files.
        footers: what pyarrow says of each one's rows. No file stays open: there may be more of them than
            a process may have open.
        column: what the images' column is called.
    """

    paths: tuple[Path, ...]
    footers: tuple[Any, ...]
    column: str

    @cached_property
    def _layout(self) -> tuple[Rows, list[_Run]]:
        starts, runs, row = [0], [], 0
        for shard, footer in enumerate(self.footers):
            before = row
            for group in range(footer.num_row_groups):
                rows = footer.row_group(group).num_rows
                longest = max(-(-rows // _RUNS_A_GROUP), _SMALL_GROUP)
                for skipped in range(0, rows, longest):
                    runs.append(_Run(shard, group, skipped, first=row - before + skipped))
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
        file = open_parquet(path, name=printable(path), metadata=self.footers[place.shard])
        return _ParquetCursor(path, file, self.column, place=place)


class _ParquetCursor:
    def __init__(self, path: Path, file: Any, column: str, *, place: _Run) -> None:
        self.path, self.file, self.first = path, file, place.first
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
            decode = row_decoder(self.stored.type, path=self.path, first=self.first + self.start)
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
