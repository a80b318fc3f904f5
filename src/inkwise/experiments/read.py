"""Pictures of handwriting -> the digits on them: `inkwise read`.

Nothing here imports PyTorch: a photo is read sooner than PyTorch would be loaded. Only a `run` needs it.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from inkwise.data.formats.paths import IMAGE_SUFFIXES, list_images, printable
from inkwise.errors import DataError, InkwiseError
from inkwise.handwriting.picture import Picture, Source, load_picture
from inkwise.handwriting.reader import Reading, Recogniser, read_picture
from inkwise.handwriting.recogniser import load_recogniser
from inkwise.reports.overlays import OverlayFolder
from inkwise.reports.reading import PictureReading, summarise

# Not readable, and yet a page somebody wants read: it must be said, not passed over as a note would be.
_SUFFIXES = IMAGE_SUFFIXES | {".heic", ".heif", ".pdf"}
MOST_BYTES = 500_000_000  # of standard input; a picture of 50 million pixels is smaller in every format
_MOST_WORKERS = 8


@dataclass(frozen=True)
class Answer:
    """One picture as it was read, with everything the reader saw.

    Attributes:
        path: as in PictureReading.
        picture, reading: None where it could not be read.
        error: why not, or None.
    """

    path: str
    picture: Picture | None = None
    reading: Reading | None = None
    error: str | None = None

    def summary(self) -> PictureReading:
        """Return what `inkwise read --json` prints of it."""
        if self.reading is not None:
            return summarise(self.path, self.reading)
        error = self.error or ""
        return PictureReading(path=self.path, lines=[], glyphs=[], warnings=[error], error=error)


def read(
    paths: Source | Iterable[Source],
    *,
    run: str | os.PathLike[str] | None = None,
    overlay: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[PictureReading]:
    """Yield the digits on every picture, in the order given; one that cannot be read does not stop the rest.

    Args:
        paths: pictures; folders, of which every picture at any depth is read in the order of names; "-" for
            the bytes of one picture on standard input. Also Pillow images, uint8 arrays (H, W) or
            (H, W, 3), and a file's bytes; one alone or several.
        run: a run folder or a classifier.safetensors to read with; None is the reader inkwise ships.
        overlay: a folder; every picture is drawn there with what was read on it and how.
        workers: pictures read at the same time; None is as many as the machine has cores, at most 8.
        on_progress: told how many pictures are done and how many there are.
    Raises:
        DataError: no path at all, or overlay is a folder that is being read.
        CheckpointError: there is no classifier in run.
        HandwritingError: the classifier in run does not tell the ten digits apart.
        OutputError: overlay cannot be written to.
    """
    folder = None if overlay is None else OverlayFolder(overlay)
    for answer in read_each(paths, run=run, overlay=folder, workers=workers, on_progress=on_progress):
        yield answer.summary()


def read_each(
    paths: Source | Iterable[Source],
    *,
    run: str | os.PathLike[str] | None = None,
    overlay: OverlayFolder | None = None,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Answer]:
    """Yield what read summarises, with the picture, its ink and the glyphs the recogniser saw.

    Args and Raises: as read.
    """
    recogniser = load_recogniser(run)
    found = list(_find(_several(paths), overlay=None if overlay is None else overlay.path))
    if not found:
        raise DataError("no picture to read; expected photos, scans, drawings, folders or '-'")
    if overlay is not None:
        overlay.spare(Path(one) for one in found if isinstance(one, str | os.PathLike))
    on_progress(0, len(found))
    answers = _in_order(found, recogniser, workers=workers)
    for done, answer in enumerate(answers, start=1):
        if overlay is not None and answer.picture is not None and answer.reading is not None:
            overlay.write(answer.path, answer.picture, answer.reading)
        on_progress(done, len(found))
        yield answer


def _several(paths: Source | Iterable[Source]) -> Iterable[Source]:
    is_one = isinstance(paths, str | bytes | os.PathLike | Image.Image | np.ndarray)
    return [paths] if is_one else paths  # type: ignore[return-value, list-item]


def _find(paths: Iterable[Source], *, overlay: Path | None) -> Iterator[Source | Answer]:
    """Yield the pictures to read; a folder that gives none is an answer already."""
    for given in paths:
        if not isinstance(given, str | os.PathLike) or not os.path.isdir(given):  # noqa: PTH112 - unlike Path it never raises
            yield given
            continue
        folder = Path(given)
        if overlay is not None and overlay.resolve() == folder.resolve():
            raise DataError(f"{printable(folder)}: would be read and drawn into; choose another --overlay")
        try:
            pictures, others = list_images(folder, suffixes=_SUFFIXES)
        except DataError as error:
            yield Answer(printable(folder), error=str(error))
            continue
        if overlay is not None:  # what an earlier call drew is no writing
            pictures = [path for path in pictures if overlay.absolute() not in path.absolute().parents]
        yield from pictures
        if not pictures:
            yield Answer(
                printable(folder),
                error=f"{printable(folder)}: no pictures in it ({others} other files); "
                "expected PNG, JPEG or the like, check the path",
            )


def _in_order(
    found: list[Source | Answer], recogniser: Recogniser, *, workers: int | None
) -> Iterator[Answer]:
    """Yield the answers in the order of found, a few of them at work at a time."""
    workers = min(workers or min(os.cpu_count() or 1, _MOST_WORKERS), len(found))
    if workers < 2:
        yield from (_answer(one, recogniser) for one in found)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Answer]] = deque()
    try:
        for one in found:
            waiting.append(pool.submit(_answer, one, recogniser))
            if len(waiting) > 2 * workers:  # so that few pictures are in memory at once
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(source: Source | Answer, recogniser: Recogniser) -> Answer:
    if isinstance(source, Answer):
        return source
    is_path = isinstance(source, str | os.PathLike)
    path = printable(source) if is_path else "picture"  # type: ignore[arg-type]
    try:
        if is_path and str(source) == "-":
            picture = load_picture(_standard_input(), name="standard input")
        else:
            picture = load_picture(source)
        return Answer(path, picture, read_picture(picture, recogniser))
    except InkwiseError as error:
        return Answer(path, error=str(error))
    except Exception as error:  # one odd picture must not cost a folder its answers
        return Answer(path, error=f"{path}: unexpected {type(error).__name__}: {error}; please report it")


def _standard_input() -> bytes:
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise DataError(
            f"standard input: more than {MOST_BYTES:,} bytes, expected one picture; give files by their path"
        )
    return raw
