"""`inkwise bench reading`: MNIST's test digits on paper, read, beside the naive way of resizing to 28x28."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.data.formats.picture import fit_image
from inkwise.data.load import load_dataset
from inkwise.errors import DataError, RecipeError, unknown_name
from inkwise.evaluation.intervals import wilson_interval
from inkwise.experiments.bench.measure import describe_machine
from inkwise.experiments.bench.page import write_bench
from inkwise.experiments.bench.reading_result import MOST_MISTAKES, Mistake, ReadingBench, RowResult
from inkwise.experiments.bench.reading_rows import ROWS, STRING_LENGTHS, Row
from inkwise.figures.encode import draw_pixels, encode_png
from inkwise.figures.handwriting.benchmark import Example, render_benchmark
from inkwise.handwriting.picture import load_picture
from inkwise.handwriting.reader import Reading, read_picture
from inkwise.handwriting.recogniser import DIGITS, Recogniser, load_recogniser

NUM_PICTURES = 500  # a row
PICTURES_PER_STRING = 5  # a string is several digits


@dataclass(frozen=True)
class Shown:
    """A picture of the bench.

    Attributes:
        pixels: (H, W) or (H, W, 3) uint8.
        written: the digits on it.
    """

    pixels: NDArray[np.uint8]
    written: str


@dataclass
class _Tally:
    """What the pictures of a row came to so far."""

    num_pictures: int = 0
    num_digits: int = 0
    num_wrong: int = 0  # digits, by edit distance
    num_exact: int = 0
    num_accepted: int = 0
    num_exact_accepted: int = 0
    num_naive_right: int = 0
    mistakes: list[Mistake] = field(default_factory=list)


def run_reading_bench(
    rows: tuple[str, ...] = (),
    *,
    run: str | os.PathLike[str] | Recogniser | None = None,
    data: str | os.PathLike[str] = "mnist",
    num_pictures: int | None = None,
    seed: int = 0,
    on_progress: Callable[[str], object] | None = None,
) -> ReadingBench:
    """Return how well pictures of MNIST's test digits are read, a row a kind of picture.

    Args:
        rows: names of ROWS; none: all.
        run: a run, a classifier file or a recogniser to read with; None: the reader that ships.
        data: the set whose test part is written.
        num_pictures: of each row of single digits, all of which show the same digits; a fifth as many
            strings. None: 500 and 100. Fewer are a quick look and are not judged.
        seed: of all pictures.
        on_progress: called with a line for each row.
    Raises:
        RecipeError: an unknown row, or a number below 1.
        DataError: the set is not on this machine, or is no set of digits.
    """
    chosen = _check(rows, num_pictures)
    num_pictures = num_pictures or NUM_PICTURES
    start = time.perf_counter()
    test = _digits(data)
    recogniser = _recogniser(run)
    is_reduced = num_pictures < NUM_PICTURES
    results = []
    for number, row in enumerate(chosen, start=1):
        count = -(-num_pictures // PICTURES_PER_STRING) if row.draw_string else num_pictures
        if on_progress:
            on_progress(f"[{number}/{len(chosen)}] {row.title}, pictures: {count}")
        shown = pictures(row, test.images, test.labels, count=count, seed=seed)
        results.append(_measure(row, shown, recogniser, is_reduced=is_reduced))
    return ReadingBench(
        rows=results,
        seed=seed,
        is_reduced=is_reduced,
        seconds=time.perf_counter() - start,
        environment=describe_machine(),
    )


def pictures(
    row: Row, images: NDArray[np.uint8], labels: NDArray[np.int64], *, count: int, seed: int
) -> Iterator[Shown]:
    """Yield the pictures of a row; those of another count begin with the same ones.

    Args:
        row: of ROWS.
        images: (N, 28, 28) uint8, labels: (N,) 0..9; more pictures than N show digits again.
        count: how many.
        seed: of the choice of digits, the same for all rows, and of the drawing.
    """
    order = np.random.default_rng((seed, 0)).permutation(len(images))
    number_of_row = ROWS.index(row)
    for number in range(count):
        generator = np.random.default_rng((seed, 1, number_of_row, number))
        if row.draw_digit:
            at = int(order[number % len(order)])
            yield Shown(row.draw_digit(images[at], generator), str(labels[at]))
        elif row.draw_string:
            length = int(generator.integers(STRING_LENGTHS[0], STRING_LENGTHS[1] + 1))
            chosen = generator.integers(len(images), size=length)
            digits = [(images[at], int(labels[at])) for at in chosen]
            yield Shown(row.draw_string(digits, generator), "".join(str(label) for _, label in digits))


def naive_image(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as (28, 28) by greying and resizing alone, as `inkwise predict` does."""
    grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return fit_image(grey)


