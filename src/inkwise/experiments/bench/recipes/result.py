"""What `inkwise bench recipes` came to: frozen models that are its JSON."""

from statistics import fmean, median, median_low, stdev
from typing import Any, Literal, NamedTuple, Self

from inkwise.experiments.bench.page import Outcome
from inkwise.experiments.bench.recipes.report import STAGES, Cost, Report

Kind = Literal["ours", "tutorial", "fast", "plain"]


class Wanted(Outcome):
    """What is wanted of a row; None: nothing.

    Attributes:
        accuracy: the mean over the repetitions, at least.
        times_fast: of RowResult.times_fast, at least.
        seconds: the median, at most.
        num_parameters: at most.
    """

    accuracy: float
    times_fast: float | None = None
    seconds: float | None = None
    num_parameters: int | None = None


class RowResult(Outcome):
    """One recipe or program; lists have an entry a repetition.

    Attributes:
        name: of the recipe, or "fast" or "plain".
        kind: "ours", "tutorial" for a tutorial's recipe as inkwise trains it, or the program.
        accuracy: fraction of the test images named rightly.
        seconds: wall time from opening the image files to the evaluated classifier.
        cpu_seconds: processor time of all threads, over the same.
        training_seconds: wall time of the training loop alone: no reading, setting up, saving, evaluating.
        stages: wall seconds by stage of the repetition with the median time; together they are that time.
        stages_whole: their sum. On an accelerator the stages come from runs of their own, in which the clock
            waits for it, so that this is more than the seconds.
        stage_seconds: the same of each repetition.
        prepares_ahead: whether a thread of its own makes the batches: "prepare" is what is waited for.
        peak_memory_bytes: the largest of the repetitions, whole process; peak_device_bytes on an accelerator.
        context_seconds: what the accelerator took to be there, before the clock; None on a processor.
        curve: seconds and accuracy after each epoch of the first repetition, of a program that looks then.
        times_fast: the training seconds of "fast" over the seconds of this row, medians; None without it.
        times_plain: the seconds of "plain" over those of this row; None without it.
        is_reached: None where nothing is wanted, or at a reduced size.
    """

    name: str
    kind: Kind
    seeds: list[int]
    accuracy: list[float]
    mean_accuracy: float
    std_accuracy: float | None
    seconds: list[float]
    median_seconds: float
    cpu_seconds: list[float]
    median_cpu_seconds: float
    training_seconds: list[float]
    median_training_seconds: float
    stages: dict[str, float]
    stages_whole: float
    stage_seconds: list[dict[str, float]]
    stage_cpu_seconds: list[dict[str, float]]
    prepares_ahead: bool
    num_train: int
    num_test: int
    num_steps: int
    batch_size: int
    precision: str
    peak_memory_bytes: int
    peak_device_bytes: int | None
    context_seconds: float | None
    cost: Cost
    curve: list[tuple[float, float]]
    times_fast: float | None = None
    times_plain: float | None = None
    wanted: Wanted | None = None
    is_reached: bool | None = None

    @classmethod
    def from_reports(cls, name: str, kind: Kind, measured: list["Measured"]) -> Self:
        """Return the summary of a row's repetitions, at least one."""
        whole, staged = [one.whole for one in measured], [one.staged for one in measured]
        accuracy, seconds = [one.accuracy for one in whole], [one.seconds for one in whole]
        middle = next(one for one in staged if one.seconds == median_low(each.seconds for each in staged))
        first = whole[0]
        return cls(
            name=name, kind=kind, seeds=[one.seed for one in measured],
            accuracy=accuracy, mean_accuracy=fmean(accuracy),
            std_accuracy=stdev(accuracy) if len(accuracy) > 1 else None,
            seconds=seconds, median_seconds=median(seconds),
            cpu_seconds=[one.cpu_seconds for one in whole],
            median_cpu_seconds=median(one.cpu_seconds for one in whole),
            training_seconds=[one.training_seconds for one in whole],
            median_training_seconds=median(one.training_seconds for one in whole),
            stages=_in_order(middle.stage_seconds), stages_whole=middle.seconds,
            stage_seconds=[_in_order(one.stage_seconds) for one in staged],
            stage_cpu_seconds=[_in_order(one.stage_cpu_seconds) for one in staged],
            peak_memory_bytes=max(one.peak_memory_bytes for one in whole),
            **{key: getattr(first, key) for key in _OF_EVERY},
        )  # fmt: skip


_OF_EVERY = (
    "prepares_ahead", "num_train", "num_test", "num_steps", "batch_size", "precision", "peak_device_bytes",
    "context_seconds", "cost", "curve",
)  # fmt: skip


class Measured(NamedTuple):
    """One repetition of a row.

    Attributes:
        whole: what its seconds are read off.
        staged: what its stages are read off; the same run, but on an accelerator.
    """

    seed: int
    whole: Report
    staged: Report


def _in_order(stage_seconds: dict[str, float]) -> dict[str, float]:
    return {stage: stage_seconds[stage] for stage in STAGES if stage in stage_seconds}


class RecipesBench(Outcome):
    """All that one `inkwise bench recipes` measured.

    Attributes:
        repetitions: as asked for; what takes long runs once, see the rows' seeds.
        is_reduced: whether fewer images or other epochs were asked for.
        is_warm: whether each run was preceded by a small training in its process, which is not on the clock.
        load_average: over the minute before the start; more than 0.5 on a small machine and ratios stray.
        environment: machine, versions, commit, threads.
    """

    rows: list[RowResult]
    device: str
    repetitions: int
    is_reduced: bool
    is_warm: bool
    load_average: float | None
    environment: dict[str, Any]


def is_reached(row: RowResult, wanted: Wanted) -> bool:
    """Return whether a row is as wanted; what is wanted beside `fast` is not reached without it."""
    limits = (
        (wanted.times_fast, -(row.times_fast or 0.0), -1),
        (wanted.seconds, row.median_seconds, 1),
        (wanted.num_parameters, row.cost.num_parameters, 1),
    )
    within = all(limit is None or value <= sign * limit for limit, value, sign in limits)
    return row.mean_accuracy >= wanted.accuracy and within
