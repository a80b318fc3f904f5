"""Runs both servers and the client, and puts what they did beside each other."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from inkwise.data.load import load_dataset
from inkwise.errors import RecipeError, RunError, unknown_name
from inkwise.experiments.bench.measure import describe_machine, load_before, run_worker
from inkwise.experiments.bench.page import write_bench
from inkwise.experiments.bench.serving import predictions
from inkwise.experiments.bench.serving.asking import client
from inkwise.experiments.bench.serving.asking.requests import KINDS, Images
from inkwise.experiments.bench.serving.result import (
    Named,
    RowResult,
    ServingBench,
    SideResult,
    Wanted,
    compare,
)
from inkwise.experiments.bench.serving.rows import (
    CLIENT_ROWS,
    PREDICTION_LIMIT_US,
    START_LIMIT_SECONDS,
    Asked,
    Row,
)
from inkwise.experiments.bench.serving.servers import Server, Side, serving
from inkwise.experiments.bench.serving.untrained import save_untrained
from inkwise.exporting.runtime import OnnxClassifier
from inkwise.training.interrupt import clean_up_on_signal

SECONDS = 4.0
ROW_NAMES = ("predict", *(row.name for row in CLIENT_ROWS), "start")
SIDES: tuple[Side, ...] = ("usual", "inkwise")
_NUM_IMAGES = 2000
_NAMED = "bench serving: measuring {}"
_FIRST_KIND = {"usual": "form", "inkwise": "png"}

Told = Callable[[str], object]


@dataclass
class _Taken:
    """What was measured so far, an entry a repetition."""

    predictions: dict[Side, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})
    starts: dict[Side, list[float]] = field(default_factory=lambda: {side: [] for side in SIDES})
    asked: dict[tuple[Side, Asked], list[client.Report]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Work:
    """What is measured with.

    Attributes:
        run: the classifier's path.
        images_file: of images and their labels.
        images: (N, 28, 28) uint8, those of the file.
        rows: names of the rows.
        seconds: a row.
        tell: told what runs now.
    """

    run: str
    images_file: str
    images: Images
    rows: tuple[str, ...]
    seconds: float
    tell: Told


def run_serving_bench(
    run: str | os.PathLike[str] | None = None,
    *,
    rows: Sequence[str] = (),
    data: str | os.PathLike[str] = "mnist",
    repetitions: int = 3,
    seconds: float | None = None,
    on_progress: Told | None = None,
) -> ServingBench:
    """Return how fast `inkwise serve` answers beside the usual handler, measured now on this machine.

    On Ctrl-C, SIGTERM or any failure the servers, the client and the files written are gone.

    Args:
        run: a run folder or a classifier file; None: an untrained network of the recipe standard, as fast as
            a trained one.
        rows: of ROW_NAMES; none: all.
        data: the set whose test images are sent.
        repetitions: of everything, the two sides in turn.
        seconds: that each row is measured for; None: 4. Other than that nothing is judged.
        on_progress: called with a line on what runs now.
    Raises:
        RecipeError: an unknown row, or a number that is not above 0.
        CheckpointError: the classifier cannot be read.
        DataError: the set is not on this machine.
        RunError: a server does not start, or gives a wrong answer.
    """
    chosen = _check(rows, repetitions=repetitions, seconds=seconds)
    tell = on_progress or (lambda line: None)
    load = load_before(tell, what="the ratios")
    images = np.ascontiguousarray(load_dataset(data).test.images[:_NUM_IMAGES])
    taken = _Taken()
    with clean_up_on_signal(), tempfile.TemporaryDirectory(prefix="inkwise-bench-") as name:
        folder = Path(name)
        path = str(run) if run is not None else str(save_untrained(folder / "standard.safetensors", images))
        classifier = OnnxClassifier.open(path)
        images_file = _write_images(folder / "images.safetensors", images, classifier)
        work = _Work(path, images_file, images, chosen, seconds or SECONDS, tell)
        for number in range(1, repetitions + 1):
            tell(f"repetition {number} of {repetitions}, about {_about_seconds(work):.0f} s")
            _take(work, taken)
    is_reduced = seconds is not None and seconds != SECONDS
    return ServingBench(
        rows=_results(taken, chosen, is_judged=not is_reduced),
        classifier=_describe(classifier, is_trained=run is not None),
        seconds_a_row=work.seconds,
        repetitions=repetitions,
        is_reduced=is_reduced,
        load_average=load,
        environment=describe_machine(),
    )


def _check(rows: Sequence[str], *, repetitions: int, seconds: float | None) -> tuple[str, ...]:
    for name in rows:
        if name not in ROW_NAMES:
            raise RecipeError(unknown_name("row", name, ROW_NAMES))
    if repetitions < 1:
        raise RecipeError(f"repetitions is {repetitions}, expected at least 1; leave it out for three")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise RecipeError(f"seconds is {seconds:g}, expected more than 0; leave it out for {SECONDS:g}")
    return tuple(name for name in ROW_NAMES if not rows or name in rows)


def _about_seconds(work: _Work) -> float:
    measured = {(side, getattr(row, side)) for row in _client_rows(work.rows) for side in SIDES}
    return 10 + (len(measured) + 2 * ("predict" in work.rows)) * (1.1 * work.seconds + 1)


def _client_rows(names: Sequence[str]) -> list[Row]:
    return [row for row in CLIENT_ROWS if row.name in names]


def _write_images(path: Path, images: Images, classifier: OnnxClassifier) -> str:
    labels = classifier.probabilities(images).argmax(axis=1).astype(np.int64)
    save_file({"images": images, "labels": labels}, path)
    return str(path)


def _take(work: _Work, taken: _Taken) -> None:
    """Measure everything once, a row on one side and then on the other, so that a slow spell meets both."""
    if "predict" in work.rows:
        for side in SIDES:
            work.tell(f"  one image without HTTP: {side}")
            taken.predictions[side].append(_predict(work, side))
    if work.rows == ("predict",):
        return
    with ExitStack() as stack:
        servers = {}
        for side in SIDES:
            work.tell(f"  start: {side}")
            kind = KINDS[_FIRST_KIND[side]]
            first = (kind.content_type, kind.to_body(work.images[:1]))
            servers[side] = stack.enter_context(serving(side, work.run, first))
            taken.starts[side].append(servers[side].start_seconds)
        done = set()
        for row in _client_rows(work.rows):
            for side in SIDES:
                asked: Asked = getattr(row, side)
                if (side, asked) not in done:  # rows may share a measurement
                    work.tell(f"  {row.title}: {side}")
                    report = _ask(work, servers[side], asked)
                    taken.asked.setdefault((side, asked), []).append(report)
                    done.add((side, asked))


def _predict(work: _Work, side: Side) -> float:
    job = predictions.Job(side=side, run=work.run, images_file=work.images_file, seconds=work.seconds)
    report = predictions.Report.model_validate_json(
        run_worker(predictions.__name__, job.model_dump_json(), named=_NAMED.format(side), num_threads=None)
    )
    if report.num_wrong:
        raise RunError(
            f"bench serving: {side} gives {report.num_wrong} of {len(work.images)} images other labels than "
            "ONNX Runtime does, expected the same ones; train the classifier again"
        )
    return report.median_seconds


def _ask(work: _Work, server: Server, asked: Asked) -> client.Report:
    job = client.Job(
        kind=asked.kind,
        port=server.port,
        server_pid=server.pid,
        images_file=work.images_file,
        connections=asked.connections,
        seconds=work.seconds,
        rate=asked.rate,
    )
    named = _NAMED.format(server.side)
    return client.Report.model_validate_json(
        run_worker(client.__name__, job.model_dump_json(), named=named, num_threads=None)
    )


def _results(taken: _Taken, names: Sequence[str], *, is_judged: bool) -> list[RowResult]:
    found = [_client_result(row, taken, is_judged=is_judged) for row in _client_rows(names)]
    if "predict" in names:
        usual, own = (SideResult.of([1e6 * one for one in taken.predictions[side]]) for side in SIDES)
        named: Named = ("predict", "one image, no HTTP", "us")
        wanted = Wanted(value=PREDICTION_LIMIT_US)
        found.insert(0, compare(named, usual, own, wanted=wanted, is_judged=is_judged))
    if "start" in names:
        usual, own = (SideResult.of(taken.starts[side]) for side in SIDES)
        named = ("start", "start to first answer", "s")
        wanted = Wanted(value=START_LIMIT_SECONDS)
        found.append(compare(named, usual, own, wanted=wanted, is_judged=is_judged))
    return found


def _client_result(row: Row, taken: _Taken, *, is_judged: bool) -> RowResult:
    usual, own = (_side(row, taken.asked[side, getattr(row, side)]) for side in SIDES)
    named = (row.name, row.title, row.unit)
    return compare(named, usual, own, wanted=row.wanted, is_judged=is_judged)


def _side(row: Row, reports: list[client.Report]) -> SideResult:
    return SideResult.of(
        [row.factor * getattr(report, row.figure) for report in reports],
        client_share=[report.client_share for report in reports],
        server_share=[report.server_share for report in reports],
    )


def _describe(classifier: OnnxClassifier, *, is_trained: bool) -> dict[str, str | int | bool]:
    return {
        "network": classifier.header.network,
        "num_parameters": classifier.num_parameters,
        "is_trained": is_trained,
    }


def write_serving(result: ServingBench, folder: str | os.PathLike[str]) -> list[Path]:
    """Write serving.json and serving.md into folder and return their paths.

    Raises:
        OutputError: the folder cannot be written to.
    """
    return write_bench(result, folder, name="serving", page=result.to_markdown())
