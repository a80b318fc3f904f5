"""Measure reading on a folder of real handwriting: `python dev/handwriting.py FOLDER [--out DIR]`.

FOLDER holds pictures and labels.csv with the columns path, label, kind (single or multi) and source. The
pictures stay where they are: what is written is numbers. --failures DIR draws every picture read wrongly,
for your own eyes. The steps from a tutorial's way of feeding a picture to the reader are measured one by one.
"""

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
Grey = NDArray[np.uint8]


def read_labels(folder: Path) -> list[dict[str, str]]:
    """Return the rows of labels.csv."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def score_singles(rows: Sequence[dict[str, str]], readings: Sequence[Any]) -> dict[str, Any]:
    """Return what share of pictures of one digit is right: all, by source, by medium, of those accepted."""
    right = np.array(["".join(read.lines) == row["label"] for row, read in zip(rows, readings, strict=True)])
    accepted = np.array([bool(read.glyphs) and all(g.accepted for g in read.glyphs) for read in readings])
    by_source = _shares(right, [row["source"] for row in rows])
    others = [float(right[[row["source"] != source for row in rows]].mean()) for source in by_source]
    confusions: dict[str, int] = defaultdict(int)
    for row, read, is_right in zip(rows, readings, right, strict=True):
        if not is_right:
            confusions[f"{row['label']} read as {''.join(read.lines) or 'nothing'}"] += 1
    return {
        "num_pictures": len(rows),
        "num_right": int(right.sum()),
        "share_right": float(right.mean()),
        "mean_over_sources": float(np.mean([share for share, _ in by_source.values()])),
        "least_without_one_source": min(others),
        "most_without_one_source": max(others),
        "share_accepted": float(accepted.mean()),
        "num_accepted": int(accepted.sum()),
        "num_accepted_wrong": int((accepted & ~right).sum()),
        "by_source": by_source,
        "by_medium": _shares(right, [row["medium"] for row in rows]),
        "confusions": dict(sorted(confusions.items(), key=lambda pair: -pair[1])),
    }


def _shares(right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, tuple[float, int]]:
    """Return for each name the share that is right and how many there are."""
    chosen = {name: np.array([other == name for other in names]) for name in sorted(set(names))}
    return {name: (float(right[mask].mean()), int(mask.sum())) for name, mask in chosen.items()}


def score_pages(rows: Sequence[dict[str, str]], readings: Sequence[Any]) -> dict[str, Any]:
    """Return how pictures of several digits are read: digits by edit distance, pictures without a mistake."""
    from inkwise.experiments.bench.reading import edit_distance

    wanted = [row["label"].replace("|", "") for row in rows]
    distances = [
        min(len(want), edit_distance(want, "".join(read.lines)))
        for want, read in zip(wanted, readings, strict=True)
    ]
    exact = ["|".join(read.lines) == row["label"] for row, read in zip(rows, readings, strict=True)]
    return {
        "num_pictures": len(rows),
        "num_exact": sum(exact),
        "share_of_digits": 1 - sum(distances) / max(1, sum(map(len, wanted))),
        "wrong_digits": [
            f"{distance} of {len(want)}" for distance, want in zip(distances, wanted, strict=True)
        ],
    }


def medium_of(pixels: NDArray[np.uint8]) -> str:
    """Return what kind of picture this is, by its pixels alone."""
    height, width = pixels.shape[:2]
    grey = pixels if pixels.ndim == 2 else pixels.mean(axis=2)
    values = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    of_two = np.sort(values)[-2:].sum() / values.sum()
    size = "28x28" if (height, width) == (28, 28) else "larger"
    return f"{size}, {'drawn on a screen' if of_two > 0.85 else 'photographed or scanned'}"


# The steps. Each returns the 28x28 that is shown to the network, from the grey picture.


def resized(grey: Grey) -> Grey:
    """Return the picture scaled as a whole, as a tutorial does and `inkwise predict` does."""
    from inkwise.data.images import fit_image

    return fit_image(grey)


def light_on_dark(grey: Grey) -> Grey:
    """Return grey, inverted where its border is light."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 255 - grey if np.median(border) > 127 else grey


def boxed(grey: Grey, *, by_mass: bool) -> Grey:
    """Return the ink by one threshold (Otsu) in a box of 20 pixels, in the middle of 28x28."""
    import cv2

    ink = light_on_dark(grey)
    _, mask = cv2.threshold(ink, 0, 255, cv2.THRESH_OTSU)
    left, top, width, height = cv2.boundingRect(mask)
    glyph = np.where(mask > 0, ink, 0)[top : top + height, left : left + width].astype(np.uint8)
    factor = 20 / max(width, height)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(glyph, size, interpolation=cv2.INTER_AREA)
    image = np.zeros((28, 28), np.float32)
    top, left = (28 - small.shape[0]) // 2, (28 - small.shape[1]) // 2
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    if by_mass and image.sum():
        rows, columns = np.indices(image.shape)
        down, right = (14 - (axis * image).sum() / image.sum() for axis in (rows, columns))
        image = cv2.warpAffine(image, np.array([[1, 0, right], [0, 1, down]]), (28, 28))
    return np.asarray(np.clip(image, 0, 255), np.uint8)


