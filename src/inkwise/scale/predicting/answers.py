"""The answers of a block as a parquet file: the columns of both works, written a batch at a time."""

from collections.abc import Iterable
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from inkwise.scale.predicting.sources.pictures import Raw
from inkwise.scale.predicting.work import Classifier, Work

_ROWS_HELD = 16_384  # of answers, until they go to the file as a row group


class Answering(Protocol):
    """What a worker does to the pictures of a block.

    Attributes:
        batch: how many pictures answer takes at once.
    """

    batch: int

    def __init__(self, classifier: Classifier) -> None: ...

    def schema(self) -> pa.Schema:
        """Return the columns of the answers."""

    def answer(self, raws: list[Raw]) -> pa.RecordBatch:
        """Return a row for each picture; one that could not be answered says why in the column error."""


def write_block(raws: Iterable[Raw], answering: Answering, *, work: Work) -> tuple[bytes, int, int]:
    """Return the bytes of a block's file, how many images it holds, and how many of them are errors."""
    sink, num_images, num_errors = pa.BufferOutputStream(), 0, 0
    with pq.ParquetWriter(sink, answering.schema(), compression="zstd") as writer:
        held: list[pa.RecordBatch] = []
        for some in batches(raws, answering.batch):
            answers = answering.answer(some)
            held.append(answers)
            num_images += len(answers)
            num_errors += len(answers) - answers.column("error").null_count
            if sum(map(len, held)) >= _ROWS_HELD:
                writer.write_table(pa.Table.from_batches(held))
                held = []
        if held:
            writer.write_table(pa.Table.from_batches(held))
        # Last, for only now the errors are counted; a file without them is not whole.
        writer.add_key_value_metadata({"inkwise.work": work.name, "inkwise.errors": str(num_errors)})
    return sink.getvalue().to_pybytes(), num_images, num_errors


def batches(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """Yield items in lists of size, the last perhaps shorter."""
    held: list[Any] = []
    for item in items:
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held
