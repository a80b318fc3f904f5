"""What a bench came to: frozen models that are its JSON, and the same as a table for people."""

from statistics import mean, median
from typing import Literal, Self

from rich.console import Console
from rich.table import Table

from inkwise.errors import RunError
from inkwise.experiments.bench.page import Outcome, bench_page
from inkwise.experiments.bench.worker import Report

# Two means count as equal up to this. Seeds alone make a difference (S3's page gives 0.9595, its notebook
# 0.962), but another recipe makes a larger one.
ACCURACY_TOLERANCE = 0.01
_EQUAL_WORK = (
    "num_train",
    "num_test",
    "num_steps",
    "batch_size",
    "precision",
    "num_threads",
    "torch_version",
)


class SideResult(Outcome):
    """One side of a ratio, a list entry a repetition.

    Attributes:
        median_seconds: of seconds.
        seconds: wall time from opening the image files to the evaluated classifier.
        call_seconds: the same with what a user also waits for (inkwise's report page).
        accuracy: fraction of the test images named rightly.
        mean_accuracy: of accuracy.
        peak_memory_bytes: the largest of the repetitions, whole process.
    """

    median_seconds: float
    seconds: list[float]
    call_seconds: list[float]
    stage_seconds: list[dict[str, float]]
    accuracy: list[float]
    mean_accuracy: float
    peak_memory_bytes: int

    @classmethod
    def from_reports(cls, reports: list[Report]) -> Self:
        """Return the summary of one side's repetitions."""
        accuracy = [report.accuracy or 0.0 for report in reports]
        seconds = [report.seconds for report in reports]
        return cls(
            median_seconds=median(seconds),
            seconds=seconds,
            call_seconds=[report.call_seconds for report in reports],
            stage_seconds=[report.stage_seconds for report in reports],
            accuracy=accuracy,
            mean_accuracy=mean(accuracy),
            peak_memory_bytes=max(report.peak_memory_bytes for report in reports),
        )


class RatioResult(Outcome):
    """How many times faster inkwise does a tutorial's work than the tutorial's own program.

    Attributes:
        name: "s3" or "s2-pt".
        ratio: the baseline's median seconds divided by inkwise's.
        ratio_min: the smallest ratio of two neighbouring runs, ratio_max the largest.
        target: the ratio wanted.
        is_equally_accurate: the two mean accuracies differ by at most ACCURACY_TOLERANCE.
        is_reached: ratio is at least the target at equal accuracy; None at a reduced size, where the
            target says nothing.
        num_train, num_test, num_steps, batch_size, precision: the work, equal on both sides.
    """

    name: Literal["s3", "s2-pt"]
    ratio: float
    ratio_min: float
    ratio_max: float
    target: float
    is_equally_accurate: bool
    is_reached: bool | None
    num_train: int
    num_test: int
    num_steps: int
    batch_size: int
    precision: str
    baseline: SideResult
    inkwise: SideResult


class LimitResult(Outcome):
    """A quantity of inkwise alone that must stay under a limit.

    Attributes:
        name: "load" (seconds from the .gz files to tensors) or "memory" (bytes, whole process of an S3 run).
        value: the median of values for seconds, the largest for bytes.
        values: one a repetition.
        is_reached: value is under the limit; None at a reduced size.
    """

    name: Literal["load", "memory"]
    unit: Literal["seconds", "bytes"]
    value: float
    values: list[float]
    limit: float
    is_reached: bool | None


class Conditions(Outcome):
    """What the numbers hold for: machine, versions, size of the work, date.

    Attributes:
        commit: of the source tree, with "+" where files were changed; None outside git.
        load_average: over the minute before the first run; above 0.5 the ratios stray.
        is_reduced: whether fewer images or other epochs than the tutorials' were asked for.
    """

    date: str
    commit: str | None
    inkwise: str
    python: str
    torch: str
    platform: str
    cpu: str
    num_cores: int
    num_threads: int
    load_average: float | None
    repetitions: int
    is_reduced: bool


class BenchResult(Outcome):
    """All that one `inkwise bench` measured."""

    ratios: list[RatioResult]
    limits: list[LimitResult]
    conditions: Conditions

    def to_rows(self) -> list[tuple[str, ...]]:
        """Return the table for people: what, tutorial, inkwise, result, wanted, reached."""
        return [*map(_ratio_row, self.ratios), *map(_limit_row, self.limits)]

    def to_markdown(self) -> str:
        """Return the table and the conditions as a page."""
        rows, facts = [TABLE_HEAD, *self.to_rows()], self.conditions.model_dump()
        return bench_page("Speed beside the tutorials", rows, said=EXPLANATION, facts=facts)


