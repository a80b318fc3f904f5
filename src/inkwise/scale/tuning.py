"""Many trials at once by Ray Tune: who proposes them and keeps their results is somebody else.

Trials that lag behind are given up by asynchronous successive halving (ASHA: Li et al., MLSys 2020): at 1/9
and at 1/3 of its length a trial goes on only if it is among the best third of those that came so far before.

Tune writes pickles of its own state, and can go on from them. Here they go to a folder that is deleted at the
end, and nothing is read from it.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ray import tune
from ray.exceptions import RayError
from ray.tune.error import TuneError
from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler
from ray.tune.search import Searcher

from inkwise.errors import ClusterError
from inkwise.scale.cluster import num_places

_TRIES = 4  # of one trial, whose worker or machine died
_KEEPING = 3  # one of so many goes on at each of the two rungs
_QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # no CSV, no TensorBoard
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is ours
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",  # not every message has a score
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
}


class Message(NamedTuple):
    """What a trial says of itself.

    Attributes:
        share: of the trial that is done, in [0, 1].
        score: what it reached by now; None where it is not to be compared with others here.
        content: for Trials.hear alone.
    """

    share: float
    score: float | None = None
    content: Any = None


class Work(Protocol):
    """One trial, in a worker."""

    def __call__(self, shared: Any, task: Any, *, folder: Path, tell: Callable[[Message], None]) -> None: ...


class Trials(Protocol):
    """What proposes trials and hears of them; called by the driver alone, on one thread."""

    def propose(self) -> tuple[int, Any] | None:
        """Return a number and a task, what the work takes; None when there are no more."""

    def hear(self, number: int, message: Message) -> None:
        """Take a message of a trial."""

    def end(self, number: int, *, is_lost: bool) -> None:
        """Take note that a trial said its last word; is_lost: its worker died again and again."""

    @property
    def is_broken(self) -> bool:
        """Whether no trial is to go on."""


def run_trials(
    work: Work,
    shared: Any,
    trials: Trials,
    *,
    halve: bool,
    gpu: bool,
) -> None:
    """Run trials until there are no more, on every core of the Ray that this process is connected to.

    A trial whose worker or machine dies begins again elsewhere.

    Args:
        work: called in a worker with shared and a task, a folder of its own that goes with Ray's, and what
            takes its messages.
        shared: goes to each machine once.
        trials: what is to be done.
        halve: whether trials are given up whose score lags behind.
        gpu: whether each trial takes a GPU.
    Raises:
        ClusterError: Ray itself broke off.
        Exception: what trials raised.
    """
    # What waits makes a cluster grow, but is proposed before more is known. With one alone, a worker that is
    # done takes over what waits for a new worker, and the new one is never made.
    waiting = max(2, num_places("CPU") // 4)
    proposals = _Proposals(trials)
    with _surroundings(_QUIET | {"TUNE_MAX_PENDING_TRIALS_PG": str(waiting)}) as folder:
        trainable = tune.with_parameters(_trainable, work=work, shared=shared)
        tuner = tune.Tuner(
            tune.with_resources(trainable, {"cpu": 1, "gpu": int(gpu)}),
            tune_config=tune.TuneConfig(
                search_alg=proposals,
                scheduler=_scheduler(halve),
                num_samples=-1,
                reuse_actors=True,  # starting one takes longer than a small training
            ),
            run_config=tune.RunConfig(
                storage_path=str(folder),
                failure_config=tune.FailureConfig(max_failures=_TRIES - 1),
                stop=_Stopper(proposals),
                verbose=0,
            ),
        )
        try:
            tuner.fit()
        except (RayError, TuneError) as error:
            if proposals.raised is None:
                raise ClusterError(
                    f"Ray broke off ({' '.join(str(error).split())[:300]}); what was found is kept, "
                    "go on with --resume"
                ) from error
    if proposals.raised is not None:
        raise proposals.raised


def _trainable(config: dict[str, Any], *, work: Work, shared: Any) -> None:
    def tell(message: Message) -> None:
        score = {} if message.score is None else {"score": message.score}
        tune.report({"percent": 100 * message.share, "message": message, **score})

    place = tune.get_context().get_trial_dir()
    Path(place).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as folder:
        work(shared, config["task"], folder=Path(folder), tell=tell)


def _scheduler(halve: bool) -> TrialScheduler:
    if not halve:
        return FIFOScheduler()  # type: ignore[no-untyped-call]
    return ASHAScheduler(
        time_attr="percent", metric="score", mode="max", max_t=100, grace_period=100 // _KEEPING**2,
        reduction_factor=_KEEPING,
    )  # fmt: skip


class _Proposals(Searcher):
    """Our trials as Tune wants to be told them.

    Attributes:
        raised: what our side raised; Tune would bury it in words of its own.
    """

    def __init__(self, trials: Trials) -> None:
        super().__init__(metric="score", mode="max")
        self.trials = trials
        self.numbers: dict[str, int] = {}
        self.raised: Exception | None = None

    @property
    def is_broken(self) -> bool:
        return self.raised is not None or self.trials.is_broken

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        with self._kept():
            proposed = None if self.is_broken else self.trials.propose()
            if proposed is not None:
                self.numbers[trial_id], task = proposed
                return {"task": task}
        return Searcher.FINISHED  # type: ignore[return-value] # a word for a dict, so Ray says

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        with self._kept():
            self.trials.hear(self.numbers[trial_id], result["message"])

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        if not self.is_broken:
            with self._kept():
                self.trials.end(self.numbers[trial_id], is_lost=error)

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.raised = self.raised or error

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def save(self, checkpoint_path: str) -> None:
        """Keep nothing: what is resumed from is not Tune's."""
        Path(checkpoint_path).touch()

    def restore(self, checkpoint_path: str) -> None:
        """Never happens."""
        raise NotImplementedError


class _Stopper(tune.Stopper):
    def __init__(self, proposals: _Proposals) -> None:
        self.proposals = proposals

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self.proposals.is_broken

    def __getstate__(self) -> dict[str, Any]:
        return {}


@contextlib.contextmanager
def _surroundings(variables: dict[str, str]) -> Iterator[Path]:
    """Set variables of the environment within the block, and give a folder that ends with it."""
    before = {key: os.environ.get(key) for key in variables}
    os.environ.update(variables)
    try:
        with tempfile.TemporaryDirectory(prefix="inkwise-tune-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
