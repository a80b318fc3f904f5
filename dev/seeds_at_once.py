"""Measure what training several seeds at once gains: `python dev/seeds_at_once.py`.

Writes results/seeds-at-once/seeds-at-once.json and .md: for recipes and numbers of seeds the wall seconds of
training them one after the other, at once by operations over all of them, and shared out among as many
processes as the machine has cores. Everything on one thread a process and in float32; the clock runs over the
training of some images for one epoch, what comes before it is left out. Of the repetitions, which take turns,
the quickest counts: it strays least where the machine has other work.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table

ROOT = Path(__file__).parents[1]
RECIPES = ("mlp-sequential", "mlp-logsoftmax", "tiny", "quick")
SEEDS = (2, 5, 10)
WAYS = ("one by one", "at once", "in processes")
# What the grouped network does not know is left out of all ways.
SETTINGS = {
    "epochs": 1,
    "minimum_steps": 0,
    "validation_fraction": 0.0,
    "precision": "float32",
    "weight_averaging": 0.0,
    "calibrate": False,
}

# A worker is told a recipe, seeds and a way; it prepares, says so, waits for a line, trains, and says so.
_WORKER = """
import json, sys, tempfile, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from dev.seeds_at_once import sessions_of
from inkwise.training.together.train import train_together
for line in sys.stdin:
    task = json.loads(line)
    with tempfile.TemporaryDirectory() as folder:
        sessions = sessions_of(task["recipe"], task["seeds"], num_images=task["images"], folder=Path(folder))
        print("ready", flush=True)
        sys.stdin.readline()
        start = time.process_time()
        if task["way"] == "at once":
            train_together(sessions)
        else:
            for session in sessions:
                session.train()
        print(time.process_time() - start, flush=True)
"""


class Workers:
    """One process a core, each with one thread of PyTorch."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", _WORKER, str(ROOT)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, text=True, env=environment,
            )
            for _ in range(os.cpu_count() or 1)
        ]  # fmt: skip

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()

    def seconds_of(self, recipe: str, num_seeds: int, *, way: str, num_images: int) -> tuple[float, float]:
        """Return wall and processor seconds of training seeds 0..num_seeds-1 one of WAYS."""
        chosen = self.processes[: num_seeds if way == "in processes" else 1]
        for first, process in enumerate(chosen):
            seeds = list(range(num_seeds))[first :: len(chosen)]
            task = {"recipe": recipe, "seeds": seeds, "images": num_images, "way": way}
            _tell(process, json.dumps(task))
        for process in chosen:
            _hear(process)
        start = time.perf_counter()
        for process in chosen:
            _tell(process, "go")
        cpu_seconds = sum(float(_hear(process)) for process in chosen)
        return time.perf_counter() - start, cpu_seconds


def _tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a worker ended before its time; what it said stands above")
    return line


def sessions_of(recipe: str, seeds: list[int], *, num_images: int, folder: Path) -> list[Any]:
    """Return one session a seed, ready to train on MNIST's first images."""
    import numpy as np

    from inkwise.data.dataset import Dataset
    from inkwise.data.load import load_dataset
    from inkwise.recipes.load import load_recipe
    from inkwise.runs.run import Run
    from inkwise.training.session import prepare_session

    whole = load_dataset("mnist")
    train = whole.train.take(np.arange(num_images))
    dataset = Dataset(whole.name, whole.classes, train, whole.test)
    base = load_recipe(recipe).with_settings(SETTINGS)
    return [
        prepare_session(
            Run(folder / str(seed)), base.with_settings({"seed": seed}), dataset, device="cpu",
            checkpoint_seconds=1e9,
        )
        for seed in seeds
    ]  # fmt: skip


def measure(*, num_images: int, repetitions: int, seeds: tuple[int, ...] = SEEDS) -> dict[str, Any]:
    """Return the document: a row a recipe and number of seeds."""
    import torch

    from inkwise.recipes.load import load_recipe
    from inkwise.runs.environment import describe_environment
    from inkwise.training.together.train import may_be_at_once

    rows = []
    with Workers() as workers:
        for recipe, num_seeds in itertools.product(RECIPES, seeds):
            found: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
            for _, way in itertools.product(range(repetitions), WAYS):
                found[way].append(workers.seconds_of(recipe, num_seeds, way=way, num_images=num_images))
            rows.append(
                {
                    "recipe": recipe,
                    "num_seeds": num_seeds,
                    "seconds": {way: min(wall for wall, _ in found[way]) for way in WAYS},
                    "cpu_seconds": {way: min(cpu for _, cpu in found[way]) for way in WAYS},
                    "is_equal": may_be_at_once(load_recipe(recipe)),
                }
            )
            print(rows[-1], flush=True)
    return {
        "rows": rows,
        "num_images": num_images,
        "repetitions": repetitions,
        "load_average": os.getloadavg()[0],
        "environment": describe_environment(torch.device("cpu")),
    }


def to_markdown(document: dict[str, Any]) -> str:
    """Return the table, what it means and what it was measured on."""
    head = (
        "recipe", "seeds", "one by one, s", "at once, s", "factor", "factor in CPU s", "in processes, s",
        "factor", "at once equals alone", "used",
    )  # fmt: skip
    rows = [head, ("---", *("---:",) * 7, "---", "---"), *map(_cells, document["rows"])]
    about = document["environment"]
    return (
        f"# Several seeds at once\n\n{markdown_table(rows)}\n\nTraining on {document['num_images']:,} images "
        f"of MNIST for one epoch, one thread a process, float32, the quickest of {document['repetitions']}; "
        f"processes: {about['num_cores']}. A factor above 1 is a gain over one by one. The load average was "
        f"{document['load_average']:.1f} at the end. {about['processor']}; torch {about['torch']}; commit "
        f"{about['commit'] or 'unknown'}; {about['started'][:10]}.\n"
    )


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    wall, cpu = row["seconds"], row["cpu_seconds"]
    return (
        f"`{row['recipe']}`", str(row["num_seeds"]), f"{wall['one by one']:.2f}", f"{wall['at once']:.2f}",
        f"{wall['one by one'] / wall['at once']:.2f}", f"{cpu['one by one'] / cpu['at once']:.2f}",
        f"{wall['in processes']:.2f}", f"{wall['one by one'] / wall['in processes']:.2f}",
        "to the last bit" if row["is_equal"] else "within rounding", "yes" if row["is_equal"] else "no",
    )  # fmt: skip


def main() -> int:
    """Measure all rows and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "seeds-at-once")
    chosen = parser.parse_args()
    document = measure(num_images=chosen.images, repetitions=chosen.repetitions)
    from inkwise.files import write_atomically

    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / "seeds-at-once.json"
    write_atomically(path, json.dumps(document, indent=2) + "\n")
    write_atomically(path.with_suffix(".md"), to_markdown(document))
    print(to_markdown(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