def edit_distance(written: str, read: str) -> int:
    """Return how many characters must be changed, added or removed to make read of written.

    Source: Wagner, Fischer, Journal of the ACM 21, 1974.

    >>> edit_distance("1729", "179")
    1
    """
    costs = list(range(len(read) + 1))
    for row, letter in enumerate(written, start=1):
        before, costs[0] = costs[0], row
        for column, other in enumerate(read, start=1):
            before, costs[column] = (
                costs[column],
                min(costs[column] + 1, costs[column - 1] + 1, before + (letter != other)),
            )
    return costs[-1]


def write_reading(
    result: ReadingBench, folder: str | os.PathLike[str], *, examples: Sequence[Example] = ()
) -> list[Path]:
    """Write reading.json, reading.md and, of examples, reading.png into folder and return their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    pictures = {}
    if examples:
        pictures["reading.png"] = encode_png(draw_pixels(render_benchmark(examples), dots_per_inch=120))
    return write_bench(result, folder, name="reading", page=result.to_markdown(), pictures=pictures)


def show_rows(
    *,
    run: str | os.PathLike[str] | Recogniser | None = None,
    data: str | os.PathLike[str] = "mnist",
    seed: int = 0,
) -> list[Example]:
    """Return the first picture of every row, with what was read on it.

    Args and Raises: as run_reading_bench.
    """
    test = _digits(data)
    recogniser = _recogniser(run)
    examples = []
    for row in ROWS:
        shown = next(pictures(row, test.images, test.labels, count=1, seed=seed))
        reading = read_picture(load_picture(shown.pixels), recogniser)
        naive = naive_image(shown.pixels) if row.draw_digit else None
        examples.append(
            Example(
                title=row.title,
                pixels=shown.pixels,
                seen=tuple(glyph.image for glyph in reading.glyphs if glyph.line >= 0),
                naive=naive,
                written=shown.written,
                read="|".join(reading.lines),
                naive_read=None if naive is None else _naive_answer(naive, recogniser),
            )
        )
    return examples


def _naive_answer(image: NDArray[np.uint8], recogniser: Recogniser) -> str:
    return str(int(recogniser.probabilities(image[None])[0].argmax()))


def _recogniser(run: str | os.PathLike[str] | Recogniser | None) -> Recogniser:
    return load_recogniser(run) if run is None or isinstance(run, str | os.PathLike) else run


def _digits(data: str | os.PathLike[str]) -> Split:
    dataset = load_dataset(data)
    if list(dataset.classes) != DIGITS:
        raise DataError(
            f"{dataset.name}: its classes are {', '.join(dataset.classes[:3])} ...; "
            "expected the digits 0 to 9, measure reading with mnist"
        )
    return dataset.test


def _check(names: tuple[str, ...], num_pictures: int | None) -> list[Row]:
    known = [row.name for row in ROWS]
    for name in names:
        if name not in known:
            raise RecipeError(unknown_name("row", name, known))
    if num_pictures is not None and num_pictures < 1:
        raise RecipeError(f"images is {num_pictures}, expected at least 1; leave it out for the whole bench")
    return [row for row in ROWS if not names or row.name in names]


def _measure(row: Row, shown: Iterator[Shown], recogniser: Recogniser, *, is_reduced: bool) -> RowResult:
    tally = _Tally()
    for picture in shown:
        reading = read_picture(load_picture(picture.pixels), recogniser)
        _count(tally, picture.written, reading)
        if row.draw_digit:
            answer = _naive_answer(naive_image(picture.pixels), recogniser)
            tally.num_naive_right += answer == picture.written
    right = 1 - tally.num_wrong / tally.num_digits
    exact = tally.num_exact / tally.num_pictures
    return RowResult(
        name=row.name,
        title=row.title,
        num_pictures=tally.num_pictures,
        num_digits=tally.num_digits,
        right=right,
        right_interval=wilson_interval(tally.num_exact, tally.num_pictures),
        exact=exact,
        accepted=tally.num_accepted / tally.num_pictures,
        right_of_accepted=tally.num_exact_accepted / tally.num_accepted if tally.num_accepted else None,
        naive=tally.num_naive_right / tally.num_pictures if row.draw_digit else None,
        goal=row.goal,
        is_reached=None if is_reduced else right >= row.goal,
        mistakes=tally.mistakes,
    )


def _count(tally: _Tally, written: str, reading: Reading) -> None:
    """Add one picture to the tally, in place."""
    read = "|".join(reading.lines)
    # What is found on top of the digits can count no more than all of them missed.
    wrong = min(edit_distance(written, read), len(written))
    accepted = bool(reading.lines) and all(glyph.accepted for glyph in reading.glyphs)
    tally.num_digits += len(written)
    tally.num_wrong += wrong
    tally.num_exact += not wrong
    tally.num_accepted += accepted
    tally.num_exact_accepted += accepted and not wrong
    if wrong and len(tally.mistakes) < MOST_MISTAKES:
        tally.mistakes.append(
            Mistake(number=tally.num_pictures, written=written, read=read, accepted=accepted)
        )
    tally.num_pictures += 1
