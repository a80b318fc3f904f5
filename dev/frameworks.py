"""Train the same recipe in PyTorch and in TensorFlow: `python dev/frameworks.py cnn-keras mlp-logsoftmax`.

Writes results/frameworks/RECIPE-SET.json after every training; those already there are not repeated, so an
interrupted measurement goes on where it was. Each training is a process of its own, the frameworks in turn,
and is judged once on the test part. Peak memory is that of the process from its start to the evaluated
classifier. The classifier's file is the same kind of file in both; what is installed differs.
"""

import argparse
import json
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table
from dev.trainings import Cost, train_apart, write_result

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `python dev/frameworks.py cnn-keras mlp-logsoftmax`."
_FRAMEWORKS = ("torch", "tensorflow")
_PACKAGES = {"torch": ("torch",), "tensorflow": ("tensorflow", "tensorflow-cpu", "keras")}
_HEAD = (
    "recipe", "trained in", "test, mean ± std", "seeds", "images/s", "wall s", "peak memory", "classifier",
    "installed",
)  # fmt: skip


def measure(
    recipe: str, dataset: str, *, num_seeds: int, threads: int | None, folder: Path, again: bool = False
) -> dict[str, Any]:
    """Train seeds 0..num_seeds-1 in both frameworks and return the document, written after each training."""
    from inkwise.experiments.studies import recipe_digest
    from inkwise.recipes.load import load_recipe

    digest = recipe_digest(load_recipe(recipe))
    path = folder / f"{recipe}-{dataset}.json"
    known = {} if again or not path.is_file() else json.loads(path.read_text("utf-8"))
    rows = known["trainings"] if known.get("recipe_digest") == digest else []
    for seed in range(num_seeds):
        for framework in _FRAMEWORKS:
            if any((row["framework"], row["seed"]) == (framework, seed) for row in rows):
                continue
            row = _train(recipe, dataset, framework=framework, seed=seed, threads=threads)
            rows = [*rows, row]
            known = {"recipe": recipe, "dataset": dataset, "recipe_digest": digest, "trainings": rows}
            write_result(path, known, to_markdown([known]))
            print(
                f"{recipe} in {framework}, seed {seed}: {row['accuracy']:.2%}, {row['train_seconds']:.0f} s"
            )
    return known


def _train(recipe: str, dataset: str, *, framework: str, seed: int, threads: int | None) -> dict[str, Any]:
    from inkwise.runs.run import Run

    with tempfile.TemporaryDirectory(prefix="inkwise-frameworks-") as folder:
        out = Path(folder) / "run"
        cost = train_apart(recipe, dataset, seed=seed, out=out, framework=framework, threads=threads)
        return _row_of(Run.open(out), framework=framework, seed=seed, cost=cost)


def _row_of(run: Any, *, framework: str, seed: int, cost: Cost) -> dict[str, Any]:
    evaluation, about = run.evaluation, run.environment
    kept = ("commit", "processor", "num_cores", "training_threads", "step", "precision")
    return {
        "framework": framework, "version": about[framework], "seed": seed,
        "accuracy": evaluation["accuracy"], "train_seconds": evaluation["train_seconds"],
        "images_per_second": evaluation["images_per_second"], "peak_memory_bytes": cost.peak_memory_bytes,
        "classifier_bytes": run.classifier_path.stat().st_size,
        "installed_bytes": installed_bytes(framework), "load_average": cost.load_average,
        "date": about["started"][:10], **{key: about[key] for key in kept},
    }  # fmt: skip


def installed_bytes(framework: str) -> int:
    """Return how many bytes a framework's own packages take on disk, those they need left out."""
    total = 0
    for name in _PACKAGES[framework]:
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:
            continue
        paths = (Path(str(file.locate())) for file in files)
        total += sum(path.stat().st_size for path in paths if path.is_file())
    return total


def frameworks_table(root: Path = ROOT) -> str:
    """Return all that was measured as Markdown, PyTorch beside TensorFlow."""
    paths = sorted((root / "results" / "frameworks").glob("*.json"))
    documents = [json.loads(path.read_text("utf-8")) for path in paths]
    return to_markdown(documents) if documents else NOT_MEASURED


def to_markdown(documents: list[dict[str, Any]]) -> str:
    """Return a row a recipe and framework, with what it was measured on."""
    rows = [_HEAD, ("---", "---", *("---:",) * (len(_HEAD) - 2))]
    for document in documents:
        for framework in _FRAMEWORKS:
            own = [row for row in document["trainings"] if row["framework"] == framework]
            rows += [_row(document["recipe"], own)] if own else []
    trainings = [row for document in documents for row in document["trainings"]]
    return f"{markdown_table(rows)}\n\n{_conditions(trainings)}"


def _row(recipe: str, trainings: list[dict[str, Any]]) -> tuple[str, ...]:
    def middle(key: str) -> float:
        return median(row[key] for row in trainings)

    return (
        f"`{recipe}`",
        f"{trainings[0]['framework']} {trainings[0]['version']}",
        _mean_and_std([row["accuracy"] for row in trainings]),
        str(len(trainings)),
        f"{middle('images_per_second'):,.0f}",
        f"{middle('train_seconds'):,.0f}",
        f"{middle('peak_memory_bytes') / 1e6:,.0f} MB",
        f"{middle('classifier_bytes') / 1e3:,.0f} kB",
        f"{middle('installed_bytes') / 1e6:,.0f} MB",
    )


def _mean_and_std(accuracies: list[float]) -> str:
    spread = f" ± {100 * stdev(accuracies):.2f}" if len(accuracies) > 1 else ""
    return f"{100 * fmean(accuracies):.2f}{spread} %"


def _conditions(trainings: list[dict[str, Any]]) -> str:
    def listed(key: str) -> str:
        return ", ".join(sorted({str(row[key] or "unknown") for row in trainings}))

    most_load = max(row["load_average"] for row in trainings)
    return (
        f"Speed, seconds and memory are medians. {listed('processor')}, {listed('num_cores')} cores, "
        f"threads: {listed('training_threads')}; steps: {listed('step')}; precision: {listed('precision')}; "
        f"load average up to {most_load:.1f} before a training; commit {listed('commit')}; "
        f"{max(row['date'] for row in trainings)}."
    )


def main() -> int:
    """Measure the recipes named, in both frameworks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="+", help="built-in recipes")
    parser.add_argument("--data", default="mnist", help="a catalogue name")
    parser.add_argument("--seeds", type=int, default=2, help="seeds 0 to this - 1")
    parser.add_argument("--threads", type=int, help="of both frameworks; without it what each takes")
    parser.add_argument("--again", action="store_true", help="train what is there again")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "frameworks")
    chosen = parser.parse_args()
    for recipe in chosen.recipes:
        document = measure(
            recipe, chosen.data, num_seeds=chosen.seeds, threads=chosen.threads, folder=chosen.out,
            again=chosen.again,
        )  # fmt: skip
        print(to_markdown([document]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
