"""Rows of parquet: their bytes as they lie in the column, which plain pictures are known by."""

import itertools
from typing import Any

import pyarrow as pa
import pytest
from tests.data.formats.drawn import numbered, png

from inkwise.data.parquet.rows import bytes_of
from inkwise.data.streaming.pixels import is_plain

PICTURES = [png(image) for image in numbered(5)]
STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@pytest.mark.parametrize(
    "column",
    [
        pa.array(PICTURES, pa.binary()),
        pa.array(PICTURES, pa.large_binary()),
        pa.array([{"bytes": picture, "path": "a.png"} for picture in PICTURES], STRUCT),
    ],
    ids=["binary", "large", "struct"],
)
def test_plain_pictures_of_a_column_are_seen_as_plain(column: Any) -> None:
    bounds, content = bytes_of(column)
    assert content is not None
    pieces = [content[start:stop] for start, stop in itertools.pairwise(bounds)]
    assert [bytes(piece) for piece in pieces] == PICTURES
    assert all(is_plain(piece) for piece in pieces)
