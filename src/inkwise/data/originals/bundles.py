"""Files taken out of a download that holds several: the zip of EMNIST, the text tables of USPS."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.data.catalogue import Bundle, CatalogueFile
from inkwise.data.formats.paths import GZIP_MAGIC, printable
from inkwise.data.idx import idx_bytes
from inkwise.errors import DataError

TEXT_PIXELS = 256  # 16 x 16


def take_from_bundle(bundle: Bundle, source: Path, file: CatalogueFile) -> bytes:
    """Return one file of a bundle, as its bytes: packed out of a zip, unpacked out of a text table.

    Raises:
        DataError: the bundle is damaged or does not hold the file.
    """
    if bundle.kind == "zip":
        for _, _, raw in zip_members(source, [file], cure="get it again"):
            return raw
        raise DataError(f"{source.name}: holds no {file.packed_name}; expected the zip of all EMNIST files")
    images, labels = read_text_table(source.read_bytes(), name=source.name)
    return idx_bytes(images if file.role.endswith("images") else labels)


def zip_members(
    path: Path, files: Iterable[CatalogueFile], *, cure: str
) -> Iterator[tuple[CatalogueFile, str, bytes]]:
    """Yield each of files that a zip holds, in any folder, with its name there and its bytes.

    Raises:
        DataError: the zip is damaged; the message ends with cure.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = {member.rsplit("/", 1)[-1]: member for member in archive.namelist()}
            for file in files:
                member = names.get(file.packed_name) or names.get(file.name)
                if member is not None:
                    yield file, member, archive.read(member)  # compares the member's CRC-32
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{printable(path)}: no whole zip archive ({error}); {cure}") from error


def read_text_table(raw: bytes, *, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images and labels of a USPS text table.

    Each line is the label and 256 pixels v from -1 (paper) to 1 (ink), which become floor(255 (v+1)/2 + 1/2).

    Args:
        raw: the table, packed with gzip or not.
    Returns:
        images (N, 16, 16) uint8 and labels (N,) uint8.
    Raises:
        DataError: a line is not of that form.
    """
    try:
        text = gzip.decompress(raw) if raw.startswith(GZIP_MAGIC) else raw
        rows = np.loadtxt(io.BytesIO(text), ndmin=2)
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise DataError(f"{name}: no whole table of numbers ({error}); get it again") from error
    if rows.shape[1] != 1 + TEXT_PIXELS or np.abs(rows[:, 1:]).max() > 1:
        raise DataError(
            f"{name}: rows of {rows.shape[1]} numbers, expected a label and 256 pixels from -1 to 1; "
            "this is another table"
        )
    # exact in thousandths, so that a pixel halfway between two bytes does not depend on float rounding
    thousandths = np.rint(rows[:, 1:] * 1000).astype(np.int64) + 1000
    pixels = (255 * thousandths + 1000) // 2000
    return pixels.astype(np.uint8).reshape(-1, 16, 16), rows[:, 0].astype(np.uint8)
