"""Actors on the driver's machine, which outlive workers; they import Ray alone, and so begin at once."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


def start_beside_driver(kind: type[Any], *given: Any) -> Any:
    """Return an actor made by kind(*given), which takes no core; no machine but the driver's ends it."""
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return ray.remote(kind).options(num_cpus=0, scheduling_strategy=here).remote(*given)


class Mailbox:
    """Workers find and leave files in it, and messages for the driver.

    It outlives the workers, so that those who start anew find what those who died had left.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.news, self.is_stopping = files, list[Any](), False

    def read(self) -> dict[str, bytes]:
        """Return the newest content of every file."""
        return self.files

    def keep(self, files: Mapping[str, bytes]) -> None:
        """Take new contents of files, for later workers and for the driver."""
        self.files.update(files)
        self.news.append(dict(files))

    def tell(self, message: Any) -> bool:
        """Take a message for the driver; return whether the driver asks to stop."""
        self.news.append(message)
        return self.is_stopping

    def take(self) -> list[Any]:
        """Return what came since the last time, oldest first."""
        news, self.news = self.news, []
        return news

    def stop(self) -> None:
        """Ask the workers to stop, at their next message."""
        self.is_stopping = True


class Tries:
    """How often each block was begun."""

    def __init__(self) -> None:
        self.counts = Counter[int]()

    def begin(self, number: int) -> int:
        """Take note that a block is begun, and return how often it was."""
        self.counts[number] += 1
        return self.counts[number]
