"""Pictures of handwriting -> the digits on them: `inkwise read`.

Nothing here imports PyTorch: a photo is read sooner than PyTorch would be loaded. Only a `run` needs it.
"""

import multiprocessing
import os
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image

from inkwise.cores import num_cores
from inkwise.data.formats.paths import list_images, printable, visible
from inkwise.errors import DataError, HandwritingError, InkwiseError
from inkwise.handwriting.picture import SUFFIXES, Picture, Source, load_picture
from inkwise.handwriting.reader import Reading, read_picture
from inkwise.handwriting.recogniser import Recogniser, load_recogniser
from inkwise.reports.overlays import OverlayFolder
from inkwise.reports.reading import PictureReading, summarise

_LEAST_FOR_PROCESSES, _CHUNK = 100, 8  # pictures: a process takes half a second to start
MOST_BYTES = 500_000_000  # of standard input; a picture of 50 million pixels is smaller in every format
_MOST_WORKERS = 8

Progress = Callable[[int, int], None]
_Result = TypeVar("_Result")


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
        return PictureReading.unread(self.path, self.error or "")


def read(
    paths: Source | Iterable[Source],
    *,
    run: str | os.PathLike[str] | None = None,
    overlay: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    processes: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> Iterator[PictureReading]:
    """Yield the digits on every picture, in the order given; one that cannot be read does not stop the rest.

    Args:
        paths: pictures; folders, of which every picture at any depth is read in the order of names; "-" for
            the bytes of one picture on standard input. Also Pillow images, uint8 arrays (H, W) or
            (H, W, 3), and a file's bytes; one alone or several.
        run: a run folder or a classifier.safetensors to read with; None is the reader inkwise ships.
        overlay: a folder; every picture is drawn there with what was read on it and how.
        workers: pictures read at the same time; None is as many as the machine has cores, at most 8.
        processes: whether 100 pictures or more are read by processes and not threads, which is quicker where
            they are small; a script that asks for it needs `if __name__ == "__main__":`. Not with overlay.
        on_progress: told how many pictures are done and how many there are.
    Raises:
        DataError: no path at all, or overlay is a folder that is being read.
        CheckpointError: there is no classifier in run.
        HandwritingError: the classifier in run does not tell the ten digits apart.
        OutputError: overlay cannot be written to.
    """
    folder = None if overlay is None else OverlayFolder(overlay)
    found = _find_all(paths, overlay=folder)
    if processes and folder is None and _is_for_processes(found, workers):
        load_recogniser(run)  # what is wrong with it is said here, once
        readings = _in_processes(found, run, workers=_num_workers(found, workers))
    else:
        answers = _answers(found, run=run, overlay=folder, workers=workers)
        readings = (answer.summary() for answer in answers)
    yield from _reported(readings, len(found), on_progress)


def read_each(
    paths: Source | Iterable[Source],
    *,
    run: str | os.PathLike[str] | None = None,
    overlay: OverlayFolder | None = None,
    workers: int | None = None,
    on_progress: Progress = lambda done, total: None,
) -> Iterator[Answer]:
    """Yield what read summarises, with the picture, its ink and the glyphs the recogniser saw.

    Args and Raises: as read.
    """
    found = _find_all(paths, overlay=overlay)
    answers = _answers(found, run=run, overlay=overlay, workers=workers)
    yield from _reported(answers, len(found), on_progress)


def _reported(results: Iterator[_Result], total: int, on_progress: Progress) -> Iterator[_Result]:
    on_progress(0, total)
    for done, result in enumerate(results, start=1):
        on_progress(done, total)
        yield result


def _find_all(paths: Source | Iterable[Source], *, overlay: OverlayFolder | None) -> list[Source | Answer]:
    """Return the pictures to read, at least one; the drawings of overlay are none of them.

    Raises:
        DataError: there is none, or overlay is a folder that would be read.
    """
    found = list(_find(_several(paths), overlay=None if overlay is None else overlay.path))
    if not found:
        raise DataError("no picture to read; expected photos, scans, drawings, folders or '-'")
    if overlay is not None:
        overlay.spare(Path(one) for one in found if isinstance(one, str | os.PathLike))
    return found


def _answers(
    found: list[Source | Answer],
    *,
    run: str | os.PathLike[str] | None,
    overlay: OverlayFolder | None,
    workers: int | None,
) -> Iterator[Answer]:
    for answer in _in_threads(found, load_recogniser(run), workers=_num_workers(found, workers)):
        if overlay is not None and answer.picture is not None and answer.reading is not None:
            overlay.write(answer.path, answer.picture, answer.reading)
        yield answer


def _several(paths: Source | Iterable[Source]) -> Iterable[Source]:
    is_one = isinstance(paths, str | bytes | os.PathLike | Image.Image | np.ndarray)
    return [paths] if is_one else paths  # type: ignore[return-value, list-item]


def _find(paths: Iterable[Source], *, overlay: Path | None) -> Iterator[Source | Answer]:
    """Yield the pictures to read; a folder that gives none is an answer already."""
    for given in paths:
        if not isinstance(given, str | os.PathLike) or not os.path.isdir(given):  # noqa: PTH112 - never raises
            yield given
            continue
        folder = Path(given)
        if overlay is not None and overlay.resolve() == folder.resolve():
            raise DataError(f"{printable(folder)}: would be read and drawn into; choose another --overlay")
        try:
            pictures, others = list_images(folder, suffixes=SUFFIXES)
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


def _num_workers(found: list[Source | Answer], workers: int | None) -> int:
    return min(workers or min(num_cores(), _MOST_WORKERS), len(found))


def _in_threads(found: list[Source | Answer], recogniser: Recogniser, *, workers: int) -> Iterator[Answer]:
    """Yield the answers in the order of found, a few of them at work at a time."""
    if workers < 2:
        yield from (_answer(one, recogniser) for one in found)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[Answer]] = deque()
    usual = cv2.getNumThreads()
    cv2.setNumThreads(1)  # threads of its own for each of ours would wait for one another
    try:
        for one in found:
            waiting.append(pool.submit(_answer, one, recogniser))
            if len(waiting) > 2 * workers:  # so that few pictures are in memory at once
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(usual)