TABLE_HEAD = ("bench", "tutorial", "inkwise", "result", "wanted", "reached")


def compare_sides(
    name: Literal["s3", "s2-pt"],
    baseline: list[Report],
    ours: list[Report],
    *,
    target: float,
    is_reduced: bool,
) -> RatioResult:
    """Return the ratio of two sides that did equal work.

    Args:
        baseline: one report a repetition, in the order run; ours: the neighbouring runs of inkwise.
    Raises:
        RunError: the two sides did not do the same work.
    """
    check_equal_work(name, baseline, ours)
    theirs, own = SideResult.from_reports(baseline), SideResult.from_reports(ours)
    pairs = [slow / fast for slow, fast in zip(theirs.seconds, own.seconds, strict=True)]
    ratio = theirs.median_seconds / own.median_seconds
    is_equal = abs(theirs.mean_accuracy - own.mean_accuracy) <= ACCURACY_TOLERANCE
    first = ours[0]
    return RatioResult(
        name=name,
        ratio=ratio,
        ratio_min=min(pairs),
        ratio_max=max(pairs),
        target=target,
        is_equally_accurate=is_equal,
        is_reached=None if is_reduced else is_equal and ratio >= target,
        num_train=first.num_train,
        num_test=first.num_test,
        num_steps=first.num_steps or 0,
        batch_size=first.batch_size or 0,
        precision=first.precision or "",
        baseline=theirs,
        inkwise=own,
    )


def check_equal_work(name: str, baseline: list[Report], ours: list[Report]) -> None:
    """Refuse a ratio between unequal work.

    Raises:
        RunError: the sides differ in images, steps, batch size, number format, threads or torch.
    """
    for key in _EQUAL_WORK:
        theirs = {getattr(report, key) for report in baseline}
        own = {getattr(report, key) for report in ours}
        if len(theirs | own) != 1:
            raise RunError(
                f"bench {name}: {key} is {_listed(theirs)} in the tutorial and {_listed(own)} in inkwise; "
                "expected equal work on both sides, make the recipe do what the tutorial does"
            )


def _listed(values: set[object]) -> str:
    return " and ".join(sorted(map(str, values)))


def _ratio_row(result: RatioResult) -> tuple[str, ...]:
    sides = [
        f"{side.median_seconds:.2f} s, {side.mean_accuracy:.2%}" for side in (result.baseline, result.inkwise)
    ]
    spread = f"{result.ratio:.1f}x ({result.ratio_min:.1f} to {result.ratio_max:.1f})"
    return (f"{result.name} whole recipe", *sides, spread, f"{result.target:g}x", _verdict(result.is_reached))


def _limit_row(result: LimitResult) -> tuple[str, ...]:
    what = {"load": "load MNIST from .gz", "memory": "memory of an S3 run"}[result.name]
    value, limit = (
        (f"{result.value:.2f} s", f"< {result.limit:g} s")
        if result.unit == "seconds"
        else (f"{result.value / 1e6:.0f} MB", f"< {result.limit / 1e6:.0f} MB")
    )
    return (what, "", value, value, limit, _verdict(result.is_reached))


def _verdict(is_reached: bool | None) -> str:
    return "not judged at this size" if is_reached is None else "yes" if is_reached else "NO"


EXPLANATION = (
    "Seconds are the median wall time of the whole job, from opening the image files to the evaluated "
    "classifier; Python imports and inkwise's report page are left out. Each run is a process of its own; "
    "the two sides run in turn, with the same images, batch size, steps, fp32 arithmetic and threads. "
    "The tutorial's side evaluates as its text does: S3 image by image at the end, S2-PT after each epoch. "
    "A result is the ratio of the medians, in brackets the smallest and largest of neighbouring runs."
)


def print_table(result: BenchResult) -> None:
    """Print the table and what it holds for on standard output."""
    table = Table(*TABLE_HEAD)
    for row in result.to_rows():
        table.add_row(*row)
    facts = result.conditions
    console = Console()
    console.print(table)
    console.print(
        f"{facts.cpu}, {facts.num_threads} threads, torch {facts.torch}, inkwise {facts.inkwise} "
        f"(commit {facts.commit or 'unknown'}), median of {facts.repetitions} runs a side",
        highlight=False,
    )
    console.print(EXPLANATION, style="dim", highlight=False)
