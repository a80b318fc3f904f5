"""Train a recipe over seeds and keep what came out: `python dev/recipes.py standard --seeds 10`.

Writes results/recipes/RECIPE-SET.json and .md, after every seed; seeds already there are not trained again,
so an interrupted measurement goes on where it was. Each seed is a process of its own and is judged once on
the test part. The clock is that of `inkwise train`: from the files to the evaluated classifier, without
Python's imports and the report. --zero-shot asks the same classifiers about another set of digits, each
brought into MNIST's form by the normalisation that reading uses. --runs keeps the run folders, takes those
that are there already, and asks all classifiers together, by the mean of their probabilities.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table
from dev.trainings import Cost, train_apart, write_result

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `python dev/recipes.py standard`."
_DIGITS = "mnist"


def measure(
    recipe: str, dataset: str, *, num_seeds: int, zero_shot: str | None, folder: Path, again: bool = False,
    runs: Path | None = None, at_once: int = 1,
) -> dict[str, Any]:  # fmt: skip
    """Train seeds 0..num_seeds-1 and return the document, which is written to folder after each.

    Args:
        runs: where the run folders are kept; None keeps none.
        at_once: trainings that go on side by side, each on one thread.
    """
    from inkwise.experiments.studies import recipe_digest
    from inkwise.recipes.load import load_recipe

    digest = recipe_digest(load_recipe(recipe))
    path = folder / f"{recipe}-{dataset}.json"
    known = {} if again or not path.is_file() else json.loads(path.read_text("utf-8"))
    rows = known["seeds"] if known.get("recipe_digest") == digest else []
    missing = [seed for seed in range(num_seeds) if all(row["seed"] != seed for row in rows)]
    with (
        tempfile.TemporaryDirectory(prefix="inkwise-recipes-") as temporary,
        ThreadPoolExecutor(at_once) as pool,
    ):
        place = runs or Path(temporary)
        jobs = [
            pool.submit(
                _measure_seed, recipe, dataset, seed=seed, out=place / f"seed-{seed}", zero_shot=zero_shot,
                num_threads=1 if at_once > 1 else None,
            )
            for seed in missing
        ]  # fmt: skip
        for job in as_completed(jobs):
            row, about = job.result()
            rows = sorted([*rows, row], key=lambda one: one["seed"])
            known = {"recipe": recipe, "dataset": dataset, "recipe_digest": digest, **about, "seeds": rows}
            write_result(path, known, to_markdown([known]))
            print(
                f"{recipe} on {dataset}, seed {row['seed']}: {row['accuracy']:.2%}, "
                f"{row['train_seconds']:.1f} s"
            )
    if runs:
        known["ensemble"] = ensemble([runs / f"seed-{row['seed']}" for row in rows], dataset)
        write_result(path, known, to_markdown([known]))
    return known


def ensemble(runs: Sequence[Path], dataset: str) -> dict[str, float]:
    """Return what the runs answer together, by the mean of their probabilities, on the test part."""
    import torch

    from inkwise.data.load import load_dataset
    from inkwise.metrics import accuracy, negative_log_likelihood
    from inkwise.runs.run import Run

    test = load_dataset(dataset).test
    answers = [Run.open(run).classifier.log_probabilities(test.images).exp() for run in runs]
    together, labels = torch.stack(answers).mean(0).log(), torch.from_numpy(test.labels)
    return {
        "size": len(runs),
        "accuracy": accuracy(together, labels),
        "loss": negative_log_likelihood(together, labels),
    }


def _measure_seed(
    recipe: str, dataset: str, *, seed: int, out: Path, zero_shot: str | None, num_threads: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what one training reached, and what the document says of all; one that is there is taken."""
    from inkwise.runs.run import Run

    kept = out / "cost.json"
    if not kept.is_file():
        cost = train_apart(recipe, dataset, seed=seed, out=out, threads=num_threads)
        kept.write_text(json.dumps(asdict(cost)), "utf-8")
    cost = Cost(**json.loads(kept.read_text("utf-8")))
    run = Run.open(out)
    evaluation, environment = run.evaluation, run.environment
    row = {
        "seed": seed, "accuracy": evaluation["accuracy"], "loss": evaluation["loss"],
        "train_seconds": evaluation["train_seconds"],
        "cpu_seconds": cost.cpu_seconds, "load_average": cost.load_average,
        "precision": environment["precision"], "commit": environment["commit"],
        "date": environment["started"][:10],
    }  # fmt: skip
    if zero_shot:
        row["zero_shot"] = {zero_shot: zero_shot_accuracy(run.classifier, zero_shot)}
    keys = ("processor", "processor_features", "num_cores", "training_threads", "torch")
    about = {**sizes(run.classifier.network), "file_bytes": run.classifier_path.stat().st_size}
    return row, {**about, **{key: environment[key] for key in keys}}


