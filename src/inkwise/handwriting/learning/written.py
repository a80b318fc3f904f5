"""Written images, kept once made: a minute or ten of two processors, and wanted again by every resume.

A file is named by what decides its content: the digits, the numbers asked for, and the source of all that
writes, photographs and brings back. A change of any of it makes new images.
"""

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from inkwise.data.dataset import Split
from inkwise.data.originals.stored import cache_root
from inkwise.errors import OutputError
from inkwise.files import write_atomically
from inkwise.handwriting.synthesis.training_images import make_training_images

MOST_KEPT = 4  # files; 60,000 images are 47 MB
_HANDWRITING = Path(__file__).parents[1]
# All else in this folder brings writing back from a picture.
_WITHOUT_EFFECT = ("corrections.py", "picture.py", "reader.py", "recogniser.py")


def written_images(
    digits: Split,
    *,
    count: int,
    seed: int,
    drawn: float = 0.5,
    outliers: float = 0.0,
    workers: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Split:
    """Return images written, photographed and brought back to MNIST's form; a label of -1 is no digit.

    Args:
        digits: those to draw again.
        count: how many to make.
        seed: of all chance.
        drawn: share of the digits drawn from strokes instead.
        outliers: share of all that is no digit.
        workers: processes; the images do not depend on it.
        on_progress: called with how many are made and count; not at all where they are kept from before.
    Raises:
        ShapeError: as make_training_images.
    """
    asked = (count, seed, drawn, outliers)
    path = cache_root() / "written" / f"{_fingerprint(digits, asked)}.npz"
    # A damaged file is as good as none.
    unreadable = contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile)
    with unreadable, np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
        path.touch()
        return Split(kept["images"], kept["labels"])
    images, labels = make_training_images(
        digits.images, digits.labels, count=count, seed=seed, workers=workers,
        parametric_share=drawn, outlier_share=outliers, on_progress=on_progress,
    )  # fmt: skip
    file = io.BytesIO()
    np.savez(file, images=images, labels=labels)
    # Images that cannot be kept are made again next time, nothing else.
    with contextlib.suppress(OutputError, OSError):
        write_atomically(path, file.getvalue())
        _remove_oldest(path.parent)
    return Split(images, labels)


def _fingerprint(digits: Split, asked: tuple[float, ...]) -> str:
    digest = hashlib.sha256(repr((digits.images.shape, asked)).encode())
    digest.update(digits.images.tobytes())
    digest.update(digits.labels.tobytes())
    for source in sorted(_sources()):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:24]


def _sources() -> Iterator[Path]:
    """Yield the modules that decide what a written image looks like."""
    yield from (_HANDWRITING / "synthesis").rglob("*.py")
    yield from (path for path in _HANDWRITING.glob("*.py") if path.name not in _WITHOUT_EFFECT)


def _remove_oldest(folder: Path) -> None:
    newest_first = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[MOST_KEPT:]:
        path.unlink(missing_ok=True)
