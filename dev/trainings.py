"""A training in a process of its own, as a user has it, and what it took: for the measurements over seeds."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Its last line is what it took: processor seconds, and the most memory it held in bytes.
_TRAINING = """
import json, resource, sys, time
from inkwise.experiments.train import train
recipe, dataset, framework, seed, out = sys.argv[1:]
start = time.process_time()
train(recipe, data=dataset, framework=framework, seed=int(seed), out=out, report=False)
seconds, most = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, most if sys.platform == "darwin" else 1024 * most]))
"""
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@dataclass(frozen=True)
class Cost:
    """What a training took.

    Attributes:
        cpu_seconds: of the processor, without Python's imports of inkwise itself.
        peak_memory_bytes: of the process, from its start to the evaluated classifier.
        load_average: of the minute before.
    """

    cpu_seconds: float
    peak_memory_bytes: int
    load_average: float


def train_apart(
    recipe: str, dataset: str, *, seed: int, out: Path, framework: str = "torch", threads: int | None = None
) -> Cost:
    """Train a recipe on a catalogue set into the run folder out, without a report, and return the cost.

    Args:
        threads: of the framework; None takes what a user would get.
    """
    load_average = round(os.getloadavg()[0], 2)
    command = [sys.executable, "-c", _TRAINING, recipe, dataset, framework, str(seed), str(out)]
    environment = os.environ | ({} if threads is None else dict.fromkeys(_THREADS, str(threads)))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{recipe} in {framework}, seed {seed}: failed: {done.stderr.strip()[-500:]}")
    cpu_seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return Cost(round(cpu_seconds, 2), peak, load_average)


def write_result(path: Path, document: dict[str, Any], markdown: str) -> None:
    """Write a measurement as JSON to path, and beside it as a page of Markdown."""
    from inkwise.files import write_atomically

    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(document, indent=2) + "\n")
    write_atomically(path.with_suffix(".md"), f"# {path.stem}\n\n{markdown}\n")
