"""A table of pixels as text, one image a row, as Kaggle gives MNIST: with or without header and labels.

Pixels are whole numbers from 0 to 255; fractions are refused, for nothing tells their scale. The label is the
column named `label`; without a header it is the first column when one more than a square is there. Columns
named `id`, `index` or nothing are passed over. Plain rows are read at the speed of numpy, others one by one.
"""

import csv
import gzip
import math
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.data.formats.labels import labels_from_text
from inkwise.data.formats.part import Labels, Memory, Part, hold
from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.data.formats.picture import RESIZE_NOTE, fit_images
from inkwise.errors import DataError

_CHUNK_ROWS = 2048
_PASSED_OVER = {"", "id", "index", "unnamed: 0", "imageid"}
_MIN_PIXELS = 4


@dataclass(frozen=True)
class CsvLayout:
    """Where a table's columns are.

    Attributes:
        delimiter: comma, semicolon or tab.
        has_header: whether the first row names the columns.
        num_columns: columns of each row.
        label_column: None where the table has no labels.
        pixel_columns: at their positions, row by row of the image.
    """

    delimiter: str
    has_header: bool
    num_columns: int
    label_column: int | None
    pixel_columns: tuple[int, ...]

    @property
    def side(self) -> int:
        """Pixels of a side of each image."""
        return math.isqrt(len(self.pixel_columns))

    @property
    def is_plain(self) -> bool:
        """Whether the columns are pixels alone, or the label and then pixels: what can be read fast."""
        return self.num_columns == len(self.pixel_columns) + (self.label_column == 0)


def read_csv(path: Path, *, memory: Memory) -> Part:
    """Return the images of a table, with labels where it has them.

    Raises:
        DataError: no table of square images, or a row with too few columns, NaN, or no pixel value; the
            message names the row and column.
    """
    name = printable(path)
    layout, num_images = _survey(path, name=name)
    if not num_images:
        raise DataError(f"{name}: a header but no rows; expected one row an image, get the file again")
    part = hold(
        num_images, partial(_fill, path=path, layout=layout, memory=memory), sources=[path], memory=memory
    )
    is_resized = layout.side != IMAGE_SIZE
    notes = {"resize": f"{layout.side}x{layout.side} pixels, {RESIZE_NOTE}"} if is_resized else {}
    return Part(part.images, part.labels, notes=notes, sources=part.sources)


def csv_layout(path: Path) -> CsvLayout:
    """Return where the columns of a table are, from its first row.

    Raises:
        DataError: the file cannot be read, is empty, or the pixel columns make no square.
    """
    with _open_lines(path) as lines:
        first = next(lines, b"")
    text = _decode(first, name=printable(path))
    if not text.strip():
        raise DataError(f"{printable(path)}: the table is empty; expected one row an image, get it again")
    if "\r" in text.rstrip("\r\n"):
        raise DataError(
            f"{printable(path)}: lines that end in a carriage return alone, as old Macs wrote them; "
            "expected line feeds, save the table as CSV for Windows or Unix"
        )
    delimiter = next((mark for mark in ",;\t" if mark in text), ",")
    names = next(csv.reader([text], delimiter=delimiter))
    return _layout(names, delimiter, name=printable(path))


def _layout(names: list[str], delimiter: str, *, name: str) -> CsvLayout:
    has_header = _is_header(names)
    columns = list(range(len(names)))
    label: int | None = None
    if has_header and not _is_counting(names):
        lowered = [column.strip().lower() for column in names]
        label = lowered.index("label") if "label" in lowered else None
        columns = [index for index in columns if lowered[index] not in _PASSED_OVER and index != label]
    elif not _is_square(len(names)) and _is_square(len(names) - 1):
        label, columns = 0, columns[1:]
    if not _is_square(len(columns)):
        raise DataError(
            f"{name}: {len(columns)} pixel columns are no square; expected {IMAGE_SIZE**2} (28x28) or "
            "another square, and before them one column named label or none; remove the other columns"
        )
    return CsvLayout(delimiter, has_header, len(names), label, tuple(columns))


def _is_header(names: list[str]) -> bool:
    """Tell a row of names from a row of pixels, where at most one field, the label, is no number."""
    return _is_counting(names) or sum(not _is_number(field) for field in names) > 1 or "label" in names


def _is_counting(names: list[str]) -> bool:
    """Tell whether the fields are 0, 1, 2 ..., as pandas heads columns that have no names."""
    return len(names) > _MIN_PIXELS and names == [str(index) for index in range(len(names))]


def _is_number(field: str) -> bool:
    try:
        float(field or "nan")
    except ValueError:
        return False
    return True


def _is_square(count: int) -> bool:
    return count >= _MIN_PIXELS and math.isqrt(count) ** 2 == count


def _survey(path: Path, *, name: str) -> tuple[CsvLayout, int]:
    """Return the layout and the number of rows, which must be known before room for them is taken."""
    layout = csv_layout(path)
    with _open_lines(path) as lines:
        num_rows = sum(1 for line in lines if line.strip())
    return layout, num_rows - layout.has_header


