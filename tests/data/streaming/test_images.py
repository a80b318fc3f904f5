"""StreamedImages as an array, and what is refused."""

import numpy as np
import pytest
from tests.data.formats.drawn import numbered

from inkwise.data.dataset import Dataset, Split
from inkwise.data.digest import data_digest
from inkwise.data.splits import split_blocks, split_train
from inkwise.data.streaming.array import ArrayShards, shards_of_map
from inkwise.data.streaming.images import StreamedImages, sample_dataset
from inkwise.data.streaming.shuffle import plan_fills
from inkwise.errors import DataError

IMAGES = numbered(1300)


@pytest.fixture
def path(tmp_path):
    np.save(tmp_path / "images.npy", IMAGES)
    return tmp_path / "images.npy"


@pytest.fixture
def images(path):
    return StreamedImages(shards_of_map(np.load(path, mmap_mode="r")))


@pytest.mark.parametrize(
    "key",
    [7, -1, slice(5), slice(None, None, 100), slice(1290, 5, -3), [3, 1, 1299], np.array([-5, 4]), []],
    ids=str,
)
def test_indexing_as_of_an_array(images, key):
    if isinstance(key, list):
        key = np.array(key, np.int64)
    np.testing.assert_array_equal(images[key], IMAGES[key])


def test_mask_and_shape(images):
    mask = np.arange(1300) % 7 == 0
    np.testing.assert_array_equal(images[mask], IMAGES[mask])
    assert (images.shape, images.dtype, images.ndim, len(images)) == (IMAGES.shape, np.uint8, 3, 1300)
    np.testing.assert_array_equal(np.asarray(images), IMAGES)


def test_place_outside_is_refused(images):
    with pytest.raises(IndexError, match="image 1300 of 1300"):
        images[np.array([1300])]


def test_slice_of_a_map_keeps_its_place(path):
    part = np.load(path, mmap_mode="r")[100:900]
    shards = shards_of_map(part[50:])
    np.testing.assert_array_equal(StreamedImages(shards)[:], IMAGES[150:900])
    assert shards_of_map(part[::2]) is None


def test_whole_past_the_limit_is_refused(path):
    """1.4 million images by their number alone: nothing is read."""
    images = StreamedImages(ArrayShards(path, 0, 1_400_000))
    with pytest.raises(DataError, match=r"1,400,000 images are streamed from the disk, .* images\[:1000\]"):
        np.asarray(images)


def test_file_that_ends_early_is_named(path):
    images = StreamedImages(ArrayShards(path, 128, 1301))
    with pytest.raises(DataError, match=r"images\.npy: ends 784 bytes too early"):
        images[:]
    path.unlink()
    with pytest.raises(DataError, match=r"images\.npy: cannot be read \(No such file"):
        images[:]


def test_taken_images_are_read_by_a_plan_each_once(images):
    chosen = np.flatnonzero(np.arange(1300) % 3 > 0)
    part = images.take(chosen)
    seen = []
    for pixels, places in part.read(plan_fills(part.sizes, images=256, seed=(0,))):
        np.testing.assert_array_equal(pixels, IMAGES[chosen[places]])
        seen.extend(places.tolist())
    assert sorted(seen) == list(range(len(chosen)))


def test_few_rows_far_apart_are_read_alone(images):
    far = images.take(np.array([0, 511, 512, 1299]))
    np.testing.assert_array_equal(far[:], IMAGES[[0, 511, 512, 1299]])


def test_reading_stops_where_the_reader_stops(images):
    """A generator that is closed early leaves no thread and no open file."""
    fills = images.read(plan_fills(images.sizes, images=64, seed=(0,)))
    next(fills)
    fills.close()


def test_digest_tells_another_file_or_choice(path, images, tmp_path):
    labels = np.zeros(1300, np.int64)
    digest = data_digest(Split(images.as_array(), labels))
    (tmp_path / "elsewhere").mkdir()
    moved = path.rename(tmp_path / "elsewhere" / path.name)
    same = StreamedImages(ArrayShards(moved, 128, 1300))
    assert data_digest(Split(same.as_array(), labels)) == digest
    assert data_digest(Split(same.as_array(), labels + 1)) != digest
    assert same.take(np.arange(1299)).fingerprint != same.fingerprint
    changed = IMAGES.copy()
    changed[-1, 0, 0] += 1
    np.save(moved, changed)
    assert data_digest(Split(same.as_array(), labels)) != digest


def test_split_by_blocks_is_the_fraction_of_every_block():
    train, validation = split_blocks(200_000, fraction=0.1, seed=3)
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(200_000))
    counts = np.bincount(validation // 65_536)
    np.testing.assert_array_equal(counts, [6554, 6553, 6554, 339])  # round(196608 / 10) - round(131072 / 10)
    again, other = (split_blocks(200_000, fraction=0.1, seed=seed)[1] for seed in (3, 4))
    assert np.array_equal(again, validation)
    assert not np.array_equal(other, validation)


@pytest.mark.parametrize(
    ("fraction", "seed", "message"), [(1.0, 0, "fraction of 1.0"), (0.1, -1, "seed of -1")]
)
def test_split_by_blocks_of_nonsense_is_refused(fraction, seed, message):
    with pytest.raises(DataError, match=message):
        split_blocks(10, fraction=fraction, seed=seed)


def test_streamed_and_mapped_sets_are_split_by_blocks(path, images):
    labels = np.arange(1300) % 10
    expected = split_blocks(1300, fraction=0.1, seed=0)[1]
    for stored in (images.as_array(), np.load(path, mmap_mode="r")):
        found = split_train(Split(stored, labels), fraction=0.1, seed=0)[1]
        np.testing.assert_array_equal(found, expected)
    held = split_train(Split(IMAGES, labels), fraction=0.1, seed=0)[1]
    assert (np.bincount(labels[held]) == 13).all()


def test_sample_of_a_streamed_set_stands_for_it_and_says_so(images):
    split = Split(images.as_array(), np.arange(1300) % 10)
    dataset = Dataset(
        "mine", tuple("0123456789"), split, Split(IMAGES[:50], split.labels[:50]), {"test": "given"}
    )
    sample = sample_dataset(dataset, most=200)
    assert isinstance(sample.train.images, np.ndarray)
    assert len(sample.train) <= 200
    for image, label in zip(sample.train.images, sample.train.labels, strict=True):
        assert (IMAGES[label::10] == image).all(axis=(1, 2)).any()
    assert sample.test is dataset.test
    assert sample.notes["test"] == "given"
    assert "of 1,300 train images, from places spread over the shards" in sample.notes["sample"]
    assert sample_dataset(sample, most=10) is sample
