"""Measure what the page docs/planning.md computes from, and check its model: results/planning/.

    python dev/planning.py make FOLDER N                   N images of MNIST, over and over, as one IDX file
    python dev/planning.py run predict FOLDER N [BLOCK]    one run on Ray, added to results/planning/runs.json
    python dev/planning.py run train FOLDER N              one epoch in one process, likewise
    python dev/planning.py all FOLDER                      all of it: 10^5, 10^6 and 10^7 images
    python dev/planning.py show [--core-hour 0.05 ...]     fit, tables, page and picture

The constants are fitted on the smaller runs alone; the largest one says how far off the model is.
"""

import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from inkwise.data.load import load_dataset
from inkwise.experiments.planning.work import Prices
from inkwise.files import write_atomically
from inkwise.runs.environment import describe_environment

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results" / "planning"
RECIPE = "mlp-sequential"
BLOCK = 8192  # images, what `inkwise predict --ray` takes
# What is run, and how often; the constants come from all but the largest.
RUNS = (
    ("predict", 20_000, BLOCK, 2), ("predict", 100_000, BLOCK, 3), ("predict", 100_000, 256, 2),
    ("predict", 1_000_000, BLOCK, 1), ("predict", 10_000_000, BLOCK, 1),
    ("train", 20_000, 0, 2), ("train", 100_000, 0, 3), ("train", 1_000_000, 0, 1),
    ("train", 10_000_000, 0, 1),
)  # fmt: skip


def make(folder: Path, num_images: int) -> Path:
    """Write num_images copies of MNIST's train part, and its test part, as IDX files; return their folder."""
    made = folder / f"{num_images:_}"
    if made.exists():
        return made
    dataset = load_dataset("mnist", fetch=False)
    made.mkdir(parents=True)
    for part, split, count in (
        ("t10k", dataset.test, len(dataset.test)), ("train", dataset.train, num_images)
    ):  # fmt: skip
        images, labels = np.asarray(split.images), split.labels.astype(np.uint8)
        _write(made / f"{part}-images-idx3-ubyte", images, (count, 28, 28))
        _write(made / f"{part}-labels-idx1-ubyte", labels, (count,))
    return made


def _write(path: Path, rows: np.ndarray[Any, np.dtype[np.uint8]], shape: tuple[int, ...]) -> None:
    with path.open("wb") as file:
        file.write(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape))
        left = shape[0]
        while left:
            file.write(rows[:left].tobytes())
            left -= min(left, len(rows))


def measure(task: str, folder: Path, num_images: int, *, block: int) -> dict[str, Any]:
    """Run one task in a process of its own, and return seconds, processor seconds and memory."""
    made, out = make(folder, num_images), folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    classifier = _classifier(folder)
    asked = {"task": task, "data": str(made), "out": str(out), "run": str(classifier), "block": block}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "child", json.dumps(asked)], stdout=subprocess.PIPE, text=True
    )
    watch = _Watch(process.pid)
    said, _ = process.communicate()
    seconds = time.perf_counter() - began
    watch.thread.join()
    if process.returncode:
        raise RuntimeError(f"{asked}: failed")
    size = _size(out) if task == "predict" else 0
    plan = _size(out / "_plan") if task == "predict" else 0
    shutil.rmtree(out)
    return {
        "task": task, "num_images": num_images, "block": block, "seconds": seconds, **watch.peaks,
        "bytes_out": size, "plan_bytes": plan, "load_average": os.getloadavg()[0], **json.loads(said),
    }  # fmt: skip


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _classifier(folder: Path) -> Path:
    """Return the run whose classifier predicts, trained if it is not there."""
    from inkwise.experiments.train import train

    run = folder / "run"
    if not run.exists():
        train(RECIPE, data="mnist", epochs=1, out=run, report=False)
    return run


class _Watch:
    """The memory of a process and of all below it, that they do not share; read four times a second."""

    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)
        self.peaks = {"peak_bytes": 0, "driver_bytes": 0, "worker_bytes": 0}
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            try:
                below = self.process.children(recursive=True)
                own = _private(self.process)
            except psutil.Error:
                return
            others = [_private(process) for process in below]
            now = {
                "peak_bytes": own + sum(others),
                "driver_bytes": own,
                "worker_bytes": max(others, default=0),
            }
            self.peaks = {name: max(value, self.peaks[name]) for name, value in now.items()}
            time.sleep(0.25)


def _private(process: psutil.Process) -> int:
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - memory.shared)


def child(asked: dict[str, Any]) -> dict[str, Any]:
    """Do a task in this process; return what only it knows."""
    if asked["task"] == "predict":
        from inkwise.scale.predicting.into import predict_into

        images = Path(asked["data"], "train-images-idx3-ubyte")
        answers = predict_into(asked["out"], asked["run"], [images], block_size=asked["block"])
        return {
            "num_blocks": answers.num_blocks, "work_seconds": answers.seconds,
            "driver_seconds": time.process_time(),
        }  # fmt: skip
    from inkwise.experiments.train import train

    settings = {"validation_fraction": 0.0, "minimum_steps": 0}
    run = train(RECIPE, data=asked["data"], epochs=1, out=asked["out"], settings=settings, report=False)
    return {"num_blocks": run.history[-1].step, "driver_seconds": time.process_time()}


def add_run(task: str, folder: Path, num_images: int, *, block: int) -> None:
    """Measure once and add it to runs.json."""
    path = RESULTS / "runs.json"
    document = json.loads(path.read_text("utf-8")) if path.is_file() else {"runs": []}
    document["environment"] = describe_environment(torch.device("cpu"))
    measured = measure(task, folder, num_images, block=block)
    print(json.dumps(measured), flush=True)
    document["runs"].append(measured)
    write_atomically(path, json.dumps(document, indent=1) + "\n")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("make", "run", "all", "show", "child"))
    parser.add_argument("rest", nargs="*")
    for field in fields(Prices):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=float)
    asked = parser.parse_args()
    rest = asked.rest
    if asked.what == "child":
        print(json.dumps(child(json.loads(rest[0]))))
    elif asked.what == "make":
        print(make(Path(rest[0]), int(rest[1])))
    elif asked.what == "run":
        block = int(rest[3]) if len(rest) > 3 else BLOCK
        add_run(rest[0], Path(rest[1]), int(rest[2]), block=block)
    elif asked.what == "all":
        for task, num_images, block, times in RUNS:
            for _ in range(times):
                add_run(task, Path(rest[0]), num_images, block=block)
    else:
        from dev.planning_shown import show

        given = {field.name: getattr(asked, field.name) for field in fields(Prices)}
        show(RESULTS, {name: price for name, price in given.items() if price is not None})


if __name__ == "__main__":
    main()