def zero_shot_accuracy(classifier: Any, dataset: str) -> float:
    """Return the share of another set's test digits that are named rightly, after normalisation."""
    import numpy as np

    from inkwise.data.load import load_dataset
    from inkwise.handwriting.normalise import normalise_glyph

    test = load_dataset(dataset).test
    images = np.stack([normalise_glyph(image) for image in test.images])
    return float((classifier.log_probabilities(images).argmax(1).numpy() == test.labels).mean())


def sizes(network: Any) -> dict[str, int]:
    """Return how many weights there are, and the bytes of weights with batch normalisation folded into them.

    In int8 each weight is a byte, and each output of a layer has a scale and a bias of four bytes each.
    """
    from torch import nn

    from inkwise.networks.build import num_parameters

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    num_weights = sum(layer.weight.numel() for layer in layers)
    num_outputs = sum(len(layer.weight) for layer in layers)
    return {
        "num_parameters": num_parameters(network),
        "float32_bytes": 4 * (num_weights + num_outputs),
        "int8_bytes": num_weights + 8 * num_outputs,
    }


def recipes_table(root: Path = ROOT) -> str:
    """Return all measured recipes as Markdown, those on MNIST first, best first."""
    paths = sorted((root / "results" / "recipes").glob("*.json"))
    documents = [json.loads(path.read_text("utf-8")) for path in paths]
    documents.sort(key=lambda one: (one["dataset"] != _DIGITS, -fmean(_column(one, "accuracy"))))
    return to_markdown(documents) if documents else NOT_MEASURED


def recipes_sentence(root: Path = ROOT) -> str:
    """Return in one sentence what our recipes reach on MNIST and in what time, the quickest first."""
    paths = sorted((root / "results" / "recipes").glob(f"*-{_DIGITS}.json"))
    documents = [json.loads(path.read_text("utf-8")) for path in paths]
    documents.sort(key=lambda one: median(_column(one, "train_seconds")))
    if not documents:
        return NOT_MEASURED
    numbers = sorted({len(one["seeds"]) for one in documents})
    seeds = " to ".join(str(number) for number in sorted({numbers[0], numbers[-1]}))
    return (
        f"Our own recipes on MNIST, mean accuracy and median time of {seeds} seeds, from the files to the "
        f"evaluated classifier on {documents[0]['num_cores']} cores: {', '.join(map(_in_words, documents))}."
    )


def _in_words(document: dict[str, Any]) -> str:
    together, is_alone = document.get("ensemble"), document["training_threads"] > 1
    # On one thread there was another training beside it, and the wall's seconds are of both.
    seconds = median(_column(document, "train_seconds" if is_alone else "cpu_seconds"))
    time = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    time += "" if is_alone else " of one core"
    said = f"`{document['recipe']}` {100 * fmean(_column(document, 'accuracy')):.2f} % in {time}"
    if together:
        said += f" ({together['size']} of them together {100 * together['accuracy']:.2f} %)"
    return said


