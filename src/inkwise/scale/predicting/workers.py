"""Blocks answered by Ray Data: a pool of workers, one block at a time each, and a line of counts a block.

What is answered never passes through Ray: a worker reads its block's files and writes its block's answers.
Ray hands out the numbers of blocks, keeps back those that nobody has time for, and starts a worker that was
killed again, with its block.
"""

import logging
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain, islice
from typing import Any, NamedTuple

import ray
import ray.data
import ray.exceptions

from inkwise.errors import ClusterError, DataError, InkwiseError, OutputError
from inkwise.files import standard_error_in
from inkwise.scale.actors import Tries, start_beside_driver
from inkwise.scale.cluster import num_places
from inkwise.scale.predicting import plan
from inkwise.scale.predicting.answers import Answering, write_block
from inkwise.scale.predicting.classes import Predicting
from inkwise.scale.predicting.output import OutputFolder, open_output
from inkwise.scale.predicting.sources.pictures import Unreachable, read_pictures
from inkwise.scale.predicting.work import MODEL, WORK, Classifier, Work, block_name, digest_of

_WAVE, _WAVE_OF_WORKER = 1024, 64  # blocks that Ray knows of at once: each takes it 7 KB, a wave 3 s to start
_MOST_TRIES = 4  # of a block whose worker or machine dies; Ray would try for ever
_FAULTS: dict[str, type[InkwiseError]] = {
    error.__name__: error for error in (OutputError, DataError, ClusterError)
}


Begin = Callable[[int], int]
"""Takes note that a block is begun, and returns how often it was."""


class Answered(NamedTuple):
    """What a worker says of a block that it has written.

    Attributes:
        number: of the block.
        images: rows of its file.
        errors: of them, those that could not be answered.
    """

    number: int
    images: int
    errors: int


def answer_blocks(output: OutputFolder, numbers: Iterable[int]) -> Generator[Answered]:
    """Have the workers of the cluster that is joined answer blocks, and yield each when it is written.

    Args:
        output: where the work, its plan and its classifier lie.
        numbers: of the blocks.
    Raises:
        OutputError, DataError: as the worker met them.
        ClusterError: the workers do not see the folder, a store does not answer, a block's worker died each
            time, or Ray fails.
    """
    num_workers = max(1, num_places("CPU"))
    coming, tries = iter(numbers), start_beside_driver(Tries)

    def begin(number: int) -> int:
        return int(ray.get(tries.begin.remote(number)))

    while wave := list(islice(coming, max(_WAVE, _WAVE_OF_WORKER * num_workers))):
        try:
            yield from _answer_wave(output, wave, num_workers=num_workers, begin=begin)
        except ray.exceptions.RayError as error:
            first = str(error).strip().splitlines()[0]
            raise ClusterError(f"Ray gave up ({first}); expected a cluster that goes on working") from error


def _answer_wave(
    output: OutputFolder, wave: Sequence[int], *, num_workers: int, begin: Begin
) -> Iterator[Answered]:
    _be_quiet()
    blocks = ray.data.from_items([{"block": number} for number in wave], override_num_blocks=len(wave))
    pool = ray.data.ActorPoolStrategy(
        min_size=1, max_size=len(wave), initial_size=min(num_workers, len(wave)),
        max_tasks_in_flight_per_actor=2,
    )  # fmt: skip
    answered = blocks.map_batches(
        BlockWorker, batch_size=1, compute=pool, num_cpus=1,
        fn_constructor_kwargs={"output": output.address, "base": output.place.base, "begin": begin},
    )  # fmt: skip
    # Closed, or its thread would go on after a fault and, with this Ray gone, start another.
    batches: Any = iter(answered.iter_batches(batch_size=None, prefetch_batches=0))
    with closing(batches):
        with _hushed():
            first = next(batches)
        for batch in chain([first], batches):
            for row in zip(*(batch[key].tolist() for key in _SAID), strict=True):
                number, images, errors, fault, reason = row
                if fault:
                    raise _FAULTS[fault](reason)
                yield Answered(number, images, errors)


_SAID = ("block", "images", "errors", "fault", "reason")


def _be_quiet() -> None:
    """Let Ray Data show nothing of its own: progress and failures are ours to tell."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


@contextmanager
def _hushed() -> Iterator[None]:
    """Send standard error nowhere while workers start.

    Ray Data 2.60 orders them in a way that Ray's own native code calls an error (Ray's issue 53727), on every
    start; no setting stops it.
    """
    with open(os.devnull, "wb") as nowhere, standard_error_in(nowhere):  # noqa: PTH123
        yield


class BlockWorker:
    """A worker's process: its session is opened with its first block and serves for all."""

    def __init__(self, *, output: str, base: str, begin: Begin) -> None:
        self.address, self.base, self.begin = output, base, begin
        self.opened: tuple[OutputFolder, Work, Answering] | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Answer the blocks of a batch; a fault is said, not raised, so that it keeps its words."""
        rows = [self._said(int(number)) for number in batch["block"]]
        return dict(zip(_SAID, (list(column) for column in zip(*rows, strict=True)), strict=True))

    def _said(self, number: int) -> tuple[int, int, int, str, str]:
        try:
            return (*self._answer(number), "", "")
        except (OutputError, DataError, ClusterError) as error:
            return number, 0, 0, type(error).__name__, str(error)
        except Unreachable as error:
            reason = f"{error}; expected a store that answers, see that it does"
        except Exception as error:
            reason = f"block {number}: unexpected {type(error).__name__}: {error}; please report it"
        return number, 0, 0, ClusterError.__name__, reason

    def _answer(self, number: int) -> Answered:
        if self.opened is None:
            self.opened = _open(self.address, self.base)
        output, work, answering = self.opened
        if self.begin(number) > _MOST_TRIES:
            raise ClusterError(
                f"block {number}: its worker died {_MOST_TRIES} times; look for what kills workers (memory?)"
            )
        pieces = plan.read_block(output, number)
        raws = read_pictures(pieces, work.places(), suffixes=work.suffixes)
        content, images, errors = write_block(raws, answering, work=work)
        output.write(block_name(number), content)
        return Answered(number, images, errors)


def _open(address: str, base: str) -> tuple[OutputFolder, Work, Answering]:
    output = open_output(address, base=base)
    try:
        work = Work.model_validate_json(output.read(WORK))
        model = output.read(MODEL)
    except OSError as error:
        raise ClusterError(
            f"{address}: a worker does not see it ({error}); expected a folder that every machine of the "
            "cluster shares, such as s3://bucket/folder, choose another --out"
        ) from error
    if digest_of(model) != work.model:
        raise OutputError(
            f"{output.show(MODEL)}: is not the file that was written there; choose another --out"
        )
    return output, work, _answering(work, model)


def _answering(work: Work, model: bytes) -> Answering:
    classifier = Classifier(model, work.classes, work.accept_probability)
    if work.does == "predict":
        return Predicting(classifier)
    from inkwise.scale.predicting.readings import Reading  # only this needs the reader

    return Reading(classifier)
