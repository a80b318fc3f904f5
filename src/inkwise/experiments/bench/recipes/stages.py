"""Where the seconds of a training go: a clock that always runs for exactly one stage.

The loop and the steps that are measured are those of `inkwise train`; they are told nothing of the clock.
What they are made of, the batches, the network, the loss, the optimizer, is handed to them inside something
that moves the clock's hand and passes everything on.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar, cast

from torch import Tensor

from inkwise.experiments.bench.recipes.report import TRAINING_STAGES
from inkwise.training.session import Session as TrainingSession
from inkwise.training.step import Step, TextbookStep
from inkwise.training.streaming.source import Source

Begin = Callable[[str], None]
Session = TypeVar("Session")


def _nothing() -> None:
    pass


def _read() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


@dataclass
class StageClock:
    """Adds wall and processor seconds to the stage that is on; all together they are the whole.

    Attributes:
        synchronise: waits until an accelerator is done.
        waits: whether that is called at every change of stage, or only at those in and out of training.
        read: gives wall and processor seconds since any moment.
        at_end: called when the clock stops.
        seconds: wall seconds by stage.
        cpu_seconds: processor seconds by stage, of all threads of this process: batches that another thread
            prepares meanwhile count for the stage that the main thread is in.
        is_ahead: whether there is such a thread.
    """

    synchronise: Callable[[], object] = _nothing
    waits: bool = True
    read: Callable[[], tuple[float, float]] = _read
    at_end: Callable[[], object] = _nothing
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    is_ahead: bool = False
    _stage: str | None = None
    _since: tuple[float, float] = (0.0, 0.0)

    def begin(self, stage: str) -> None:
        """End the stage that is on and begin another; with "report" the clock stops for good."""
        if self.waits or stage not in TRAINING_STAGES:
            self.synchronise()
        now = self.read()
        if self._stage is not None:
            for seconds, before, after in zip(self._columns, self._since, now, strict=True):
                seconds[self._stage] = seconds.get(self._stage, 0.0) + after - before
        if stage == "report":
            self._stage = None
            self.at_end()
        else:
            self._stage, self._since = stage, now

    def enter(self, session: Session) -> Session:
        """Return the session with its loop's parts telling this clock."""
        if isinstance(session, TrainingSession):
            self.is_ahead = session.loop.ahead
            return cast(Session, _told_session(session, self.begin))
        return session

    @property
    def _columns(self) -> tuple[dict[str, float], dict[str, float]]:
        return self.seconds, self.cpu_seconds


def _told_session(session: TrainingSession, begin: Begin) -> TrainingSession:
    loop = session.loop

    def save_checkpoint(state: Any) -> None:
        begin("save")  # until the next batch: after the last one the classifier is saved, too
        loop.save_checkpoint(state)

    told = replace(
        loop,
        step=ToldStep(loop.step, begin),
        train=cast(Source, ToldSource(loop.train, begin, between="rest", during="prepare")),
        validation=loop.validation
        and cast(Source, ToldSource(loop.validation, begin, between="evaluate", during="evaluate")),
        save_checkpoint=save_checkpoint,
    )
    return replace(session, loop=told)


class ToldSource:
    """A BatchSource that tells when a batch is waited for.

    Args:
        between: the stage of what is done with a batch.
        during: the stage of making it.
    """

    def __init__(self, source: Source, begin: Begin, *, between: str, during: str) -> None:
        self._source, self._begin, self._between, self._during = source, begin, between, during

    def __len__(self) -> int:
        return len(self._source)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def epoch(self, order: Any, **options: Any) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield what the source's epoch yields."""
        self._begin(self._during)
        for batch in self._source.epoch(order, **options):
            self._begin(self._between)
            yield batch
            self._begin(self._during)
        self._begin("rest")


class ToldStep:
    """A step that tells when forward, backward and update begin.

    A TextbookStep is told by what it was given, its loss function and optimizer; a step with _backward and
    _update, as UnrolledStep, or with _loss and update, by these. Of any other the whole is one stage, "step".
    """

    def __init__(self, step: Step, begin: Begin) -> None:
        self._step, self._begin = step, begin
        self._first = "forward" if tell_parts(step, begin) else "step"

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        self._begin(self._first)
        answer = self._step(images, labels)
        self._begin("rest")
        return answer


def tell_parts(step: Any, begin: Begin) -> bool:
    """Put what tells of backward and update into a step; return whether it can be divided so."""
    backward, update = partial(begin, "backward"), partial(begin, "update")
    if isinstance(step, TextbookStep):
        step.loss_function = _after(step.loss_function, backward)
        step.optimizer.register_step_pre_hook(lambda *_: update())
    elif hasattr(step, "_loss") and hasattr(step, "update"):
        step._loss, step.update = _after(step._loss, backward), _before(step.update, update)
    elif hasattr(step, "_backward") and hasattr(step, "_update"):
        step._backward, step._update = _before(step._backward, backward), _before(step._update, update)
    else:
        return False
    return True


def _before(function: Callable[..., Any], tell: Callable[[], None]) -> Callable[..., Any]:
    def told(*arguments: Any) -> Any:
        tell()
        return function(*arguments)

    return told


def _after(function: Callable[..., Any], tell: Callable[[], None]) -> Callable[..., Any]:
    def told(*arguments: Any) -> Any:
        answer = function(*arguments)
        tell()
        return answer

    return told
