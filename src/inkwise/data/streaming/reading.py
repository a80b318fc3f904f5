"""Plans carried out: the pieces of a fill are read and decoded on threads while the fill before is used."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.cores import num_cores
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.streaming.shards import Cursor, Pixels, Rows, Shards
from inkwise.data.streaming.shuffle import Fill, Piece

_MOST_THREADS = 4  # decoding a small picture holds Python's lock for a fifth of its time


@dataclass(frozen=True)
class Reader:
    """Those images of shards that belong to one part.

    Attributes:
        shards: where they lie.
        rows: (N,) int64, ascending: which images of the shards belong to it; None for all.
    """

    shards: Shards
    rows: Rows | None = None

    @property
    def bounds(self) -> Rows:
        """(R + 1,) int64: the first of this part's images in each run, then their number."""
        starts = self.shards.starts
        return starts if self.rows is None else np.searchsorted(self.rows, starts).astype(np.int64)

    def read(self, plan: Iterable[Fill]) -> Iterator[tuple[Pixels, NDArray[np.int64]]]:
        """Yield each fill as images (N, 28, 28) uint8 and their places among this part's, (N,) int64.

        Two fills are in memory at once: the one that was yielded, and the next.

        Raises:
            DataError: a shard or a picture is damaged.
        """
        work = _Work(self)
        pool = ThreadPoolExecutor(min(num_cores(), _MOST_THREADS), thread_name_prefix="inkwise-shards")
        try:
            jobs: _Jobs | None = None
            for fill in plan:
                done = None if jobs is None else jobs.wait()
                jobs = work.start(fill, pool)
                if done is not None:
                    yield done
                    done = None  # it is not to be held while the next is waited for
            if jobs is not None:
                yield jobs.wait()
        finally:
            pool.shutdown(cancel_futures=True)
            work.close()


@dataclass(frozen=True)
class _Jobs:
    images: Pixels
    places: NDArray[np.int64]
    futures: list[Future[None]]

    def wait(self) -> tuple[Pixels, NDArray[np.int64]]:
        for future in self.futures:
            future.result()
        return self.images, self.places


class _Work:
    """The runs that are open; a run is read by one thread at a time, in its order."""

    def __init__(self, reader: Reader) -> None:
        self._shards, self._rows, self._bounds = reader.shards, reader.rows, reader.bounds
        self._cursors: dict[int, Cursor] = {}

    def start(self, fill: Fill, pool: ThreadPoolExecutor) -> _Jobs:
        num_images = sum(map(len, fill))
        images = np.empty((num_images, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        places = np.empty(num_images, np.int64)
        by_run: dict[int, list[tuple[Piece, Pixels]]] = {}
        done = 0
        for piece in fill:
            room = slice(done, done + len(piece))
            first = self._bounds[piece.run] + piece.start
            places[room] = np.arange(first, first + len(piece))
            by_run.setdefault(piece.run, []).append((piece, images[room]))
            done += len(piece)
        return _Jobs(images, places, [pool.submit(self._read, run, pieces) for run, pieces in by_run.items()])

    def _read(self, run: int, pieces: list[tuple[Piece, Pixels]]) -> None:
        cursor = self._cursors.pop(run, None) or self._shards.open(run)
        try:
            for piece, out in pieces:
                first = self._bounds[run] + piece.start
                chosen = np.arange(first, first + len(piece))
                rows = chosen if self._rows is None else self._rows[chosen]
                cursor.read(rows - self._shards.starts[run], out)
        except BaseException:
            cursor.close()
            raise
        if pieces[-1][0].stop == self._bounds[run + 1] - self._bounds[run]:
            cursor.close()
        else:
            self._cursors[run] = cursor

    def close(self) -> None:
        for cursor in self._cursors.values():
            cursor.close()
