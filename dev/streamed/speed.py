"""Images a second from shards beside the same training in memory, in turns of seconds in one process."""

import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from inkwise.data.load import load_dataset
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.device import thread_count
from inkwise.training.session import Session, prepare_session

KINDS = ("idx", "raw", "parquet", "tar")


def compare(
    folders: dict[str, Path], recipe: str, *, turns: int, turn_seconds: float
) -> list[dict[str, Any]]:
    """Return images a second in memory and streamed, for each kind of set: medians over the turns.

    Every turn trains in memory first and then from each kind, for the same number of batches.
    """
    with tempfile.TemporaryDirectory() as out:
        held = _Course("memory", next(iter(folders.values())), recipe, Path(out), limit=1 << 40)
        others = [_Course(kind, folder, recipe, Path(out), limit=0) for kind, folder in folders.items()]
        held.measure(4)
        num_batches = max(round(turn_seconds / held.measure(20).wall * 20), 4)
        rows: dict[str, list[dict[str, float]]] = {}
        for _ in range(turns):
            for course in (held, *others):
                took = course.measure(num_batches)
                rows.setdefault(course.kind, []).append(
                    {"wall": took.wall, "cpu": took.cpu, "images": took.images}
                )
    return [_row(recipe, kind, measured, rows["memory"]) for kind, measured in rows.items()]


def _row(
    recipe: str, kind: str, measured: list[dict[str, float]], held: list[dict[str, float]]
) -> dict[str, Any]:
    def ratio(key: str) -> float:
        pairs = zip(measured, held, strict=True)
        return median(one[key] / one["images"] * two["images"] / two[key] for one, two in pairs)

    return {
        "recipe": recipe, "kind": kind, "turns": len(measured),
        "images_per_second": median(one["images"] / one["wall"] for one in measured),
        "seconds_to_memory": ratio("wall"), "cpu_seconds_to_memory": ratio("cpu"),
    }  # fmt: skip


class _Took:
    def __init__(self, images: int, wall: float, cpu: float) -> None:
        self.images, self.wall, self.cpu = images, wall, cpu


class _Course:
    """A training that is run for some batches at a time, epoch after epoch."""

    def __init__(self, kind: str, folder: Path, recipe: str, out: Path, *, limit: int) -> None:
        self.kind = kind
        dataset = load_dataset(folder, memory_map_bytes=limit)
        run = out / kind
        run.mkdir()
        self.session: Session = prepare_session(Run(run), load_recipe(recipe), dataset)
        self.session.state.network.train()
        self.batches = self._batches()
        next(self.batches)

    def _batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        loop, epoch = self.session.loop, 0
        while True:
            order = loop.train.order(seed=0, epoch=epoch)
            yield from loop.train.epoch(order, ahead=loop.ahead, augment=loop.augment(epoch))
            epoch += 1

    def measure(self, num_batches: int) -> _Took:
        """Train on so many batches."""
        images, wall, cpu = 0, time.perf_counter(), time.process_time()
        with torch.random.fork_rng(), thread_count(self.session.threads):
            for pixels, labels in islice(self.batches, num_batches):
                self.session.loop.step(pixels, labels)
                images += len(labels)
        return _Took(images, time.perf_counter() - wall, time.process_time() - cpu)