def local(pixels: NDArray[np.uint8], *, stroke_range: tuple[float, float]) -> Grey:
    """Return the MNIST form of the picture's ink; a wide stroke_range leaves the line as wide as it is."""
    from inkwise.handwriting.ink import find_ink
    from inkwise.handwriting.normalise import is_mnist_form, normalise_glyph

    if is_mnist_form(pixels):
        return pixels
    return normalise_glyph(find_ink(pixels).coverage, stroke_range=stroke_range)


def steps() -> dict[str, Callable[[NDArray[np.uint8]], Grey]]:
    """Return the ways of feeding a picture, from a tutorial's to inkwise's; each takes (H, W[, 3]) pixels."""
    from inkwise.handwriting.normalise import STROKE_RANGE
    from inkwise.handwriting.paper import to_grey

    def grey(pixels: NDArray[np.uint8]) -> Grey:
        return pixels if pixels.ndim == 2 else to_grey(pixels)

    return {
        "resized to 28x28": lambda pixels: resized(grey(pixels)),
        "and always inverted": lambda pixels: resized(255 - grey(pixels)),
        "and light on dark, by its border": lambda pixels: resized(light_on_dark(grey(pixels))),
        "and the ink cut out (Otsu), in a box of 20 pixels": lambda pixels: boxed(
            grey(pixels), by_mass=False
        ),
        "and centred by mass": lambda pixels: boxed(grey(pixels), by_mass=True),
        "ink by the local paper, printed lines and specks out": lambda pixels: local(
            pixels, stroke_range=(0.0, 99.0)
        ),
        "and the width of the line as MNIST's": lambda pixels: local(pixels, stroke_range=STROKE_RANGE),
    }


