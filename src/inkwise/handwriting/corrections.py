"""What a person said their glyphs are: a small SQLite file, from which the reader learns their hand.

One row a glyph: its 28x28, the right digit, what had been read. The same glyph again replaces its row, so
that a correction can be corrected. Nothing leaves the machine.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from inkwise.errors import HandwritingError, OutputError
from inkwise.handwriting.picture import Source, load_picture
from inkwise.handwriting.reader import ReadGlyph, Reading, read_picture
from inkwise.handwriting.recogniser import load_recogniser

_PIXELS = 28 * 28
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS glyphs (
    digest TEXT PRIMARY KEY,
    image BLOB NOT NULL CHECK (length(image) = {_PIXELS}),
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9),
    read_as INTEGER NOT NULL,
    probability REAL NOT NULL,
    picture TEXT NOT NULL,
    added TEXT NOT NULL
)
"""
_ROW = "INSERT OR REPLACE INTO glyphs VALUES (?, ?, ?, ?, ?, ?, ?)"


def corrections_path() -> Path:
    """Return where corrections are kept: $INKWISE_CORRECTIONS, or a file among the user's data."""
    given = os.environ.get("INKWISE_CORRECTIONS")
    return Path(given) if given else platformdirs.user_data_path("inkwise") / "corrections.sqlite"


def correct(
    source: Source,
    text: str,
    *,
    run: str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
) -> int:
    """Read a picture, keep its glyphs with the digits that text says they are; return how many were misread.

    `inkwise train --from-corrections` then teaches them to the reader.

    Args:
        source: a picture, as read takes it.
        text: the right digits in reading order, such as "1729"; spaces and | do not count.
        run: whose reading is corrected; None is the shipped reader's.
        path: of the store; None is corrections_path().
    Raises:
        DataError: the picture cannot be read.
        HandwritingError: text and what was found do not go together, or path is no store of corrections.
        OutputError: the store cannot be written.
    """
    picture = load_picture(source)
    pairs = pair_glyphs(read_picture(picture, load_recogniser(run)), text)
    return add_corrections(pairs, picture=picture.name, path=path)


def pair_glyphs(reading: Reading, text: str) -> list[tuple[ReadGlyph, int]]:
    """Return each glyph in the lines of reading with the digit that text says it is.

    Args:
        text: the right digits in reading order; spaces and | between lines do not count.
    Raises:
        HandwritingError: text holds anything but digits, or not as many as glyphs were found.
    """
    digits = [character for character in text if not character.isspace() and character != "|"]
    if not digits or not all(digit in "0123456789" for digit in digits):
        raise HandwritingError(f"{text!r}: expected the digits on the picture, 0 to 9, such as 1729")
    glyphs = [glyph for glyph in reading.glyphs if glyph.line >= 0]
    if len(glyphs) != len(digits):
        read = " ".join(reading.lines) or "nothing"
        given, found = (f"{len(several)} digit{'s' * (len(several) != 1)}" for several in (digits, glyphs))
        raise HandwritingError(
            f"{text!r}: {given}, but {found} found ({read}), and which is which nobody could tell; give one "
            "for each that was found, or cut the picture so that all are found one by one"
        )
    return [(glyph, int(digit)) for glyph, digit in zip(glyphs, digits, strict=True)]


def add_corrections(
    pairs: Sequence[tuple[ReadGlyph, int]], *, picture: str, path: str | os.PathLike[str] | None = None
) -> int:
    """Keep glyphs with their right digits, all or none, and return how many were read wrongly.

    Args:
        pairs: as pair_glyphs returns them.
        picture: its path, to find it again.
        path: of the SQLite file; None is corrections_path().
    Raises:
        HandwritingError: a label is no digit, an image not 28x28, or the file no store of corrections.
        OutputError: it cannot be written.
    """
    for glyph, label in pairs:
        if label not in range(10) or glyph.image.shape != (28, 28):
            raise HandwritingError(
                f"label {label} of an image {glyph.image.shape}: expected a digit, 0 to 9, of (28, 28); "
                "none of the glyphs was kept, correct it and add them again"
            )
    added = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [
        (
            hashlib.sha256(glyph.image.tobytes()).hexdigest(),
            glyph.image.tobytes(),
            label,
            glyph.label,
            glyph.probability,
            picture,
            added,
        )
        for glyph, label in pairs
    ]
    with _opened(_store(path)) as store:
        store.executemany(_ROW, rows)
    return sum(glyph.label != label for glyph, label in pairs)


def check_store(path: str | os.PathLike[str] | None = None) -> None:
    """Raise what add_corrections would of a store that is damaged or cannot be opened; none is made."""
    path = _store(path)
    if path.exists():
        with _opened(path):
            pass


def load_corrections(
    path: str | os.PathLike[str] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return all corrected glyphs, images (N, 28, 28) uint8 and labels (N,) int64, in the order of adding.

    Raises:
        HandwritingError: there are none, or the file is no store of corrections.
    """
    path = _store(path)
    rows: list[tuple[bytes, int]] = []
    if path.is_file():
        with _opened(path) as store:
            rows = store.execute("SELECT image, label FROM glyphs ORDER BY added, rowid").fetchall()
    if not rows:
        raise HandwritingError(
            f"{path}: no corrections yet; read a picture with: inkwise read --correct PHOTO"
        )
    images = np.frombuffer(b"".join(image for image, _ in rows), np.uint8).reshape(-1, 28, 28)
    return images, np.array([label for _, label in rows], np.int64)


def _store(path: str | os.PathLike[str] | None) -> Path:
    return corrections_path() if path is None else Path(path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the store for one transaction: all of it is kept, or nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as store, store:
            store.execute(_SCHEMA)
            yield store
    except sqlite3.OperationalError as error:
        raise OutputError(f"{path}: cannot be written ({error}); check the folder and the disk") from error
    except sqlite3.DatabaseError as error:
        raise HandwritingError(
            f"{path}: no store of corrections ({error}); move the file away, a new one will be made"
        ) from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); check the folder") from error
