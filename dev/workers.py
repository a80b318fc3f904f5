"""Measure what two workers gain over one: `python dev/workers.py`.

Writes results/scaling-workers/workers.json, .md and .png: for recipes and ways of training on MNIST, the
training images a second, from the second epoch on, so that starting processes and Ray is left out. Each way
is a command as a person would give it. The ways take turns; a ratio is of the means over the repetitions.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table, say_machine
from dev.trainings import write_result

from inkwise.files import write_atomically
from inkwise.recipes.load import load_recipe
from inkwise.runs.environment import describe_environment

OUT = Path(__file__).parents[1] / "results" / "scaling-workers"
RECIPES = ("mlp-logsoftmax", "quick", "standard")
_TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "inkwise"]
_INKWISE = [sys.executable, "-m", "inkwise"]
# What comes before and behind the word train, and OpenMP's threads.
WAYS: dict[str, tuple[list[str], list[str], int]] = {
    "one process, one thread": (_INKWISE, [], 1),
    "one process, two threads": (_INKWISE, [], 2),
    "torchrun, two processes": (_TORCHRUN, [], 1),
    "Ray, one worker": (_INKWISE, ["--workers", "1", "--ray", "local"], 1),
    "Ray, two workers": (_INKWISE, ["--workers", "2"], 1),
}
BASE = "one process, one thread"
_EPOCHS = 3  # the first is not counted
_IMAGES = 60_000  # of MNIST's training part, the validation images among them


def seconds_of_epochs(recipe: str, way: str, *, seed: int) -> list[float]:
    """Return how long each epoch after the first took, its validation too, by when its line was written."""
    before, behind, threads = WAYS[way]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        out = Path(folder, "run")
        words = ["train", recipe, "--data", "mnist", "--seed", str(seed), "--out", str(out)]
        settings = ["--set", f"epochs={_EPOCHS}", "--set", "minimum_steps=0"]
        process = subprocess.Popen(
            [*before, *words, *behind, *settings], env=os.environ | {"OMP_NUM_THREADS": str(threads)},
            stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip
        seen: list[float] = []
        while process.poll() is None:
            if _num_lines(out / "history.jsonl") > len(seen):
                seen.append(time.monotonic())
            time.sleep(0.005)
        if process.returncode or len(seen) != _EPOCHS:
            said.seek(0)
            raise SystemExit(
                f"{recipe}, {way}: exit {process.returncode}, {len(seen)} epochs: {said.read()[-500:]}"
            )
    return [after - before for before, after in itertools.pairwise(seen)]


def _num_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else 0


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES))
    asked = parser.parse_args()
    rates: dict[str, dict[str, list[float]]] = {name: {way: [] for way in WAYS} for name in asked.recipes}
    for seed, recipe, way in itertools.product(range(asked.repetitions), asked.recipes, WAYS):
        epochs = seconds_of_epochs(recipe, way, seed=seed)
        trained = _IMAGES * (1 - load_recipe(recipe).data.validation_fraction)
        rates[recipe][way].append(trained / statistics.mean(epochs))
        print(f"{recipe}, {way}: {rates[recipe][way][-1]:,.0f} images/s", flush=True)
    document = {
        "environment": describe_environment(torch.device("cpu")), "repetitions": asked.repetitions,
        "images_per_second": rates,
    }  # fmt: skip
    write_result(OUT / "workers.json", document, to_markdown(document))
    write_atomically(OUT / "workers.png", draw(document))


def to_markdown(document: dict[str, Any]) -> str:
    """Return the page."""
    rows = [
        [
            recipe,
            way,
            f"{statistics.mean(found):,.0f}",
            f"{statistics.stdev(found):,.0f}" if len(found) > 1 else "",
            f"{statistics.mean(found) / statistics.mean(ways[BASE]):.2f}",
        ]
        for recipe, ways in document["images_per_second"].items()
        for way, found in ways.items()
    ]
    head = ["recipe", "way", "images/s, mean", "standard deviation", f"of {BASE}"]
    table = markdown_table([head, ["---", "---", "---:", "---:", "---:"], *rows])
    return (
        f"Training images a second on MNIST, epochs 2 to {_EPOCHS}, {document['repetitions']} "
        f"repetitions, by `python dev/workers.py`; {say_machine(document['environment'])}"
        f"\n\n{table}\n\n![Images a second by recipe and way](workers.png)"
    )


def draw(document: dict[str, Any]) -> bytes:
    """Return a PNG: a group of bars a recipe, each over what one process with one thread does."""
    from inkwise.figures import style
    from inkwise.figures.encode import to_png

    figure = style.new_figure(width=8, height=3.8)
    axes = figure.add_subplot()
    recipes = list(document["images_per_second"])
    colours = ("#999999", "#E69F00", "#56B4E9", "#009E73", "#0072B2")  # Okabe and Ito's
    for place, (way, colour) in enumerate(zip(WAYS, colours, strict=True)):
        ratios, errors = [], []
        for ways in document["images_per_second"].values():
            base = statistics.mean(ways[BASE])
            ratios.append(statistics.mean(ways[way]) / base)
            errors.append(statistics.stdev(ways[way]) / base if len(ways[way]) > 1 else 0)
        places = [index + (place - 2) * 0.16 for index in range(len(recipes))]
        bars = axes.bar(places, ratios, 0.15, yerr=errors, color=colour, label=way, error_kw={"lw": 0.8})
        for word in axes.bar_label(bars, fmt="%.2f", fontsize=style.FONT_SIZE - 2, padding=1):
            word.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})
    axes.set_xticks(range(len(recipes)), recipes)
    axes.set_ylabel("images/s over those of\none process with one thread")
    axes.axhline(1, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
    axes.set_title(
        f"Lines on the bars: the standard deviation of {document['repetitions']} repetitions, up and down",
        fontsize=style.FONT_SIZE, loc="left", pad=14,
    )  # fmt: skip
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=style.FONT_SIZE)
    return to_png(figure)


if __name__ == "__main__":
    main()
