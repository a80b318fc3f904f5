"""Measure how the reader learns a hand: `python dev/corrections.py FOLDER --runs DIR [--out DIR]`.

FOLDER is as for dev/handwriting.py. Of each source of enough single digits ten are corrected, drawn by
chance; the reader learns them (the recipe reader-corrected) and reads that source's others.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
NUM_CORRECTED = 10
LEAST = 18  # pictures of a source


def measure_source(rows: list[dict[str, str]], folder: Path, *, run_path: Path, seed: int) -> dict[str, Any]:
    """Return one source's errors before and after learning ten of its digits, as JSON values."""
    from inkwise.experiments.read import read_each
    from inkwise.experiments.train import train
    from inkwise.handwriting.corrections import add_corrections, pair_glyphs
    from inkwise.runs.run import Run

    paths = {row["path"]: folder / row["path"] for row in rows}
    chosen = set(np.random.default_rng(seed).permutation(len(rows))[:NUM_CORRECTED].tolist())
    others = [row for number, row in enumerate(rows) if number not in chosen]
    run = Run(run_path)
    if not run.is_finished:
        store = run_path.parent / f"{run_path.name}.sqlite"
        taught = [row for number, row in enumerate(rows) if number in chosen]
        for row, answer in zip(taught, read_each([paths[row["path"]] for row in taught]), strict=True):
            if len("".join(answer.reading.lines)) == 1:
                add_corrections(pair_glyphs(answer.reading, row["label"]), picture=row["path"], path=store)
        run = train(
            "reader-corrected", data="mnist", seed=seed, settings=_own(store), out=run_path, report=False
        )
    before, after = (
        _errors(others, list(read_each([paths[row["path"]] for row in others], run=reader)))
        for reader in (None, run_path)
    )
    return {
        "source": rows[0]["source"], "num_corrected": NUM_CORRECTED, "num_others": len(others),
        "before": before, "after": after, "mnist_accuracy": run.evaluation["accuracy"],
    }  # fmt: skip


def _own(store: Path) -> dict[str, Any]:
    """Return the setting that learns from one store and no other."""
    from safetensors.numpy import save_file

    from inkwise.handwriting.corrections import load_corrections

    images, labels = load_corrections(store)
    path = store.parent.absolute() / f"{store.name}.safetensors"
    save_file({"images": np.ascontiguousarray(images), "labels": labels}, path)
    return {"own_images": str(path)}


def _errors(rows: list[dict[str, str]], answers: list[Any]) -> dict[str, float]:
    """Return how many are misread, how many are doubtful, and the mean loss, misread ones as 1 - p."""
    misread = sum("".join(one.reading.lines) != row["label"] for row, one in zip(rows, answers, strict=True))
    doubtful = sum(not all(glyph.accepted for glyph in one.reading.glyphs) for one in answers)
    surprise = [
        -np.log(max(1e-6, glyph.probability if str(glyph.label) == row["label"] else 1 - glyph.probability))
        for row, one in zip(rows, answers, strict=True)
        for glyph in one.reading.glyphs[:1]
    ]
    return {"misread": misread, "doubtful": doubtful, "loss": float(np.mean(surprise))}


def to_markdown(document: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    lines = [
        "# Learning a hand from ten digits",
        "",
        f"The shipped reader is {document['mnist_before']:.2%} right on MNIST's test images. Each row: ten "
        "digits of one source were corrected and learned, the others read before and after.",
        "",
        "| source | others | misread | doubtful | mean loss | on MNIST after |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in document["rows"]:
        before, after = row["before"], row["after"]
        lines.append(
            f"| {row['source']} | {row['num_others']} | {before['misread']} → {after['misread']} "
            f"| {before['doubtful']} → {after['doubtful']} | {before['loss']:.3f} → {after['loss']:.3f} "
            f"| {row['mnist_accuracy']:.2%} |"
        )
    total = {
        key: [sum(row[when][key] for row in document["rows"]) for when in ("before", "after")]
        for key in ("misread", "doubtful")
    }
    machine = document["environment"]
    lines += [
        "",
        f"Together: misread {total['misread'][0]} → {total['misread'][1]}, doubtful {total['doubtful'][0]} → "
        f"{total['doubtful'][1]}.",
        "",
        f"{machine['processor']}, {machine['num_cores']} cores; commit {machine['commit']}, "
        f"{machine['started'][:10]}.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure, and write corrections.json and corrections.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="pictures and labels.csv")
    parser.add_argument("--runs", type=Path, required=True, help="a folder to keep the trainings in")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "corrections")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    import torch
    from dev.handwriting import read_labels

    from inkwise.data.load import load_dataset
    from inkwise.files import write_atomically
    from inkwise.handwriting.recogniser import load_recogniser
    from inkwise.runs.environment import describe_environment

    by_source: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in read_labels(arguments.folder):
        if row["kind"] == "single":
            by_source[row["source"]].append(row)
    arguments.runs.mkdir(parents=True, exist_ok=True)
    rows = [
        measure_source(
            group, arguments.folder, run_path=arguments.runs / source.replace("/", "-"), seed=arguments.seed
        )
        for source, group in by_source.items()
        if len(group) >= LEAST
    ]
    test = load_dataset("mnist").test
    answers = load_recogniser().probabilities(np.asarray(test.images)).argmax(axis=1)
    document = {
        "rows": rows,
        "mnist_before": float((answers == test.labels).mean()),
        "environment": describe_environment(torch.device("cpu")),
    }
    write_atomically(arguments.out / "corrections.json", json.dumps(document, indent=2) + "\n")
    write_atomically(arguments.out / "corrections.md", to_markdown(document))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