def _fill(images: NDArray[np.uint8], *, path: Path, layout: CsvLayout, memory: Memory) -> Labels | None:
    name = printable(path)
    labels: list[str] = []
    with _open_lines(path) as lines:
        rows = (line for line in enumerate(lines, 1) if line[1].strip())
        done = 0
        for chunk in _chunks(islice(rows, int(layout.has_header), None)):
            pixels, found = _read_chunk(chunk, layout, name=name)
            images[done : done + len(chunk)] = fit_images(pixels, name=name)
            labels += found
            done += len(chunk)
            memory.report(done, len(images))
    return labels_from_text(labels, name=name) if layout.label_column is not None else None


def _chunks(rows: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        yield chunk


def _read_chunk(
    chunk: list[tuple[int, bytes]], layout: CsvLayout, *, name: str
) -> tuple[NDArray[np.uint8], list[str]]:
    """Return (n, side, side) uint8 and n labels ([] where there are none)."""
    fast = _read_plain([line for _, line in chunk], layout)
    if fast is not None:
        pixels, labels = fast
        return pixels.reshape(len(chunk), layout.side, layout.side), [
            _decode(raw, name=name) for raw in labels
        ]
    slow = np.empty((len(chunk), len(layout.pixel_columns)), np.uint8)
    texts: list[str] = []
    for index, (line_number, line) in enumerate(chunk):
        place = f"{name}, line {line_number}"
        fields = next(csv.reader([_decode(line, name=place)], delimiter=layout.delimiter))
        slow[index] = _read_row(fields, layout, place=place)
        if layout.label_column is not None:
            texts.append(fields[layout.label_column].strip())
    return slow.reshape(len(chunk), layout.side, layout.side), texts


def _read_plain(lines: list[bytes], layout: CsvLayout) -> tuple[NDArray[np.uint8], list[bytes]] | None:
    """Read rows that hold nothing but numbers of one to three digits; None where any does not."""
    comma = layout.delimiter.encode()
    if not layout.is_plain or any(line.count(comma) != layout.num_columns - 1 for line in lines):
        return None
    rows, labels = [line.rstrip(b"\r\n") for line in lines], []
    if layout.label_column == 0:
        parts = [row.split(comma, 1) for row in rows]
        labels, rows = [part[0] for part in parts], [part[1] for part in parts]
        if any(b'"' in label for label in labels):
            return None
    text = np.frombuffer(comma + comma.join(rows) + comma, np.uint8)
    values = _parse_digits(text, mark=ord(comma))
    return None if values is None else (values, labels)


def _parse_digits(text: NDArray[np.uint8], *, mark: int) -> NDArray[np.uint8] | None:
    """Return the numbers between marks as uint8, or None if any is not of one to three digits up to 255."""
    marks = np.flatnonzero(text == mark)
    lengths = np.diff(marks) - 1
    digits = text - np.uint8(ord("0"))  # anything below "0" wraps round to a large number
    digits[marks] = 0
    if lengths.min() < 1 or lengths.max() > 3 or digits.max() > 9:
        return None
    ends = marks[1:]
    values = digits[ends - 1].astype(np.uint16)
    values += digits[ends - 2] * np.uint16(10)  # the mark before a number of one digit counts as 0
    values += np.where(lengths == 3, digits[ends - 3], 0) * np.uint16(100)
    return values.astype(np.uint8) if values.max() <= 255 else None


def _read_row(fields: list[str], layout: CsvLayout, *, place: str) -> list[int]:
    if len(fields) != layout.num_columns:
        raise DataError(
            f"{place}: {len(fields)} columns, expected {layout.num_columns} as in the first row; "
            "mend that row"
        )
    return [_pixel(fields[column], place=f"{place}, column {column + 1}") for column in layout.pixel_columns]


def _pixel(field: str, *, place: str) -> int:
    try:
        value = float(field or "nan")
    except ValueError:
        raise DataError(f"{place}: {field!r} is no number; expected a pixel from 0 to 255") from None
    if math.isnan(value):
        raise DataError(
            f"{place}: {field.strip() or 'an empty field'} is no pixel (NaN); fill or drop that row"
        )
    if not 0 <= value <= 255 or value != int(value):
        raise DataError(
            f"{place}: pixel {field.strip()}, expected a whole number from 0 to 255; "
            "if the pixels run from 0 to 1, multiply them by 255 and round"
        )
    return int(value)


@contextmanager
def _open_lines(path: Path) -> Iterator[Iterator[bytes]]:
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            lines = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if is_packed else raw
            if lines.read(len(BOM_UTF8)) != BOM_UTF8:  # which a spreadsheet puts before the first field
                lines.seek(0)
            yield iter(lines)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{printable(path)}: cannot be read ({reason}); expected a readable table") from error


def _decode(raw: bytes, *, name: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"{name}: text that is no UTF-8; expected a table in UTF-8, save it so") from None