def measure_steps(
    pictures: Sequence[Any], labels: Sequence[str], networks: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return for each step the share right of every network: Classifiers trained on MNIST as it is."""
    rows = []
    for name, feed in steps().items():
        images = np.stack([feed(picture.pixels) for picture in pictures])
        shares = [
            float(
                np.mean(
                    [
                        str(label) == want
                        for label, want in zip(one.predict(images).labels, labels, strict=True)
                    ]
                )
            )
            for one in networks
        ]
        rows.append({"step": name, "shares": shares})
        print(f"{np.mean(shares):.1%}  {name}", file=sys.stderr)
    return rows


def train_networks(runs: Path, *, num_seeds: int) -> tuple[list[Any], Any]:
    """Return `quick` trained on MNIST from so many seeds, and `reader` trained without written images.

    Trainings that are in runs already are taken from there.
    """
    from inkwise.experiments.train import train
    from inkwise.runs.run import Run

    networks = []
    for seed in range(num_seeds):
        run = Run(runs / f"quick-{seed}")
        networks.append(
            run if run.is_finished else train("quick", data="mnist", seed=seed, out=run.path, report=False)
        )
    changed = Run(runs / "reader-without-written-images")
    if not changed.is_finished:
        settings = {"written_images": 0, "outliers": 0.0}
        changed = train("reader", data="mnist", settings=settings, out=changed.path, report=False)
    return [run.classifier for run in networks], changed.classifier


def draw_failures(folder: Path, rows: Sequence[dict[str, str]], answers: Sequence[Any]) -> None:
    """Draw every picture read wrongly, with its 28x28 and the steps, into folder."""
    from inkwise.reports.overlays import OverlayFolder

    overlays = OverlayFolder(folder)
    for row, answer in zip(rows, answers, strict=True):
        text = "|".join(answer.reading.lines) if answer.reading else ""
        if text != row["label"] and answer.reading:
            overlays.write(answer.path, answer.picture, answer.reading)


def to_markdown(document: dict[str, Any]) -> str:
    """Return the measurements as Markdown."""
    singles, pages = document["singles"], document["pages"]
    lines = [
        "# Reading real handwriting",
        "",
        f"{singles['num_pictures']} pictures of one digit and {pages['num_pictures']} of several, by "
        "strangers; none of them was trained on, and no rule knows a source.",
        "",
        "## From a tutorial's way to the reader",
        "",
        f"Right of {singles['num_pictures']} single digits. The networks of the first rows are `quick`, "
        f"trained on MNIST from {len(document['steps'][0]['shares'])} seeds.",
        "",
        "| what the network is given | right | std |",
        "|---|---:|---:|",
    ]
    for row in document["steps"]:
        spread = f"{np.std(row['shares'], ddof=1):.1%}" if len(row["shares"]) > 1 else ""
        lines.append(f"| {row['step']} | {np.mean(row['shares']):.1%} | {spread} |")
    lines += ["", "## The reader", "", *_about_singles(singles), "", *_about_pages(pages)]
    for title, name in (("source", "by_source"), ("kind of picture", "by_medium")):
        lines += ["", f"| {title} | pictures | right |", "|---|---:|---:|"]
        lines += [f"| {key} | {count} | {share:.1%} |" for key, (share, count) in singles[name].items()]
    mistakes = ", ".join(f"{name} ({count})" for name, count in singles["confusions"].items()) or "none"
    machine = document["environment"]
    lines += ["", f"Mistakes: {mistakes}.", ""]
    lines += [f"{machine['processor']}, {machine['num_cores']} cores; commit {machine['commit']}, "
              f"{machine['started'][:10]}.", ""]  # fmt: skip
    return "\n".join(lines)


def _about_singles(singles: dict[str, Any]) -> list[str]:
    return [
        f"Of {singles['num_pictures']} single digits {singles['num_right']} are right, "
        f"{singles['share_right']:.2%}; the mean over sources is {singles['mean_over_sources']:.2%}; with "
        f"any one source left out it is {singles['least_without_one_source']:.2%} to "
        f"{singles['most_without_one_source']:.2%}. {singles['num_accepted']} "
        f"({singles['share_accepted']:.1%}) are accepted, {singles['num_accepted_wrong']} of them wrong.",
    ]


def _about_pages(pages: dict[str, Any]) -> list[str]:
    return [
        f"Of {pages['num_pictures']} pictures of several digits {pages['num_exact']} are read without a "
        f"mistake; {pages['share_of_digits']:.1%} of the digits are right by edit distance "
        f"({', '.join(pages['wrong_digits'])} wrong).",
    ]


def measure(folder: Path, *, runs: Path, num_seeds: int, failures: Path | None = None) -> dict[str, Any]:
    """Return everything that is measured on folder, as JSON values."""
    import torch

    from inkwise.experiments.read import read_each
    from inkwise.runs.environment import describe_environment

    rows = read_labels(folder)
    answers = list(read_each([folder / row["path"] for row in rows]))
    if broken := [answer.error for answer in answers if answer.reading is None]:
        raise SystemExit(f"{len(broken)} pictures cannot be read, such as {broken[0]}")
    for row, answer in zip(rows, answers, strict=True):
        row["medium"] = medium_of(answer.picture.pixels)
    if failures is not None:
        draw_failures(failures, rows, answers)
    single = [number for number, row in enumerate(rows) if row["kind"] == "single"]
    several = [number for number, row in enumerate(rows) if row["kind"] != "single"]

    def of(numbers: Sequence[int]) -> tuple[list[dict[str, str]], list[Any]]:
        return [rows[number] for number in numbers], [answers[number].reading for number in numbers]

    singles = score_singles(*of(single))
    networks, changed = train_networks(runs, num_seeds=num_seeds)
    pictures, labels = (
        [answers[number].picture for number in single],
        [rows[number]["label"] for number in single],
    )
    measured = measure_steps(pictures, labels, networks)
    *_, last = steps().values()
    images = np.stack([last(picture.pixels) for picture in pictures])
    right = [str(label) == want for label, want in zip(changed.predict(images).labels, labels, strict=True)]
    measured.append(
        {"step": "to a network that saw MNIST's digits changed by chance", "shares": [float(np.mean(right))]}
    )
    measured.append(
        {"step": "to one that saw written digits too: the reader", "shares": [singles["share_right"]]}
    )
    accepted = 1 - singles["num_accepted_wrong"] / max(1, singles["num_accepted"])
    measured.append({"step": f"of the {singles['share_accepted']:.1%} that it accepts", "shares": [accepted]})
    return {
        "steps": measured,
        "singles": singles,
        "pages": score_pages(*of(several)),
        "environment": describe_environment(torch.device("cpu")),
    }


def main() -> int:
    """Measure, and write handwriting.json and handwriting.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="pictures and labels.csv")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "handwriting")
    parser.add_argument("--runs", type=Path, required=True, help="a folder to keep the trainings in")
    parser.add_argument("--failures", type=Path, help="a folder to draw what was read wrongly into")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()

    from inkwise.files import write_atomically

    document = measure(
        arguments.folder, runs=arguments.runs, num_seeds=arguments.seeds, failures=arguments.failures
    )
    write_atomically(arguments.out / "handwriting.json", json.dumps(document, indent=2) + "\n")
    write_atomically(arguments.out / "handwriting.md", to_markdown(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
