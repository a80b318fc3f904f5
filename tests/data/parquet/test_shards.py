"""Parquet shards, written here with pyarrow."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.data.formats.drawn import numbered, png
from tests.data.streaming.written import write_parquet

from inkwise.data.formats.part import Memory
from inkwise.data.load import load_dataset
from inkwise.data.parquet.read import read_parquet
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import DataError

pa = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")

IMAGES = numbered(40)
LABELS = [index % 3 for index in range(40)]


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps", limit_bytes=0)


@pytest.mark.parametrize("group_rows", [None, 7, 1])
@pytest.mark.parametrize("raw", [False, True])
def test_any_rows_of_any_layout_are_read(tmp_path, memory, raw, group_rows):
    paths = [
        write_parquet(tmp_path / f"{n}.parquet", IMAGES[rows], LABELS[rows], raw=raw, group_rows=group_rows)
        for n, rows in enumerate((slice(0, 25), slice(25, 26), slice(26, 40)))
    ]
    images = read_parquet(paths, memory=memory).images
    assert isinstance(images, StreamedImages)
    np.testing.assert_array_equal(images[:], IMAGES)
    np.testing.assert_array_equal(images[[39, 3, 3, -2]], IMAGES[[39, 3, 3, -2]])
    np.testing.assert_array_equal(images[5], IMAGES[5])
    np.testing.assert_array_equal(np.concatenate(list(images.batches(9))), IMAGES)
    np.testing.assert_array_equal(list(images.take(np.array([1, 30]))), IMAGES[[1, 30]])


def test_raw_pixels_as_lists_are_read_in_memory_and_streamed(tmp_path):
    values = pa.array(IMAGES.reshape(-1))
    column = pa.FixedSizeListArray.from_arrays(values, 784)
    pq.write_table(pa.table({"image": column, "label": LABELS}), tmp_path / "a.parquet", row_group_size=16)
    for limit in (1 << 30, 0):
        part = read_parquet([tmp_path / "a.parquet"], memory=Memory(tmp_path / "maps", limit_bytes=limit))
        np.testing.assert_array_equal(part.images[:], IMAGES)


def test_large_row_group_is_cut_into_runs(tmp_path, memory):
    """9,000 rows in one group: runs of 4,096, of which the later ones begin behind what they pass over."""
    images = np.tile(IMAGES, (225, 1, 1))
    images[:, 0, :2] = np.arange(9000, dtype=">u2").view(np.uint8).reshape(-1, 2)
    path = write_parquet(tmp_path / "a.parquet", images, [0] * 9000, raw=True)
    streamed = read_parquet([path], memory=memory).images
    assert streamed.shards.starts.tolist() == [0, 4096, 8192, 9000]
    np.testing.assert_array_equal(streamed[[0, 4095, 4096, 8999]], images[[0, 4095, 4096, 8999]])


def test_shards_with_other_columns_are_named(tmp_path, memory):
    first = write_parquet(tmp_path / "train-0.parquet", IMAGES, LABELS)
    pq.write_table(pa.table({"img": [png(IMAGES[0])], "label": [0]}), tmp_path / "train-1.parquet")
    with pytest.raises(DataError, match=r"train-1\.parquet: columns img .*, expected image .* as in train-0"):
        read_parquet([first, tmp_path / "train-1.parquet"], memory=memory)
    write_parquet(tmp_path / "train-1.parquet", IMAGES, LABELS, raw=True)
    with pytest.raises(DataError, match=r"expected image \(binary\), .* write all shards the same way"):
        read_parquet([first, tmp_path / "train-1.parquet"], memory=memory)


def test_empty_shard_among_others_adds_nothing(tmp_path, memory):
    paths = [
        write_parquet(tmp_path / "0.parquet", IMAGES, LABELS),
        write_parquet(tmp_path / "1.parquet", IMAGES[:0], np.empty(0, np.int64), raw=False),
    ]
    pq.write_table(pq.read_table(paths[0]).slice(0, 0), paths[1])
    images = read_parquet(paths, memory=memory).images
    np.testing.assert_array_equal(images[:], IMAGES)


def test_picture_that_cannot_be_decoded_names_shard_and_row(tmp_path, memory):
    pngs = [png(image) for image in IMAGES]
    pngs[17] = pngs[17][:60] + b"damaged"
    pq.write_table(pa.table({"image": pngs, "label": LABELS}), tmp_path / "a.parquet", row_group_size=10)
    images = read_parquet([tmp_path / "a.parquet"], memory=memory).images
    with pytest.raises(DataError, match=r"a\.parquet, row 17: cannot be decoded"):
        images[:]
    np.testing.assert_array_equal(images[18:], IMAGES[18:])


def test_without_test_shards_a_stratified_fifth_is_cut(tmp_path):
    write_parquet(tmp_path / "train-0.parquet", IMAGES, LABELS)
    held, streamed = (load_dataset(tmp_path, memory_map_bytes=limit) for limit in (1 << 30, 0))
    np.testing.assert_array_equal(held.test.labels, streamed.test.labels)
    np.testing.assert_array_equal(held.test.images, streamed.test.images[:])
    assert "drawn with seed 0" in streamed.notes["test"]


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are Unix's")
def test_more_shards_than_files_may_be_open(tmp_path, memory):
    import resource

    paths = [write_parquet(tmp_path / f"{n}.parquet", IMAGES[n : n + 1], [0]) for n in range(40)]
    lowest = os.dup(0)  # the lowest number that is free: as many files are open below it
    os.close(lowest)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 30, before[1]))
    try:
        np.testing.assert_array_equal(read_parquet(paths, memory=memory).images[:], IMAGES)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
