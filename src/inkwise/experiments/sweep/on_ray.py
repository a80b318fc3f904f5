"""A sweep whose trials run several at a time, on the cores of one machine or of a cluster.

This process alone proposes, keeps the journal and writes what is found; workers train, and send back how far
a trial is, with the small files of its run. They need no disk in common.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.data.streaming.images import streamed
from inkwise.errors import ClusterError, InkwiseError
from inkwise.evaluation.sweep import Trial, Value
from inkwise.experiments.sweep.plan import Plan
from inkwise.experiments.sweep.study import Study
from inkwise.experiments.sweep.trial import look_at, run_trial
from inkwise.files import write_atomically
from inkwise.scale.cluster import cluster, num_places
from inkwise.scale.tuning import Message, run_trials

_SECONDS_BETWEEN = 2.0  # messages that say how far a trial is


class Shared(NamedTuple):
    """What all trials need. The data go along; from a disk that maps them, each worker opens them itself."""

    plan: Plan
    dataset: Dataset | None
    device: str


class Task(NamedTuple):
    """One combination to try."""

    number: int
    settings: dict[str, Value]


class Said(NamedTuple):
    """What a worker says beside a trial's share and score.

    Attributes:
        seconds: since the trial began.
        epoch: of the first seed, where one ended.
        found: the trial's result, at its end.
        broke: what went wrong that would go wrong in every trial.
        files: of the trial's folder so far, by their path below it.
    """

    seconds: float = 0.0
    epoch: int = 0
    found: Trial | None = None
    broke: str = ""
    files: dict[str, bytes] = {}  # noqa: RUF012 (never changed)


def several_at_once(
    study: Study,
    address: str,
    *,
    device: str,
    on_progress: Callable[[float, int], None],
    on_trial: Callable[[Trial, int, int], None],
) -> None:
    """Try combinations until all are tried.

    Args:
        study: what is kept.
        address: as for inkwise.scale.cluster.cluster.
        device, on_progress, on_trial: as for inkwise.experiments.sweep.search.sweep.
    Raises:
        InkwiseError: any of the tree; what was found is kept.
    """
    is_on_disk = streamed(study.dataset.train) is not None
    with cluster(address):
        shared = Shared(study.plan, None if is_on_disk else study.dataset, device)
        trials = _Trials(study, on_progress, on_trial)
        gpu = device.startswith("cuda") or (device == "auto" and num_places("GPU") > 0)
        run_trials(try_one, shared, trials, halve=study.plan.prune, gpu=gpu)
    if trials.is_broken:
        raise ClusterError(f"a worker could not go on: {trials.broke}")


class _Trials:
    """A study, as scale.tuning asks it."""

    def __init__(
        self,
        study: Study,
        on_progress: Callable[[float, int], None],
        on_trial: Callable[[Trial, int, int], None],
    ) -> None:
        self.study, self.on_progress, self.on_trial = study, on_progress, on_trial
        self.tasks: dict[int, Task] = {}
        self.shares: dict[int, float] = {}
        self.seconds: dict[int, float] = {}
        self.broke = ""

    @property
    def is_broken(self) -> bool:
        return bool(self.broke)

    def propose(self) -> tuple[int, Task] | None:
        while not self.study.is_over:
            task = Task(*self.study.propose())
            looked = look_at(self.study.plan, *task, num_classes=len(self.study.dataset.classes))
            if looked.state == "done":
                self.tasks[task.number] = task
                return task.number, task
            self._keep(looked)
        return None

    def hear(self, number: int, message: Message) -> None:
        said: Said = message.content
        if number not in self.study.running:
            return  # its worker died after its last word, and it was tried again
        self.shares[number] = message.share
        self.seconds[number] = said.seconds
        for path, content in said.files.items():
            write_atomically(self.study.folder / "trials" / f"{number:04d}" / path, content)
        if said.broke:
            self.broke = said.broke
        if message.score is not None:
            self.study.report(number, said.epoch, message.score)
        if said.found is not None:
            self._keep(said.found)
        done = self.study.num_done + sum(
            self.shares[number] for number in self.study.running if number in self.shares
        )
        self.on_progress(done, self.study.plan.num_trials)

    def end(self, number: int, *, is_lost: bool) -> None:
        if number not in self.study.running or self.is_broken:
            return  # its result was its last word
        looked = look_at(self.study.plan, *self.tasks[number], num_classes=len(self.study.dataset.classes))
        became = {"state": "pruned", "seconds": self.seconds.get(number, 0.0)}
        if is_lost:
            became = {"state": "failed", "note": "its worker died again and again"}
        self._keep(looked.model_copy(update=became))

    def _keep(self, found: Trial) -> None:
        self.study.keep(found)
        self.on_trial(found, self.study.num_done, self.study.plan.num_trials)


def try_one(shared: Shared, task: Task, *, folder: Path, tell: Callable[[Message], None]) -> None:
    """Train one combination in a worker, on one core."""
    import torch

    torch.set_num_threads(1)
    began = last = time.monotonic()
    share = 0.0

    def say(score: float | None = None, **said: Any) -> None:
        nonlocal last
        last = time.monotonic()
        tell(Message(share, score, Said(seconds=last - began, **said)))

    def show(now: float) -> None:
        nonlocal share
        share = now
        if time.monotonic() - last >= _SECONDS_BETWEEN:
            say()

    def lags_behind(epoch: int, accuracy: float) -> bool:
        say(accuracy, epoch=epoch, files=_files(folder))
        return False  # one that does ends in say()

    try:
        dataset = shared.dataset or load_dataset(shared.plan.recipe.data.dataset)
        found = run_trial(
            shared.plan, *task, dataset=dataset, folder=folder, device=shared.device, on_progress=show,
            lags_behind=lags_behind,
        )  # fmt: skip
    except (InkwiseError, OSError) as error:
        say(broke=f"{type(error).__name__}: {error}")
    else:
        share = 1.0
        say(found=found, files=_files(folder))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".toml", ".jsonl", ".json")
    }
