"""Measure sets larger than memory: `python dev/streaming.py PART...`, each part on its own or all of them.

    make     writes the sets of --images (10,000,000) below --sets, in every kind of --kinds
    count    how random the shuffle buffer is on storage sorted by class, for several sizes
    accuracy what that costs in accuracy: MNIST in shards sorted by class, --seeds trainings each
    memory   trains on the large sets for --seconds, and hands out a whole epoch of them; peak and curve
    speed    images a second from shards beside the same training in memory
    show     draws the pictures and writes the page from what was measured

Results go to results/streaming/streaming.json part by part, and what is there is kept. The libraries are
imported where they are needed: a process that watches another should not be large itself.
"""

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.streamed import watched

OUT = Path(__file__).parents[1] / "results" / "streaming"
_LIMIT_BYTES = 1_500_000_000
_SPEED_IMAGES = 200_000


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=["make", "count", "accuracy", "memory", "speed", "show"])
    parser.add_argument("--sets", type=Path, default=Path("build/streaming"))
    parser.add_argument("--images", type=int, default=10_000_000)
    parser.add_argument("--kinds", nargs="+", default=["parquet", "idx"])
    parser.add_argument("--recipes", nargs="+", default=["mlp-logsoftmax", "quick", "standard"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    for part in options.parts:
        if part == "show":
            from dev.streamed.page import write_page

            write_page(OUT)
        elif found := _PARTS[part](options, _kept()):
            _keep({part: found})


def _make(options: argparse.Namespace, _: dict[str, Any]) -> None:
    from dev.streamed.sets import make_set

    for kind in options.kinds:
        make_set(options.sets / kind, kind, num_images=options.images)


def _count(_: argparse.Namespace, __: dict[str, Any]) -> list[dict[str, Any]]:
    from dev.streamed import randomness

    return randomness.count()


def _accuracy(options: argparse.Namespace, kept: dict[str, Any]) -> list[dict[str, Any]]:
    from dev.streamed import randomness

    rows = kept.get("accuracy", [])
    for seed in range(options.seeds):
        for recipe in options.recipes:
            rows = randomness.accuracies(recipe, range(seed, seed + 1), kept=rows)
            _keep({"accuracy": rows})
    return rows


def _memory(options: argparse.Namespace, kept: dict[str, Any]) -> dict[str, Any]:
    found = dict(kept.get("memory", {}))
    for kind in options.kinds:
        for recipe in options.recipes:
            name = f"{kind} {recipe}"
            found[name] = watched.watch(
                options.sets / kind, recipe, seconds=options.seconds, limit_bytes=_LIMIT_BYTES
            )
            _keep({"memory": found})
    return found


def _speed(options: argparse.Namespace, kept: dict[str, Any]) -> list[dict[str, Any]]:
    from dev.streamed import speed
    from dev.streamed.sets import make_set

    folders = {}
    for kind in options.kinds:
        folders[kind] = options.sets / f"{kind}-{_SPEED_IMAGES}"
        if not folders[kind].is_dir():
            make_set(folders[kind], kind, num_images=_SPEED_IMAGES, shard_images=20_000)
    rows = [row for row in kept.get("speed", []) if row["recipe"] not in options.recipes]
    for recipe in options.recipes:
        rows += speed.compare(folders, recipe, turns=options.turns)
        _keep({"speed": rows})
    return rows


_PARTS = {"make": _make, "count": _count, "accuracy": _accuracy, "memory": _memory, "speed": _speed}


def _kept() -> dict[str, Any]:
    path = OUT / "streaming.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def _keep(found: dict[str, Any]) -> None:
    import torch

    from inkwise.files import write_atomically
    from inkwise.runs.environment import describe_environment

    about = describe_environment(torch.device("cpu"))
    keys = ("processor", "num_cores", "torch", "commit")
    document = {
        **_kept(),
        **found,
        "date": datetime.date.today().isoformat(),
        **{key: about[key] for key in keys},
    }
    write_atomically(OUT / "streaming.json", json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