def _is_for_processes(found: list[Source | Answer], workers: int | None) -> bool:
    """Return whether there is so much to read that starting processes pays, and all of it lies in files."""
    are_files = (isinstance(one, str | os.PathLike | Answer) and str(one) != "-" for one in found)
    return len(found) >= _LEAST_FOR_PROCESSES and _num_workers(found, workers) > 1 and all(are_files)


def _in_processes(
    found: list[Source | Answer], run: str | os.PathLike[str] | None, *, workers: int
) -> Iterator[PictureReading]:
    """Yield the readings in the order of found; Python runs one thread at a time, but several processes."""
    # A fresh interpreter each: a copy of this one may have threads that do not survive copying.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_worker, initargs=(run,))
    try:
        yield from pool.map(_read_in_worker, found, chunksize=_CHUNK)
    except BrokenProcessPool:
        raise HandwritingError(
            f"one of {workers} processes that read ended early, expected all to go on; it lacked memory, or "
            'the script that asks for processes lacks `if __name__ == "__main__":`; leave processes out'
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_worker_recogniser: list[Recogniser] = []  # of this process, where it is a worker


def _begin_worker(run: str | os.PathLike[str] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that was started by a person
    warnings.filterwarnings("ignore", module="PIL")
    cv2.setNumThreads(1)
    _worker_recogniser.append(load_recogniser(run))


def _read_in_worker(one: Source | Answer) -> PictureReading:
    return _answer(one, _worker_recogniser[0]).summary()


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
        return Answer(path, error=visible(str(error)))
    except Exception as error:  # one odd picture must not cost a folder its answers
        reason = f"{path}: unexpected {type(error).__name__}: {error}; please report it"
        return Answer(path, error=visible(reason))


def _standard_input() -> bytes:
    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise DataError(
            f"standard input: more than {MOST_BYTES:,} bytes, expected one picture; give files by their path"
        )
    return raw
