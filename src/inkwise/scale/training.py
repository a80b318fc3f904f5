"""Training on Ray's workers: they learn in folders of their own, and the driver alone writes the run folder.

What the first worker saves travels to the driver through Ray, and the images to the workers. So the run
folder and the data may lie on a disk that no other machine sees, the lock is held by the one process that
writes, and when that one is killed, nobody goes on writing.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ray

from inkwise.classifier import Classifier
from inkwise.classifier_file import FILE_NAME
from inkwise.data.dataset import Dataset
from inkwise.files import write_atomically
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
from inkwise.scale.cluster import cluster, num_places
from inkwise.scale.workers import check_size, run_on_workers
from inkwise.training.interrupt import StopRequest
from inkwise.training.loop import Listener, Progress
from inkwise.training.parallel.group import Group
from inkwise.training.parallel.torchrun import training_part
from inkwise.training.session import prepare_session
from inkwise.training.state import TrainingState

# What a worker needs of a run that it goes on with, and what the first one sends back.
_BEGUN = ("environment.json", "checkpoint.safetensors")
_MADE = (*_BEGUN, "history.jsonl", FILE_NAME)


@dataclass(frozen=True)
class WorkersSession:
    """A training by several workers; trains as a Session does.

    Attributes:
        on_progress: told what the first worker is told.
        options: what prepare_session takes by name, but on_progress.
    """

    run: Run
    recipe: Recipe
    dataset: Dataset
    workers: int
    has_cuda: bool
    on_progress: Listener
    options: dict[str, Any]

    def train(self) -> Classifier:
        """Train to the end on the workers and return the classifier, on the processor.

        Raises:
            InkwiseError: as Session.train.
            ClusterError: the workers died too often.
        """
        options = {**self.options, "device": "cuda" if self.has_cuda else "cpu"}
        run_on_workers(
            train_as_worker, (self.recipe, training_part(self.dataset), options),
            workers=self.workers, has_cuda=self.has_cuda, files=_read(self.run, _BEGUN), on_news=self._take,
        )  # fmt: skip
        return Classifier.load(self.run.classifier_path)

    def _take(self, news: Progress | dict[str, bytes]) -> None:
        if isinstance(news, Progress):
            self.on_progress(news)
            return
        for name, content in news.items():
            write_atomically(self.run.path / name, content)


@contextlib.contextmanager
def on_workers(workers: int, address: str, *, device: str) -> Iterator[Callable[..., WorkersSession]]:
    """Give what prepares a session of so many workers; its arguments are those of prepare_session.

    Args:
        address: as of cluster.
        device: "cpu", "cuda", or "auto", which takes accelerators where the cluster has enough.
    Raises:
        ClusterError: there is no such cluster, or it is too small.
    """
    with cluster(address):
        is_auto = device == "auto"
        has_cuda = num_places("GPU") >= workers if is_auto else device.startswith("cuda")
        check_size(workers, has_cuda=has_cuda)

        def prepare(
            run: Run, recipe: Recipe, dataset: Dataset, *, on_progress: Listener, **options: Any
        ) -> WorkersSession:
            return WorkersSession(run, recipe, dataset, workers, has_cuda, on_progress, options)

        yield prepare


def train_as_worker(group: Group, mailbox: Any, given: tuple[Recipe, Dataset, dict[str, Any]]) -> None:
    """Train as one of the workers; the first sends what is saved, and stops when it is asked to."""
    recipe, dataset, options = given
    with tempfile.TemporaryDirectory(prefix="inkwise-worker-") as folder:
        home = _Home(Run(Path(folder)), mailbox)
        if group.is_first:
            home.furnish()
        session = prepare_session(home.run, recipe, dataset, **options, on_progress=home.tell, group=group)
        loop = replace(
            session.loop,
            save_checkpoint=group.only_first(home.saved_by(session.loop.save_checkpoint)),
            stop_requests=lambda: contextlib.nullcontext(home.stop),
        )
        try:
            replace(session, loop=loop).train()
        finally:
            if group.is_first:
                home.send()


class _Home:
    """The folder of the first worker, and what goes between it and the mailbox."""

    def __init__(self, run: Run, mailbox: Any) -> None:
        self.run, self.mailbox = run, mailbox
        self.stop, self.sent = StopRequest(), dict[str, bytes]()

    def furnish(self) -> None:
        """Fetch what earlier workers left."""
        for name, content in ray.get(self.mailbox.read.remote()).items():
            write_atomically(self.run.path / name, content)

    def send(self) -> None:
        """Send the files that changed; they have arrived when this returns."""
        found = _read(self.run, _MADE)
        files = {name: content for name, content in found.items() if self.sent.get(name) != content}
        self.sent.update(files)
        ray.get(self.mailbox.keep.remote(files))

    def tell(self, progress: Progress) -> None:
        """Send how far the training is; the answer may be to stop."""
        if progress.record:
            self.send()
        self.stop.requested = ray.get(self.mailbox.tell.remote(progress))

    def saved_by(self, save: Callable[[TrainingState], None]) -> Callable[[TrainingState], None]:
        """Return save with what it saved being sent."""

        def save_and_send(state: TrainingState) -> None:
            save(state)
            self.send()

        return save_and_send


def _read(run: Run, names: tuple[str, ...]) -> dict[str, bytes]:
    paths = [run.path / name for name in names]
    return {path.name: path.read_bytes() for path in paths if path.is_file()}
