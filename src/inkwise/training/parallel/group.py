"""The processes that train one network together: which one this is, its rows, and what they tell one another.

A group of one tells nobody: there every method gives back what it was given, and PyTorch's distributed
package is not even asked.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from inkwise.cores import num_cores
from inkwise.errors import InkwiseError

T = TypeVar("T")


@dataclass(frozen=True)
class Share:
    """What one process has of a batch.

    Attributes:
        rows: never none: a process that has no row of a small batch borrows the first.
        num_own: rows that count; 0 where the row is borrowed.
        weight: of the mean loss over rows, so that the mean over the processes is that over the batch.
    """

    rows: slice
    num_own: int
    weight: float


@dataclass(frozen=True)
class Group:
    """The processes, seen from one of them.

    Attributes:
        rank: 0 to size - 1; the one with 0 writes and speaks for all.
        size: processes in all.
        local_size: of them on this machine.
    """

    rank: int = 0
    size: int = 1
    local_size: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0

    @property
    def threads(self) -> int:
        """Threads for each process, so that those of one machine share its cores."""
        return max(num_cores() // self.local_size, 1)

    def only_first(self, tell: Callable[[T], None]) -> Callable[[T], None]:
        """Return tell for the first process, and silence for the others."""
        return tell if self.is_first else lambda told: None

    def share(self, num_images: int, rank: int | None = None) -> Share:
        """Return what a process has of a batch, this one without rank: rows in order, as many as the others.

        >>> [Group(rank, 3).share(7).rows for rank in range(3)]
        [slice(0, 2, None), slice(2, 4, None), slice(4, 7, None)]
        """
        place = self.rank if rank is None else rank
        start, stop = num_images * place // self.size, num_images * (place + 1) // self.size
        rows = slice(start, stop) if stop > start else slice(0, 1)
        return Share(rows, stop - start, self.size * (stop - start) / num_images)

    def total(self, values: Tensor) -> Tensor:
        """Return the sum of every process's values; all get the same bits."""
        if self.size == 1:
            return values
        values = values.clone()
        dist.all_reduce(values)
        return values

    def whole(self, rows: Tensor, num_images: int) -> Tensor:
        """Return the whole batch's values (num_images, ...) from each process's rows of them."""
        if self.size == 1:
            return rows
        share = self.share(num_images)
        values = rows.new_zeros(num_images, *rows.shape[1:])
        if share.num_own:
            values[share.rows] = rows
        dist.all_reduce(values)
        return values

    def any(self, flag: bool) -> bool:
        """Return whether any process says so; all get the same answer at the same step."""
        if self.size == 1:
            return flag
        flags = torch.tensor(int(flag))
        dist.all_reduce(flags)
        return bool(flags)

    def from_first(self, make: Callable[[], T]) -> T:
        """Return what the first process makes; the others wait for it, and call nothing.

        Raises:
            InkwiseError: what make raised; every process raises it.
        """
        if self.size == 1:
            return make()
        answer: list[Any] = [_answer(make) if self.is_first else None]
        dist.broadcast_object_list(answer)
        if isinstance(answer[0], InkwiseError):
            raise answer[0]
        made: T = answer[0]
        return made

    @contextlib.contextmanager
    def copy_from_first(self, path: Path) -> Iterator[Path | None]:
        """Give the first process's file at path, to the others a copy for the block; None without."""
        content = self.from_first(lambda: path.read_bytes() if path.is_file() else None)
        if content is None or self.is_first:
            yield path if content is not None else None
            return
        with tempfile.TemporaryDirectory(prefix="inkwise-") as folder:
            copy = Path(folder, path.name)
            copy.write_bytes(content)
            yield copy


ALONE = Group()


def _answer(make: Callable[[], T]) -> T | InkwiseError:
    try:
        return make()
    except InkwiseError as error:
        return error
