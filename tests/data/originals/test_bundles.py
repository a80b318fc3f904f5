"""Files out of the EMNIST zip and out of the USPS text tables."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.data.tiny_sets import tiny_set

from inkwise.data.catalogue import Bundle
from inkwise.data.idx import read_idx
from inkwise.data.originals.bundles import read_text_table, take_from_bundle
from inkwise.errors import DataError

ZIP = Bundle(kind="zip", file_name="gzip.zip", folder="tiny", size_bytes=1, sha256="", mirrors=())
TEXT = Bundle(kind="text", file_name="zip.train.gz", folder="tiny", size_bytes=1, sha256="", mirrors=())


def table(rows: list[tuple[int, list[float]]]) -> bytes:
    return "".join(
        f"{label}.0000 " + " ".join(f"{v:.4f}" for v in row) + " \n" for label, row in rows
    ).encode()


def test_member_of_a_zip_comes_out_as_published(tmp_path: Path) -> None:
    entry, files = tiny_set()
    path = tmp_path / "gzip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"gzip/{name}", content)
    for file in entry.files:
        assert take_from_bundle(ZIP, path, file) == files[file.packed_name]


def test_zip_without_the_file_is_refused(tmp_path: Path) -> None:
    entry, _ = tiny_set()
    path = tmp_path / "gzip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gzip/other.gz", b"")
    with pytest.raises(DataError, match=r"gzip.zip: holds no train-images-idx3-ubyte.gz"):
        take_from_bundle(ZIP, path, entry.files[0])
    path.write_bytes(b"PK no zip")
    with pytest.raises(DataError, match=r"gzip.zip: no whole zip archive"):
        take_from_bundle(ZIP, path, entry.files[0])


def test_text_table_rounds_to_the_nearest_byte() -> None:
    """255 (v+1)/2 + 1/2, cut off: -1 gives 0.5, -0.631 gives 47.5, 0 gives 128, 0.862 gives 237.9."""
    raw = table([(6, [-1.0, -0.631, 0.0, 0.862, 1.0] + [-1.0] * 251)])
    images, labels = read_text_table(raw, name="zip.train")
    assert images.shape == (1, 16, 16)
    assert images.dtype == labels.dtype == np.uint8
    assert images[0, 0, :5].tolist() == [0, 47, 128, 237, 255]
    assert labels.tolist() == [6]


def test_first_row_of_the_real_table_gives_the_real_image(real_data) -> None:  # type: ignore[no-untyped-def]
    """The start of zip.train as the book's web site has it, beside the first image of the IDX file."""
    start = [-1.0] * 7 + [-0.631, 0.862, -0.167] + [-1.0] * 6
    images, _ = read_text_table(table([(6, start + [-1.0] * 240)]), name="zip.train")
    real = read_idx(real_data("usps") / "train-images-idx3-ubyte.gz")
    assert np.array_equal(images[0, 0], real[0, 0])


def test_text_bundle_gives_idx_files(tmp_path: Path) -> None:
    entry, _ = tiny_set()
    path = tmp_path / "zip.train.gz"
    path.write_bytes(gzip.compress(table([(3, [-1.0] * 256), (4, [1.0] * 256)])))
    images = read_idx(take_from_bundle(TEXT, path, entry.files[0]))
    labels = read_idx(take_from_bundle(TEXT, path, entry.files[1]))
    assert images.shape == (2, 16, 16)
    assert labels.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"1 2 3\n", "rows of 3 numbers, expected a label and 256 pixels"),
        (table([(1, [2.0] * 256)]), "pixels from -1 to 1"),
        (b"6 one two\n", "no whole table of numbers"),
        (gzip.compress(table([(1, [0.0] * 256)]), mtime=0)[:20], "no whole table of numbers"),
    ],
)
def test_other_table_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_text_table(raw, name="zip.train.gz")
