"""The plan of a work: which images each block holds, in the folder _plan beside the answers.

A parquet file for every 64 blocks, a row group a block, a row a piece. It is written while the files are
listed, and read a block at a time, so that no process ever holds it.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from inkwise.scale.predicting.output import OutputFolder
from inkwise.scale.predicting.sources.cutting import Piece

FOLDER = "_plan"  # readers of parquet folders pass over names that begin so
BLOCKS_IN_FILE = 64
_SCHEMA = pa.schema(
    [
        ("place", pa.int32()),
        ("path", pa.binary()),  # a name on the disk may be no text
        ("kind", pa.string()),
        ("size", pa.int64()),
        ("stamp", pa.string()),
        ("start", pa.int64()),
        ("stop", pa.int64()),
    ]
)


def write_plan(output: OutputFolder, blocks: Iterable[list[Piece]]) -> int:
    """Write the plan while blocks come, and return how many they were."""
    coming, count = iter(blocks), 0
    while group := list(islice(coming, 1)):  # the first, so that no file is written for none
        sink = pa.BufferOutputStream()
        # Names follow one another: what they share with the name before is not written again.
        with pq.ParquetWriter(
            sink, _SCHEMA, compression="zstd", use_dictionary=["kind"],
            column_encoding={"path": "DELTA_BYTE_ARRAY", "stamp": "DELTA_BYTE_ARRAY"},
        ) as writer:  # fmt: skip
            number = count // BLOCKS_IN_FILE
            for block in _one_then(group[0], islice(coming, BLOCKS_IN_FILE - 1)):
                writer.write_table(_table(block))
                count += 1
        output.write(_file_name(number), sink.getvalue().to_pybytes())
    return count


def _one_then(first: list[Piece], rest: Iterable[list[Piece]]) -> Iterator[list[Piece]]:
    yield first
    yield from rest


def _table(block: list[Piece]) -> pa.Table:
    columns = list(zip(*block, strict=True))
    columns[1] = tuple(os.fsencode(path) for path in columns[1])
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)],
                    schema=_SCHEMA)  # fmt: skip


def read_block(output: OutputFolder, number: int) -> list[Piece]:
    """Return the pieces of a block.

    Raises:
        OSError, ValueError: the plan cannot be read.
    """
    with output.open(_file_name(number // BLOCKS_IN_FILE)) as file, pq.ParquetFile(file) as plan:
        return _to_pieces(plan.read_row_group(number % BLOCKS_IN_FILE))


def read_plan(output: OutputFolder, num_blocks: int) -> Iterator[Piece]:
    """Yield every piece of the plan in its order.

    Raises:
        OSError, ValueError: the plan cannot be read.
    """
    for number in range(-(-num_blocks // BLOCKS_IN_FILE)):
        with output.open(_file_name(number)) as file, pq.ParquetFile(file) as plan:
            for group in range(plan.num_row_groups):
                yield from _to_pieces(plan.read_row_group(group))


def _to_pieces(table: pa.Table) -> list[Piece]:
    columns = [column.to_pylist() for column in table.columns]
    columns[1] = [os.fsdecode(path) for path in columns[1]]
    return [Piece(*row) for row in zip(*columns, strict=True)]


def _file_name(number: int) -> str:
    return f"{FOLDER}/plan-{number:06d}.parquet"
