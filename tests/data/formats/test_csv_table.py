"""Tables of pixels: with and without header and labels, the fast way equal to the slow, and every bad row."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.data.formats.drawn import csv_text, numbered

from inkwise.data.formats.csv_table import _parse_digits, csv_layout, read_csv
from inkwise.data.formats.part import Memory, Part
from inkwise.data.formats.picture import fit_images
from inkwise.errors import DataError

IMAGES = numbered(4)
LABELS = [7, 0, 7, 3]


def load(folder: Path, text: str | bytes, *, limit_bytes: int = 1 << 30) -> Part:
    path = folder / "train.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, memory=Memory(folder / "maps", limit_bytes=limit_bytes))


def replaced(text: str, *, line: int, field: int, value: str) -> str:
    """Return text with one field changed; lines and fields count from 0."""
    lines = text.splitlines()
    fields = lines[line].split(",")
    fields[field] = value
    lines[line] = ",".join(fields)
    return "\n".join(lines)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_kaggle_table_is_read(tmp_path: Path, header: bool, delimiter: str) -> None:
    part = load(tmp_path, csv_text(IMAGES, LABELS, header=header, delimiter=delimiter))
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS
    assert part.notes == {}


@pytest.mark.parametrize("header", [True, False])
def test_table_without_labels_has_none(tmp_path: Path, header: bool) -> None:
    part = load(tmp_path, csv_text(IMAGES, None, header=header))
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is None


def test_names_as_labels(tmp_path: Path) -> None:
    part = load(tmp_path, csv_text(IMAGES, ["cat", "dog", "cat", "eel"], header=False))
    assert part.labels is not None
    assert part.labels.tolist() == ["cat", "dog", "cat", "eel"]


def test_columns_in_another_order_are_found(tmp_path: Path) -> None:
    """An id first and the label last, quoted: the slow way."""
    names = ",".join(["id", *(f"p{index}" for index in range(784)), '"label"'])
    rows = [
        ",".join([f"x{n}", *map(str, image.reshape(-1)), f'"{label}"'])
        for n, (image, label) in enumerate(zip(IMAGES, LABELS, strict=True))
    ]
    part = load(tmp_path, "\n".join([names, *rows]))
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS


def test_header_of_counted_columns_is_no_image(tmp_path: Path) -> None:
    """pandas names columns without names 0, 1, 2 ..."""
    text = ",".join(map(str, range(785))) + "\n" + csv_text(IMAGES, LABELS, header=False)
    assert len(load(tmp_path, text).images) == 4


@pytest.mark.parametrize("change", [b"\xef\xbb\xbf", b"gzip", b"\r\n", b"\n\n"])
def test_byte_order_mark_gzip_and_line_ends_are_taken(tmp_path: Path, change: bytes) -> None:
    raw = csv_text(IMAGES, LABELS).encode()
    if change == b"gzip":
        raw = gzip.compress(raw)
    elif change in (b"\r\n", b"\n\n"):
        raw = raw.replace(b"\n", change)
    else:
        raw = change + raw
    part = load(tmp_path, raw)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS


def test_byte_order_mark_is_no_part_of_the_first_label(tmp_path: Path) -> None:
    text = "\ufeff" + csv_text(IMAGES, LABELS, header=False)
    for raw in (text.encode(), gzip.compress(text.encode())):
        part = load(tmp_path, raw)
        np.testing.assert_array_equal(part.images, IMAGES)
        assert part.labels is not None
        assert part.labels.tolist() == LABELS


def test_lines_of_old_macs_are_refused_in_words(tmp_path: Path) -> None:
    text = csv_text(IMAGES, LABELS).replace("\r\n", "\n").replace("\n", "\r")
    with pytest.raises(DataError, match=r"train\.csv: lines that end in a carriage return alone"):
        load(tmp_path, text)


def test_other_squares_are_fitted_and_noted(tmp_path: Path) -> None:
    small = numbered(3, side=8)
    part = load(tmp_path, csv_text(small, [0, 1, 0]))
    np.testing.assert_array_equal(part.images, fit_images(small))
    assert part.notes["resize"].startswith("8x8 pixels, scaled as a whole")


def test_whole_floats_are_pixels(tmp_path: Path) -> None:
    part = load(tmp_path, replaced(csv_text(IMAGES, LABELS), line=2, field=5, value="12.0"))
    assert part.images[1].reshape(-1)[4] == 12


@given(hnp.arrays(np.uint8, st.integers(1, 40)))
def test_fast_parse_reads_what_was_written(values: np.ndarray) -> None:
    text = "," + ",".join(map(str, values)) + ","
    parsed = _parse_digits(np.frombuffer(text.encode(), np.uint8), mark=ord(","))
    assert parsed is not None
    np.testing.assert_array_equal(parsed, values)


@given(st.lists(st.text('0123456789.-+ eE"nan', max_size=4), min_size=1, max_size=6))
def test_fast_parse_takes_only_plain_pixels(fields: list[str]) -> None:
    plain = all(field.isdecimal() and len(field) <= 3 and int(field) <= 255 for field in fields)
    text = "," + ",".join(fields) + ","
    parsed = _parse_digits(np.frombuffer(text.encode(), np.uint8), mark=ord(","))
    assert (parsed is not None) == plain


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nan", r"train\.csv, line 3, column 6: nan is no pixel \(NaN\); fill or drop that row"),
        ("", r"line 3, column 6: an empty field is no pixel \(NaN\)"),
        ("256", r"line 3, column 6: pixel 256, expected a whole number from 0 to 255"),
        ("-1", r"line 3, column 6: pixel -1, expected a whole number"),
        ("0.5", r"pixel 0\.5, expected .* if the pixels run from 0 to 1, multiply them by 255 and round"),
        ("inf", r"pixel inf, expected a whole number"),
        ("abc", r"line 3, column 6: 'abc' is no number; expected a pixel from 0 to 255"),
        ("1,2", r"line 3: 786 columns, expected 785 as in the first row; mend that row"),
    ],
)
def test_bad_pixel_says_line_and_column(tmp_path: Path, value: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, replaced(csv_text(IMAGES, LABELS), line=2, field=5, value=value))


def test_ragged_rows_that_balance_are_still_seen(tmp_path: Path) -> None:
    """One column too many and one too few leave the total right."""
    lines = csv_text(IMAGES, LABELS).splitlines()
    lines[1], lines[2] = lines[1] + ",0", lines[2].rsplit(",", 1)[0]
    with pytest.raises(DataError, match="line 2: 786 columns, expected 785"):
        load(tmp_path, "\n".join(lines))


@pytest.mark.parametrize("value", ["", "nan"])
def test_missing_label_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(DataError, match="label 2 is empty or NaN"):
        load(tmp_path, replaced(csv_text(IMAGES, LABELS), line=2, field=0, value=value))


@pytest.mark.parametrize("header", [True, False])
def test_columns_that_make_no_square_are_refused(tmp_path: Path, header: bool) -> None:
    with pytest.raises(DataError, match=r"pixel columns are no square; expected 784 \(28x28\) or another"):
        load(tmp_path, csv_text(IMAGES[:, :28, :27], LABELS, header=header))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the table is empty; expected one row an image"),
        (csv_text(IMAGES[:0], [], header=True).encode(), "a header but no rows; expected one row an image"),
        (b"label,a,b,c,d\n1,2,3,4,\xff", "line 2: text that is no UTF-8"),
        (gzip.compress(b"1,2,3,4" * 100, mtime=0)[:-12], "cannot be read .* expected a readable table"),
        (gzip.compress(b"1,2", mtime=0)[:10] + b"\xff" * 20, r"cannot be read \(.*invalid block type\)"),
    ],
)
def test_unreadable_table_says_why(tmp_path: Path, text: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, text)


def test_layout_tells_label_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,label,c,d\n")
    layout = csv_layout(tmp_path / "a.csv")
    assert layout.label_column == 2
    assert layout.pixel_columns == (0, 1, 3, 4)


def test_past_the_limit_is_mapped(tmp_path: Path) -> None:
    part = load(tmp_path, csv_text(IMAGES, ["a", "b", "a", "b"]), limit_bytes=100)
    assert isinstance(part.images, np.memmap)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == ["a", "b", "a", "b"]