def to_markdown(documents: list[dict[str, Any]]) -> str:
    """Return the documents as one table, with what it was measured on."""
    head = ("recipe", "set", "test, mean ± std", "seeds", "wall s", "CPU s", "parameters", "float32", "int8")
    rows = [head, ("---", "---", *("---:",) * 7), *map(_row, documents)]
    more = [f"{text}." for find in (_ensemble, _zero_shot) for text in map(find, documents) if text]
    return "\n\n".join([markdown_table(rows), *more, _conditions(documents)])


def _conditions(documents: list[dict[str, Any]]) -> str:
    """Return in words what the numbers were measured on."""
    about, seeds = documents[0], [row for one in documents for row in one["seeds"]]
    commits = sorted({row["commit"] or "unknown" for row in seeds})
    threads = {f"`{one['recipe']}` {one['training_threads']}": None for one in documents}  # each said once
    return (
        f"Wall and CPU seconds are the median from the files to the evaluated classifier; the load average "
        f"was up to {max(row['load_average'] for row in seeds):.1f} before a training. {about['processor']} "
        f"({', '.join(about['processor_features'])}), {about['num_cores']} cores, "
        f"threads: {', '.join(threads)}; torch {about['torch']}; commit {', '.join(commits)}; "
        f"{max(row['date'] for row in seeds)}."
    )


def _column(document: dict[str, Any], key: str) -> list[float]:
    return [row[key] for row in document["seeds"]]


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    wall, cpu = median(_column(document, "train_seconds")), median(_column(document, "cpu_seconds"))
    kilobytes = (f"{document[key] / 1000:.1f} kB" for key in ("float32_bytes", "int8_bytes"))
    return (
        f"`{document['recipe']}`",
        document["dataset"],
        _mean_and_std(_column(document, "accuracy")),
        str(len(document["seeds"])),
        f"{wall:.1f}",
        f"{cpu:.1f}",
        f"{document['num_parameters']:,}",
        *kilobytes,
    )


def _mean_and_std(accuracies: list[float]) -> str:
    spread = f" ± {100 * stdev(accuracies):.3f}" if len(accuracies) > 1 else ""
    return f"{100 * fmean(accuracies):.3f}{spread} %"


def _ensemble(document: dict[str, Any]) -> str:
    """Return in words how all classifiers of a recipe answer together, "" where nobody asked."""
    found = document.get("ensemble")
    if not found:
        return ""
    return (
        f"The {found['size']} `{document['recipe']}` of these seeds together, by the mean of their "
        f"probabilities: {100 * found['accuracy']:.2f} % of the test part of {document['dataset']}"
    )


def _zero_shot(document: dict[str, Any]) -> str:
    """Return in words how the same classifiers do on another set, "" where none was asked about."""
    answers = [row["zero_shot"] for row in document["seeds"] if "zero_shot" in row]
    named = sorted({name for answer in answers for name in answer})
    return "; ".join(
        f"`{document['recipe']}`, trained on {document['dataset']}, names "
        f"{_mean_and_std([answer[name] for answer in answers if name in answer])} of the test part of {name}"
        for name in named
    )


def main() -> int:
    """Measure one recipe on one set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", help="a built-in recipe")
    parser.add_argument("--data", default=_DIGITS, help="a catalogue name")
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0 to this - 1")
    parser.add_argument("--zero-shot", help="another set of digits, such as usps")
    parser.add_argument("--again", action="store_true", help="train the seeds that are there again")
    parser.add_argument("--runs", type=Path, help="keep the run folders here, and ask them all together")
    parser.add_argument("--at-once", type=int, default=1, help="trainings side by side, each on one thread")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "recipes")
    chosen = parser.parse_args()
    document = measure(
        chosen.recipe, chosen.data, num_seeds=chosen.seeds, zero_shot=chosen.zero_shot, folder=chosen.out,
        again=chosen.again, runs=chosen.runs, at_once=chosen.at_once,
    )  # fmt: skip
    print(to_markdown([document]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
