"""Measure how the reader learns a hand: `python dev/corrections.py FOLDER --runs DIR [--out DIR]`.

FOLDER is as for dev/handwriting.py. Of each source of enough single digits ten are corrected, drawn by
chance; the reader learns them (the recipe reader-corrected) and reads that source's others. The same is done
with the writers of dev/odd_hands.py, who do not exist: of each ten digits, 0 to 9, are corrected, and 500
others read.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
NUM_CORRECTED = 10
LEAST = 18  # pictures of a source
ODD_HANDS = range(6)  # the first ones, none of them chosen
NUM_OTHERS = 500  # pictures of an odd hand


@dataclass(frozen=True)
class Sample:
    """A picture of one digit: its name, the digit, its path or pixels."""

    name: str
    label: str
    source: Any


def real_samples(
    rows: Sequence[dict[str, str]], folder: Path, *, seed: int
) -> tuple[list[Sample], list[Sample]]:
    """Return ten of one source's pictures, drawn by chance, and its others."""
    samples = [Sample(row["path"], row["label"], folder / row["path"]) for row in rows]
    chosen = set(np.random.default_rng(seed).permutation(len(rows))[:NUM_CORRECTED].tolist())
    return (
        [sample for number, sample in enumerate(samples) if number in chosen],
        [sample for number, sample in enumerate(samples) if number not in chosen],
    )


def odd_samples(number: int) -> tuple[list[Sample], list[Sample]]:
    """Return a picture of each digit by odd hand `number`, and the others, each digit as often."""
    from dev.odd_hands import OddHand

    hand = OddHand(number)

    def written(count: int, which: int) -> list[Sample]:
        return [
            Sample(
                f"{which}-{at}", str(at % 10), hand.write(at % 10, np.random.default_rng((number, which, at)))
            )
            for at in range(count)
        ]

    return written(NUM_CORRECTED, 1), written(NUM_OTHERS, 2)


def measure(
    taught: Sequence[Sample], others: Sequence[Sample], *, run_path: Path, seed: int
) -> dict[str, Any]:
    """Return the errors on others before and after the reader learned taught, as JSON values.

    A picture of taught on which not one digit is found cannot be corrected, and is not learned. A training
    that is finished in run_path already is taken from there.
    """
    from inkwise.experiments.read import read_each
    from inkwise.experiments.train import train
    from inkwise.handwriting.corrections import add_corrections, load_corrections, pair_glyphs
    from inkwise.runs.run import Run

    run, store = Run(run_path), run_path.parent / f"{run_path.name}.sqlite"
    if not run.is_finished:
        store.unlink(missing_ok=True)
        for sample, answer in zip(taught, read_each([one.source for one in taught]), strict=True):
            if len("".join(answer.reading.lines)) == 1:
                add_corrections(pair_glyphs(answer.reading, sample.label), picture=sample.name, path=store)
        run = train(
            "reader-corrected", data="mnist", seed=seed, settings=_own(store), out=run_path, report=False
        )
    labels = [sample.label for sample in others]
    before, after = (
        _errors(labels, [one.reading for one in read_each([other.source for other in others], run=reader)])
        for reader in (None, run_path)
    )
    return {
        "num_corrected": len(load_corrections(store)[1]), "num_others": len(others),
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


def _errors(labels: Sequence[str], readings: Sequence[Any]) -> dict[str, Any]:
    """Return how many are misread, how many are doubtful, and the mean loss, misread ones as 1 - p.

    And which digits are misread most often, as what: three kinds at most.
    """
    pairs = list(zip(labels, readings, strict=True))
    wrong = Counter(
        f"{label} as {''.join(read.lines) or 'nothing'}"
        for label, read in pairs
        if "".join(read.lines) != label
    )
    surprise = [
        -np.log(max(1e-6, glyph.probability if str(glyph.label) == label else 1 - glyph.probability))
        for label, read in pairs
        for glyph in read.glyphs[:1]
    ]
    return {
        "misread": wrong.total(),
        "doubtful": sum(not all(glyph.accepted for glyph in read.glyphs) for read in readings),
        "loss": float(np.mean(surprise)),
        "most": dict(wrong.most_common(3)),
    }


def to_markdown(document: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    machine = document["environment"]
    return "\n".join(
        [
            "# Learning a hand from ten digits",
            "",
            f"The shipped reader is {document['mnist_before']:.2%} right on MNIST's test images. Each row: "
            "up to ten digits of one hand were corrected and learned, the others read before and after.",
            "",
            "## Real hands",
            "",
            *_table(document["rows"]),
            "",
            "## Odd hands",
            "",
            "Written by dev/odd_hands.py, nobody's: half of their digits have a shape that the reader was "
            "not trained on, and they lean more, and are wider or narrower.",
            "",
            *_table(document["odd"]),
            "",
            f"{machine['processor']}, {machine['num_cores']} cores; commit {machine['commit']}, "
            f"{machine['started'][:10]}.",
            "",
        ]
    )


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = [
        "| hand | corrected | others | misread | doubtful | mean loss | on MNIST after |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        before, after = row["before"], row["after"]
        lines.append(
            f"| {row['source']} | {row['num_corrected']} | {row['num_others']} "
            f"| {before['misread']} → {after['misread']} | {before['doubtful']} → {after['doubtful']} "
            f"| {before['loss']:.3f} → {after['loss']:.3f} | {row['mnist_accuracy']:.2%} |"
        )
    total = {
        key: " → ".join(str(sum(row[when][key] for row in rows)) for when in ("before", "after"))
        for key in ("misread", "doubtful")
    }
    return [*lines, "", f"Together: misread {total['misread']}, doubtful {total['doubtful']}."]


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
    hands = {
        source: real_samples(group, arguments.folder, seed=arguments.seed)
        for source, group in by_source.items()
        if len(group) >= LEAST
    }
    arguments.runs.mkdir(parents=True, exist_ok=True)

    def measured(name: str, samples: tuple[list[Sample], list[Sample]]) -> dict[str, Any]:
        run_path = arguments.runs / name.replace("/", "-")
        row = {"source": name, **measure(*samples, run_path=run_path, seed=arguments.seed)}
        print(name, row["before"]["misread"], row["after"]["misread"], file=sys.stderr)
        return row

    test = load_dataset("mnist").test
    answers = load_recogniser().probabilities(np.asarray(test.images)).argmax(axis=1)
    document = {
        "rows": [measured(name, samples) for name, samples in hands.items()],
        "odd": [measured(f"odd-{number}", odd_samples(number)) for number in ODD_HANDS],
        "mnist_before": float((answers == test.labels).mean()),
        "environment": describe_environment(torch.device("cpu")),
    }
    write_atomically(arguments.out / "corrections.json", json.dumps(document, indent=2) + "\n")
    write_atomically(arguments.out / "corrections.md", to_markdown(document))
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
