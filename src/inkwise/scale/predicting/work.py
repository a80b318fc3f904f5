"""A work: what is to be answered into which folder; begun once, gone on with by the same command."""

import hashlib
import itertools
import os
import secrets
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from inkwise.data.formats.paths import IMAGE_SUFFIXES
from inkwise.errors import DataError, OutputError
from inkwise.scale.predicting import plan
from inkwise.scale.predicting.output import LOCK, OutputFolder
from inkwise.scale.predicting.sources.cutting import Limits, Piece, cut
from inkwise.scale.predicting.sources.listing import Found, Skipped, list_files, look
from inkwise.scale.predicting.sources.places import Place

FORMAT = 1
WORK, MODEL = "_work.json", "_classifier.onnx"
_READERS = 16  # of footers at once: each waits for a disk or a network


class Classifier(NamedTuple):
    """A classifier as workers run it.

    Attributes:
        model: bytes of an ONNX file, from uint8 images to probabilities.
        classes: its class names.
        accept_probability: as of a Recogniser; 0 where nothing is accepted or not.
    """

    model: bytes
    classes: list[str]
    accept_probability: float = 0.0


class Work(BaseModel):
    """What stands in _work.json; written last, so that a work without it has not begun.

    Attributes:
        format: of the folder.
        name: drawn by chance; each block carries it.
        does: predict, a class for each image, or read, the digits on each picture.
        paths: as given.
        base: the folder where relative paths start.
        classifier: SHA-256 of the classifier's file, and of its ONNX model.
        classes: its class names.
        accept_probability: see Classifier.
        suffixes: by which a picture in a folder or a tar is known.
        num_blocks: of the plan.
        num_skipped: files passed over while listing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    name: str
    does: Literal["predict", "read"]
    paths: list[str]
    base: str
    classifier: str
    model: str
    classes: list[str]
    accept_probability: float
    suffixes: list[str]
    num_blocks: int
    num_skipped: int

    def places(self) -> list[Place]:
        """Return where the images lie."""
        return [Place(path, self.base) for path in self.paths]


class Wanted(NamedTuple):
    """A work as the command line asks for it.

    Attributes:
        does, paths, base, classifier: as in Work.
        suffixes: by which a picture in a folder is known.
        limits: of a block.
    """

    does: Literal["predict", "read"]
    paths: list[str]
    base: str
    classifier: str
    suffixes: Collection[str] = IMAGE_SUFFIXES
    limits: Limits = Limits(8192, 64 << 20)

    def places(self) -> list[Place]:
        """Return where the images lie."""
        return [Place(path, self.base) for path in self.paths]


class Counts(NamedTuple):
    """What blocks hold.

    Attributes:
        blocks, images: how many.
        errors: images among them that could not be answered.
    """

    blocks: int = 0
    images: int = 0
    errors: int = 0

    def plus(self, images: int, errors: int) -> "Counts":
        """Return the counts with one more block."""
        return Counts(self.blocks + 1, self.images + images, self.errors + errors)


def block_name(number: int) -> str:
    """Return the name of a block's file.

    >>> block_name(17)
    'block-000017.parquet'
    """
    return f"block-{number:06d}.parquet"


def find_work(output: OutputFolder) -> Work | None:
    """Return the work that was begun in a folder, None where the folder is new, empty, or not yet planned.

    Raises:
        OutputError: other things lie there.
    """
    names = set(itertools.islice(output.names(), 1000))
    if WORK not in names:
        try:
            return _parse(output, output.read(WORK))  # beyond the first thousand
        except FileNotFoundError:
            pass
    else:
        return _parse(output, output.read(WORK))
    foreign = sorted(names - {plan.FOLDER, MODEL, LOCK} - {name for name in names if name.startswith(".")})
    if foreign:
        raise OutputError(
            f"{output.address}: holds {foreign[0]} and no work that could go on; "
            "expected a new or empty folder, or one that this command began, choose another with --out"
        )
    return None


def _parse(output: OutputFolder, raw: bytes) -> Work:
    try:
        work = Work.model_validate_json(raw)
    except ValidationError as error:
        raise OutputError(
            f"{output.show(WORK)}: was altered, or written by another version of inkwise "
            f"({error.error_count()} entries do not fit); choose another --out"
        ) from error
    if work.format != FORMAT:
        raise OutputError(
            f"{output.show(WORK)}: format {work.format}, expected {FORMAT}; choose another --out"
        )
    return work


def begin(output: OutputFolder, wanted: Wanted, classifier: Classifier) -> Work:
    """List the images, write the plan and then the work, and return it.

    Raises:
        DataError: there is no image, or a place cannot be listed.
        OutputError: the folder cannot be written to.
    """
    output.remove(plan.FOLDER)  # half a plan of a process that was killed
    skipped, places = Skipped(), wanted.places()
    files = list_files(places, skipped=skipped, suffixes=wanted.suffixes)
    num_blocks = plan.write_plan(output, cut(files, places, wanted.limits))
    output.write(MODEL, classifier.model)
    work = Work(
        name=secrets.token_hex(8), does=wanted.does, paths=wanted.paths, base=wanted.base,
        classifier=wanted.classifier, model=digest_of(classifier.model), classes=classifier.classes,
        accept_probability=classifier.accept_probability, suffixes=sorted(wanted.suffixes),
        num_blocks=num_blocks, num_skipped=skipped.count,
    )  # fmt: skip
    output.write(WORK, work.model_dump_json(indent=2).encode())
    return work


def check_same(output: OutputFolder, work: Work, wanted: Wanted) -> None:
    """Refuse to go on with a work that is not the one asked for, or whose files have changed since.

    Raises:
        OutputError: it is of another kind, classifier or input.
        DataError: a file is new, gone or changed.
    """
    told = (
        (work.does, wanted.does, "command"),
        (_absolute(work.places()), _absolute(wanted.places()), "input"),
        (work.classifier, wanted.classifier, "classifier"),
    )
    for begun, asked, what in told:
        if begun != asked:
            raise OutputError(
                f"{output.address}: was begun with another {what} ({_shorten(begun)}) than is given now "
                f"({_shorten(asked)}); expected the same, choose another --out"
            )
    places, begun_places = wanted.places(), work.places()
    listed = (
        found._replace(path=places[found.place].full(found.path))
        for found in list_files(places, skipped=Skipped(), suffixes=wanted.suffixes)
    )
    planned = (
        piece._replace(path=begun_places[piece.place].full(piece.path))
        for piece in plan.read_plan(output, work.num_blocks)
        if piece.start == 0
    )
    for now, before in itertools.zip_longest(listed, planned):
        if now is None or before is None or now != Found(*before[:5]):
            raise _changed(output, places, now=now, before=before)


def _absolute(places: Iterable[Place]) -> list[str]:
    return [os.path.normpath(place.full(place.path)) if place.is_local else place.address for place in places]


def _shorten(told: object) -> str:
    text = ", ".join(told) if isinstance(told, list) else str(told)
    return text if len(text) < 100 else f"{text[:90]} ..."


def _changed(
    output: OutputFolder, places: Sequence[Place], *, now: Found | None, before: Piece | None
) -> DataError:
    if now is not None and before is not None and (now.place, now.path) == (before.place, before.path):
        path, what = now.path, f"{before.size:,} bytes then, {now.size:,} now, or another time of change"
    elif before is not None and not _is_there(places[before.place], before.path):
        path, what = before.path, "is gone"
    else:
        assert now is not None
        path, what = now.path, "is new"
    number = (now or before).place  # type: ignore[union-attr]
    return DataError(
        f"{places[number].show(path)}: {what} since the work in {output.address} was begun; expected the "
        "same files, choose another --out for those of now"
    )


def _is_there(place: Place, path: str) -> bool:
    try:
        look(place, path)
    except OSError:
        return False
    return True


def find_blocks(output: OutputFolder, work: Work) -> tuple[bytearray, Counts]:
    """Return which blocks are there whole (1 at their numbers) and what they hold; others are to be made."""
    present = bytearray(work.num_blocks)
    numbers = (_number_of(name) for name in output.names())
    counts = Counts()
    with ThreadPoolExecutor(_READERS) as pool:
        coming = (number for number in numbers if number is not None and number < work.num_blocks)
        while some := list(itertools.islice(coming, 4096)):  # a few at a time, for there may be a million
            found = pool.map(lambda number: look_at_block(output, work, number=number), some)
            for number, held in zip(some, found, strict=True):
                if held is not None:
                    present[number], counts = 1, counts.plus(*held)
    return present, counts


def _number_of(name: str) -> int | None:
    digits = name.removeprefix("block-").removesuffix(".parquet")
    return int(digits) if digits.isdigit() and name == block_name(int(digits)) else None


def look_at_block(output: OutputFolder, work: Work, *, number: int) -> tuple[int, int] | None:
    """Return how many images and errors a block's file holds, None if it is damaged or of another work."""
    try:
        with output.open(block_name(number)) as file, pq.ParquetFile(file) as table:
            entries = table.metadata.metadata or {}
            is_ours = entries.get(b"inkwise.work") == work.name.encode()
            return (table.metadata.num_rows, int(entries[b"inkwise.errors"])) if is_ours else None
    except (OSError, ValueError, KeyError):
        return None


def digest_of(content: bytes | Path) -> str:
    """Return the SHA-256 of bytes or of a file."""
    return hashlib.sha256(content if isinstance(content, bytes) else content.read_bytes()).hexdigest()
