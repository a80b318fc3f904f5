"""Images a second from shards beside the same training in memory, in turns in one process.

A turn begins anew, trains until the two buffers are used up that were filled before anything was learned, and
is then measured over two more; nothing is read meanwhile but for itself.
"""

import tempfile
import time
from collections.abc import Generator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from inkwise.data.load import load_dataset
from inkwise.data.streaming.shuffle import BUFFER_IMAGES
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.device import thread_count
from inkwise.training.session import Session, prepare_session

KINDS = ("idx", "raw", "parquet", "tar")


def compare(folders: dict[str, Path], recipe: str, *, turns: int) -> list[dict[str, Any]]:
    """Return images a second in memory and streamed, for each kind of set: medians over the turns."""
    in_memory = next(iter(folders.values()))
    rows: dict[str, list[dict[str, float]]] = {}
    for _ in range(turns):
        for kind, folder in {"memory": in_memory, **folders}.items():
            took = _measure(folder, recipe, limit=1 << 40 if kind == "memory" else 0)
            rows.setdefault(kind, []).append({"wall": took.wall, "cpu": took.cpu, "images": took.images})
    return [_row(recipe, kind, measured, rows["memory"]) for kind, measured in rows.items()]


def _measure(folder: Path, recipe: str, *, limit: int) -> "_Took":
    with tempfile.TemporaryDirectory() as out:
        course = _Course(folder, recipe, Path(out), limit=limit)
        course.train(2 * BUFFER_IMAGES)
        took = course.train(2 * BUFFER_IMAGES)
        course.batches.close()
        return took


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
    """A training that is run for some images at a time, epoch after epoch."""

    def __init__(self, folder: Path, recipe: str, out: Path, *, limit: int) -> None:
        dataset = load_dataset(folder, memory_map_bytes=limit)
        self.session: Session = prepare_session(Run(out), load_recipe(recipe), dataset)
        self.session.state.network.train()
        self.batches = self._batches()

    def _batches(self) -> Generator[tuple[Tensor, Tensor]]:
        loop, epoch = self.session.loop, 0
        while True:
            order = loop.train.order(seed=0, epoch=epoch)
            yield from loop.train.epoch(order, ahead=loop.ahead, augment=loop.augment(epoch))
            epoch += 1

    def train(self, num_images: int) -> _Took:
        """Train on about so many images."""
        num_batches = num_images // self.session.loop.train.batch_size
        images, wall, cpu = 0, time.perf_counter(), time.process_time()
        with torch.random.fork_rng(), thread_count(self.session.threads):
            for pixels, labels in islice(self.batches, num_batches):
                self.session.loop.step(pixels, labels)
                images += len(labels)
        return _Took(images, time.perf_counter() - wall, time.process_time() - cpu)
