"""Training images by the way that reading takes: written, photographed, and brought back to MNIST's form.

What the reader will see is what it learns from. Half of the digits are parametric strokes, in ways of
writing that MNIST does not hold; half are the given MNIST digits drawn again with other pens.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.errors import ShapeError
from inkwise.handwriting.ink import find_ink
from inkwise.handwriting.normalise import normalise_glyph
from inkwise.handwriting.synthesis.character import Character, Tile, cover, cut_apart
from inkwise.handwriting.synthesis.outliers import NO_DIGIT, outlier_tile
from inkwise.handwriting.synthesis.picture import Shot, take_picture
from inkwise.handwriting.synthesis.redrawn import SIDE
from inkwise.handwriting.synthesis.strokes import NUM_DIGITS, write_digit

_CHUNK = 400  # images a task; the result depends on it, not on the number of workers
_ATTEMPTS = 4  # pictures whose ink is not found are taken again, at most so often
_LEAST_FOUND = 0.7  # of the ink must be found for a picture to count
_CUT_SHARE = 0.05  # of the digits look as if they were cut off a neighbour that they touched
_MOST_FALSE = 0.2  # of what is found may be no ink
Labelled = tuple[NDArray[np.uint8], NDArray[np.int64]]


@dataclass(frozen=True)
class _Task:
    """What one call of a worker makes: images and labels are MNIST digits to draw again, one an image."""

    seed: tuple[int, int]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    parametric_share: float
    outlier_share: float


def make_training_images(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    count: int,
    seed: int,
    workers: int = 2,
    parametric_share: float = 0.5,
    outlier_share: float = 0.12,
    on_progress: Callable[[int, int], None] | None = None,
) -> Labelled:
    """Return images as the recogniser meets them when it reads pictures, and their labels.

    The same arguments give the same images, whatever the number of workers.

    Args:
        images: (N, 28, 28) uint8, MNIST's training digits; N may be 0 where parametric_share is 1.
        labels: (N,) 0..9.
        count: how many to make.
        seed: of all chance.
        workers: processes; 1: none but this one.
        parametric_share: of the digits, drawn from strokes; the others are given ones drawn again.
        outlier_share: of all images, no digits.
        on_progress: called with how many are done and count.
    Returns:
        images (count, 28, 28) uint8 and labels (count,) int64: 0..9, or -1 for what is no digit.
    Raises:
        ShapeError: images and labels do not fit, or a share or a number is out of range.
    """
    _check(images, labels, count=count, workers=workers, shares=(parametric_share, outlier_share))
    tasks = _tasks(images, labels, count=count, seed=seed, shares=(parametric_share, outlier_share))
    made = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    named = np.empty(count, dtype=np.int64)
    done = 0
    for part, part_labels in _performed(tasks, workers):
        made[done : done + len(part)], named[done : done + len(part)] = part, part_labels
        done += len(part)
        if on_progress:
            on_progress(done, count)
    return made, named


def _check(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    count: int,
    workers: int,
    shares: tuple[float, float],
) -> None:
    if images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise ShapeError(
            f"images and labels are {images.shape} {images.dtype} and {labels.shape}; "
            "expected (N, 28, 28) uint8 and (N,), pass a digit data set's images and labels"
        )
    if count < 0 or workers < 1:
        raise ShapeError(f"count is {count} and workers {workers}; expected at least 0 and 1")
    if not all(0 <= share <= 1 for share in shares):
        raise ShapeError(f"shares are {shares[0]} and {shares[1]}; expected fractions from 0 to 1")
    if not len(images) and shares[0] < 1:
        raise ShapeError("images holds none, expected digits to draw again; give some or parametric_share=1")


def _tasks(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    count: int,
    seed: int,
    shares: tuple[float, float],
) -> Iterator[_Task]:
    for start in range(0, count, _CHUNK):
        number, size = start // _CHUNK, min(_CHUNK, count - start)
        chosen = np.random.default_rng((seed, number, 1)).integers(max(1, len(images)), size=size)
        given = images[chosen] if len(images) else np.zeros((size, SIDE, SIDE), dtype=np.uint8)
        given_labels = labels[chosen] if len(labels) else np.zeros(size, dtype=np.int64)
        yield _Task((seed, number), given, given_labels, *shares)


def _performed(tasks: Iterator[_Task], workers: int) -> Iterator[Labelled]:
    if workers == 1:
        yield from map(_perform, tasks)
        return
    # A fresh interpreter: a copy of this one may have threads of torch or OpenCV that do not survive copying.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.map(_perform, tasks)


def _perform(task: _Task) -> Labelled:
    generator = np.random.default_rng(task.seed)
    images = np.empty((len(task.labels), SIDE, SIDE), dtype=np.uint8)
    labels = np.empty(len(task.labels), dtype=np.int64)
    for number in range(len(labels)):
        images[number], labels[number] = _one(task, number, generator)
    return images, labels


def _one(task: _Task, number: int, generator: np.random.Generator) -> tuple[NDArray[np.uint8], int]:
    """Return one image and its label."""

    def draw_digit(at: int) -> tuple[Character, int]:
        if generator.random() < task.parametric_share:
            label = int(generator.integers(NUM_DIGITS))
            return write_digit(label, generator), label
        return task.images[at], int(task.labels[at])

    if generator.random() < task.outlier_share:
        return _photographed(_outlier(draw_digit, len(task.labels), generator), generator), NO_DIGIT
    character, label = draw_digit(number)
    draw_tile = _drawing(character)
    # A slim piece beside a bare 1 makes another character of it.
    if label != 1 and generator.random() < _CUT_SHARE:
        neighbour, _ = draw_digit(int(generator.integers(len(task.labels))))
        draw_tile = _cut_off(draw_tile, _drawing(neighbour), generator)
    return _photographed(draw_tile, generator), label


DrawTile = Callable[[float, float, bool], Tile]


def _drawing(character: Character) -> DrawTile:
    return lambda unit_px, stroke_px, is_smooth: cover(
        character, unit_px=unit_px, stroke_px=stroke_px, is_smooth=is_smooth
    )


def _cut_off(digit: DrawTile, neighbour: DrawTile, generator: np.random.Generator) -> DrawTile:
    return lambda *pen: cut_apart(digit(*pen), neighbour(*pen), generator)


def _outlier(
    draw_digit: Callable[[int], tuple[Character, int]], num_given: int, generator: np.random.Generator
) -> DrawTile:
    def tile(unit_px: float, stroke_px: float, is_smooth: bool) -> Tile:
        smooth = outlier_tile(
            generator,
            lambda: draw_digit(int(generator.integers(num_given))),
            unit_px=unit_px,
            stroke_px=stroke_px,
        )
        return smooth if is_smooth else np.asarray((smooth > 110) * np.uint8(255), dtype=np.uint8)

    return tile


def _photographed(draw_tile: DrawTile, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Return the MNIST form of what a picture of the character shows."""
    for _ in range(_ATTEMPTS):
        shot = take_picture(draw_tile, generator)
        image = _read_back(shot)
        if image is not None:
            return image
    return normalise_glyph((shot.truth * (255.0 / max(1, int(shot.truth.max())))).astype(np.uint8))


def _read_back(shot: Shot) -> NDArray[np.uint8] | None:
    """Return the character as reading finds it; None where most of its ink is not found."""
    coverage = find_ink(shot.pixels).coverage
    is_ink = shot.truth > 0.4 * shot.truth.max()  # a line below a pixel wide is nowhere covered
    if not is_ink.any() or (coverage[is_ink] > 40).mean() < _LEAST_FOUND:
        return None
    left, top, width, height = cv2.boundingRect(is_ink.astype(np.uint8))
    # What lies farther from the character would be a glyph of its own.
    margin = 2 + round(0.08 * max(width, height))
    near = (
        slice(max(0, top - margin), top + height + margin),
        slice(max(0, left - margin), left + width + margin),
    )
    is_false = (coverage[near] > 127) & (cv2.dilate(shot.truth[near], np.ones((3, 3), np.uint8)) < 20)
    if is_false.sum() > _MOST_FALSE * (coverage[near] > 127).sum():
        return None
    return normalise_glyph(coverage[near])
