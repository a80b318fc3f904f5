"""A whole work from beginning or continuing to its end: what `inkwise predict --ray` and `read --ray` do."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout

from pydantic import BaseModel, ConfigDict

from inkwise.errors import ClusterError, DataError, InkwiseError
from inkwise.scale.cluster import cluster
from inkwise.scale.predicting.output import OutputFolder, open_output, refuse_inside
from inkwise.scale.predicting.work import (
    Classifier,
    Counts,
    Wanted,
    Work,
    begin,
    check_same,
    find_blocks,
    find_work,
)
from inkwise.scale.predicting.workers import answer_blocks

Progress = Callable[[int, int], None]


class Answers(BaseModel):
    """A folder of answers; model_dump() is what `inkwise predict --ray --json` prints.

    Attributes:
        out: the folder.
        does: predict or read.
        num_blocks: files of answers in it.
        num_blocks_before: of them, those that were there already.
        num_images: rows in them, one an image.
        num_errors: of them, those that could not be answered; the column error says why.
        num_skipped: files that are no images, passed over in folders.
        seconds: that the blocks made now took, without listing and starting.
        images_per_second: of the blocks made now; None where there were none.
    """

    model_config = ConfigDict(frozen=True)

    out: str
    does: str
    num_blocks: int
    num_blocks_before: int
    num_images: int
    num_errors: int
    num_skipped: int
    seconds: float
    images_per_second: float | None


def answer_all(
    wanted: Wanted,
    load: Callable[[], Classifier],
    *,
    out: str,
    ray: str,
    on_progress: Progress = lambda done, total: None,
) -> Answers:
    """Answer every image of a work into a folder, as far as that is not done yet.

    Args:
        wanted: the work.
        load: gives the classifier; called only where the work begins.
        out: the folder; new, empty, or of the same work.
        ray: address of a cluster, as of scale.cluster.
        on_progress: told how many of the missing blocks are done, and how many they are.
    Raises:
        DataError: there is no image, or the files have changed since the work was begun.
        OutputError: the folder holds other things, or cannot be written to.
        RunError: another process answers into the folder.
        ClusterError: no cluster answers, or it fails.
        KeyboardInterrupt: by Ctrl-C; says how far the work is.
    """
    output = open_output(out, base=wanted.base)
    refuse_inside(output, wanted.places())
    find_work(output)  # nothing is written where other things lie
    with output.held():
        work = find_work(output)
        if work is None:
            work = begin(output, wanted, load())
        else:
            check_same(output, work, wanted)
        present, before = find_blocks(output, work)
        counts, seconds = _answer_missing(output, work, (present, before), ray=ray, on_progress=on_progress)
        _check_whole(output, work, counts)
    made = counts.images - before.images
    return Answers(
        out=out, does=work.does, num_blocks=work.num_blocks, num_blocks_before=before.blocks,
        num_images=counts.images, num_errors=counts.errors, num_skipped=work.num_skipped, seconds=seconds,
        images_per_second=made / seconds if made and seconds else None,
    )  # fmt: skip


def _answer_missing(
    output: OutputFolder, work: Work, found: tuple[bytearray, Counts], *, ray: str, on_progress: Progress
) -> tuple[Counts, float]:
    """Have the missing blocks answered; return the counts of all, and how long the missing ones took."""
    present, counts = found
    total = work.num_blocks - counts.blocks
    if not total:
        return counts, 0.0
    done, began, standard_output = 0, time.monotonic(), sys.stdout

    def tell(done: int, total: int) -> None:
        with redirect_stdout(standard_output):
            on_progress(done, total)

    try:
        # Ray tells of workers that die on standard output, which belongs to the answer.
        with redirect_stdout(sys.stderr), cluster(ray):
            tell(0, total)
            began = time.monotonic()
            with closing(answer_blocks(output, _missing(present))) as answered:
                for block in answered:
                    counts, done = counts.plus(block.images, block.errors), done + 1
                    tell(done, total)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"Ctrl-C; {_how_far(output, work, counts)}") from None
    except InkwiseError as error:
        if not done and not counts.blocks:
            raise
        raise type(error)(f"{error}; {_how_far(output, work, counts)}") from error
    return counts, time.monotonic() - began


def _missing(present: bytearray) -> Iterator[int]:
    return (number for number, is_there in enumerate(present) if not is_there)


def _how_far(output: OutputFolder, work: Work, counts: Counts) -> str:
    return (
        f"at least {counts.blocks:,} of {work.num_blocks:,} blocks are whole in {output.address}, "
        "the same command does the others"
    )


def _check_whole(output: OutputFolder, work: Work, counts: Counts) -> None:
    """Look at the folder itself: what workers wrote elsewhere, on disks of their own, is not there."""
    present, seen = find_blocks(output, work)
    if seen != counts or not all(present):
        raise ClusterError(
            f"{output.address}: {seen.blocks:,} of {work.num_blocks:,} blocks are here, though workers "
            "wrote all; expected a folder that every machine of the cluster shares, choose another --out"
        )
    if not seen.images:
        raise DataError(f"{', '.join(work.paths)}: no image in these files; expected some, check the paths")
