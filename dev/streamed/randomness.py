"""How random the shuffle buffer is: by counting on class-sorted storage, and by what it costs in accuracy."""

import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from dev.streamed.sets import make_set

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.data.streaming.shuffle import measure_shuffle
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
from inkwise.training.session import prepare_session
from inkwise.training.streaming.source import StreamedSource

BUFFERS = (1024, 4096, 16_384, 65_536, 262_144)
TRAINED_BUFFERS = (0, 256, 1024, 4096, 16_384, 65_536)
_NUM_IMAGES = 1_000_000
STORED = {  # runs of a set of two million images, as the formats give them
    "arrays, tars, small row groups": [512] * (_NUM_IMAGES // 512),
    "one row group for 100,000": [25_000] * (_NUM_IMAGES // 25_000),
}
_COUNTED_BATCH = 256


def count() -> list[dict[str, Any]]:
    """Return the randomness for every kind of storage and buffer, None for no shuffling."""
    rows = []
    for name, sizes in STORED.items():
        for images in (None, *BUFFERS):
            measured = measure_shuffle(
                sizes, num_classes=10, buffer_images=images, batch_size=_COUNTED_BATCH, epochs=2
            )
            rows.append({"stored": name, "buffer_images": images, **asdict(measured)})
    return rows


def accuracies(recipe: str, seeds: range, *, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the accuracy on validation images of trainings on MNIST whose shards are sorted by class.

    One epoch each; validated on a sixth of the train part. A buffer of 0 is the training in memory, fully
    shuffled. What is in kept is not measured again.
    """
    rows = list(kept)
    done = {(row["recipe"], row["buffer_images"], row["seed"]) for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        make_set(
            Path(folder, "set"), "raw", num_images=60_000, shard_images=6000, by_class=True, group_rows=512
        )
        held, streamed = (load_dataset(Path(folder, "set"), memory_map_bytes=limit) for limit in (1 << 30, 0))
        for seed in seeds:
            for images in TRAINED_BUFFERS:
                if (recipe, images, seed) not in done:
                    changes = {"seed": seed, "epochs": 1, "minimum_steps": 0, "validation_fraction": 1 / 6}
                    changed = load_recipe(recipe).with_settings(changes)
                    accuracy = _accuracy(changed, streamed if images else held, buffer_images=images)
                    row = {"recipe": recipe, "buffer_images": images, "seed": seed}
                    rows.append({**row, "accuracy": accuracy})
                    print(rows[-1], flush=True)
    return rows


def _accuracy(recipe: Recipe, dataset: Dataset, *, buffer_images: int) -> float:
    with tempfile.TemporaryDirectory() as out:
        session = prepare_session(Run(Path(out)), recipe, dataset)
        if isinstance(session.loop.train, StreamedSource):
            source = replace(session.loop.train, buffer_images=buffer_images)
            session = replace(session, loop=replace(session.loop, train=source))
        session.train()
    return float(session.state.records[-1].validation_accuracy or 0)


def summarise(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over the seeds, for each recipe and buffer."""
    groups: dict[tuple[str, int], list[float]] = {}
    for row in rows:
        key = (row["recipe"], row["buffer_images"])
        groups.setdefault(key, []).append(row["accuracy"])
    return [
        {
            "recipe": recipe, "buffer_images": images, "seeds": len(found),
            "mean": fmean(found), "std": stdev(found) if len(found) > 1 else 0.0,
        }
        for (recipe, images), found in sorted(groups.items())
    ]  # fmt: skip
