"""Running one function on several workers of Ray Train, restarted when they die, and hearing from it."""

import tempfile
import threading
from collections.abc import Callable
from typing import Any

import ray
import torch
import torch.distributed as dist
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer

from inkwise.errors import ClusterError, InkwiseError
from inkwise.scale.actors import Mailbox, start_beside_driver
from inkwise.scale.cluster import num_places
from inkwise.training.interrupt import stop_on_signal
from inkwise.training.parallel.group import Group

RESTARTS = 10  # of all workers, because one died; more are no accident
_PAUSE = 0.1  # seconds between two looks into the mailbox
_GRACE = 20.0  # seconds for the workers to end by themselves after one has said that it cannot go on


# What runs on each worker: the group of all, the mailbox, and what the driver gave.
Work = Callable[[Group, Any, Any], None]


def run_on_workers(
    work: Work, given: Any, *, workers: int, has_cuda: bool, files: dict[str, bytes],
    on_news: Callable[[Any], None],
) -> None:  # fmt: skip
    """Run work(group, mailbox, given) on so many workers of the cluster this process is connected to.

    When a worker dies, all are started again, and find the files that the last ones kept. The first SIGINT or
    SIGTERM asks them to stop.

    Args:
        work: a function that can be imported by its name.
        given: put into the object store once, from where every machine takes one copy.
        has_cuda: each worker gets an accelerator.
        files: what the mailbox holds in the beginning.
        on_news: called with every message and every dictionary of files kept, in order.
    Raises:
        InkwiseError: what work raised on any worker.
        ClusterError: the workers died too often.
    """
    mailbox = start_beside_driver(Mailbox, files)
    config = {"work": work, "mailbox": mailbox, "given": ray.put(given)}
    # Ray Train keeps a record of its own, as pickles; nothing is ever restored from it.
    with tempfile.TemporaryDirectory(prefix="inkwise-train-", ignore_cleanup_errors=True) as folder:
        trainer = TorchTrainer(
            _run_work, train_loop_config=config,
            scaling_config=ScalingConfig(num_workers=workers, use_gpu=has_cuda),
            run_config=RunConfig(
                storage_path=folder, failure_config=FailureConfig(max_failures=RESTARTS)
            ),
            torch_config=TorchConfig(backend="cpu:gloo,cuda:nccl" if has_cuda else "gloo"),
        )  # fmt: skip
        _Driver(mailbox, on_news).watch(trainer)


class _Driver:
    """Waits for the workers, passes on what they tell and raises what they could not do."""

    def __init__(self, mailbox: Any, on_news: Callable[[Any], None]) -> None:
        self.mailbox, self.on_news = mailbox, on_news
        self.failure: BaseException | None = None
        self.problem: InkwiseError | None = None

    def watch(self, trainer: TorchTrainer) -> None:
        """Return when all workers are done."""
        thread = threading.Thread(target=self._fit, args=(trainer,), daemon=True)
        thread.start()
        waited = 0.0
        with stop_on_signal() as stop:
            while thread.is_alive() and waited < _GRACE:
                thread.join(_PAUSE)
                self._pass_on()
                waited += _PAUSE if self.problem else 0.0
                if stop.requested:
                    ray.get(self.mailbox.stop.remote())
        if self.problem:
            raise self.problem
        if self.failure:
            raise ClusterError(
                f"Ray gave the workers up ({_last_line(self.failure)}); those that die are started anew "
                f"{RESTARTS} times; look for what kills them (memory?), "
                "and go on with --resume and fewer workers"
            ) from self.failure

    def _fit(self, trainer: TorchTrainer) -> None:
        try:
            trainer.fit()
        except Exception as error:  # of whatever kind: the thread that waits raises it
            self.failure = error

    def _pass_on(self) -> None:
        for message in ray.get(self.mailbox.take.remote()):
            if isinstance(message, InkwiseError):
                self.problem = self.problem or message
            else:
                self.on_news(message)


def _run_work(config: dict[str, Any]) -> None:
    """Call the work on one worker; an error of ours goes to the driver, any other makes Ray start anew."""
    context = ray.train.get_context()
    group = Group(dist.get_rank(), dist.get_world_size(), context.get_local_world_size())
    torch.set_num_threads(group.threads)
    try:
        config["work"](group, config["mailbox"], ray.get(config["given"]))
    except InkwiseError as error:
        ray.get(config["mailbox"].tell.remote(error))


def check_size(workers: int, *, has_cuda: bool) -> None:
    """Raise ClusterError where the cluster has no place for so many: Ray would wait for more machines."""
    found = num_places("GPU" if has_cuda else "CPU")
    if workers > found:
        name = "accelerators" if has_cuda else "cores"
        raise ClusterError(
            f"{workers} workers need as many {name}, and there are {found}; take fewer workers, "
            "or a larger cluster"
        )


def _last_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[-1]
