"""Draw the pictures of docs/explanation/handwriting.md: `python dev/handwriting_pictures.py [--run RUN]`.

Every digit on them is written by inkwise.handwriting.synthesis, by nobody's hand. Below each 28x28 stands
what a network says that has seen MNIST alone: RUN, or `quick`, trained here.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SEED = 7
SIDE = 240  # pixels of the pictures
DIGIT, SHAPE = 9, "nine_straight"
COLUMN_NAMES = (
    "the picture", "resized", "always\ninverted", "light on dark,\nby its border", "ink in a\n20-pixel box",
    "centred\nby mass", "ink by the\nlocal paper", "line as wide\nas MNIST's",
)  # fmt: skip
NUM_DRAWN, NUM_SHOWN = 200, 10  # digits of each shape, and shapes
NUM_OUTLIERS = 10
Pixels = NDArray[np.uint8]


def make_pictures() -> dict[str, Pixels]:
    """Return one digit in six pictures, each with one trouble more than the one above."""
    from inkwise.handwriting.synthesis.camera import Camera
    from inkwise.handwriting.synthesis.character import cover
    from inkwise.handwriting.synthesis.paper import Paper
    from inkwise.handwriting.synthesis.pen import Pen
    from inkwise.handwriting.synthesis.picture import put_ink
    from inkwise.handwriting.synthesis.strokes import write_digit

    writing = write_digit(DIGIT, np.random.default_rng(SEED), shape=SHAPE)

    def photo(unit_px: float, place: tuple[float, float], pen: Pen, paper: Paper, camera: Camera) -> Pixels:
        tile = cover(writing, unit_px=unit_px, stroke_px=pen.width * unit_px)
        truth = np.zeros((SIDE, SIDE), np.uint8)
        top, left = (round((SIDE - side) * part) for side, part in zip(tile.shape, place, strict=True))
        truth[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
        generator = np.random.default_rng(SEED)
        scene = paper.lay((SIDE, SIDE), generator, unit_px=unit_px)
        put_ink(scene, truth, pen, generator=generator)
        return camera.photograph(scene, truth, generator).pixels

    felt = Pen("felt", 0.11, 1.0, (15.0, 15.0, 15.0), 0.0, 0.0)
    blue = Pen("ballpoint", 0.1, 0.95, (35.0, 50.0, 120.0), 0.05, 0.0)
    hair = Pen("ballpoint", 0.022, 0.95, (35.0, 50.0, 120.0), 0.0, 0.0)
    grey = Paper((205.0, 202.0, 194.0), grain=2.0, clouds=3.0)
    ruled = Paper((225.0, 222.0, 212.0), grain=2.0, clouds=3.0, ruling="ruled", spacing=0.85, contrast=0.45)
    phone = Camera(noise=4.0, blur_px=0.8, jpeg_quality=85)
    dark = Camera(gradient=0.4, shadow=0.3, noise=4.0, blur_px=0.8, jpeg_quality=85)
    middle, corner = (0.5, 0.5), (0.15, 0.9)
    return {
        "a drawing,\nwhite on black": ~photo(172, middle, felt, Paper(), Camera()),
        "a scan": photo(172, middle, felt, Paper(), Camera()),
        "small, in\na corner": photo(75, corner, felt, Paper(), Camera()),
        "a photo, grey\npaper": photo(105, (0.3, 0.25), blue, grey, phone),
        "lines and\na shadow": photo(110, (0.45, 0.6), blue, ruled, dark),
        "a hair-thin\npen": photo(150, middle, hair, grey, phone),
    }


def answer(classifier: Any, images: Sequence[Pixels]) -> list[tuple[int, float]]:
    """Return the likeliest class of each 28x28 and its probability."""
    found = classifier.predict(np.stack(images))
    return [
        (int(label), float(row.max())) for label, row in zip(found.labels, found.probabilities, strict=True)
    ]


def steps_figure(classifier: Any) -> Any:
    """Return pictures row by row, with what each way of preparing them gives the network."""
    from dev.handwriting import steps

    from inkwise.figures import style

    pictures, ways = make_pictures(), list(steps().values())
    figure = style.new_figure(width=12, height=1.62 * len(pictures) + 0.5)
    grid = figure.subplots(len(pictures), 1 + len(ways))
    for row, (name, pixels) in enumerate(pictures.items()):
        images = [way(pixels) for way in ways]
        _show(grid[row][0], pixels)
        grid[row][0].set_ylabel(name, fontsize=10, color=style.INK)
        for axes, image, (label, probability) in zip(
            grid[row][1:], images, answer(classifier, images), strict=True
        ):
            _show(axes, image)
            _say(axes, f"{label}", probability, is_right=label == DIGIT)
    for axes, words in zip(grid[0], COLUMN_NAMES, strict=True):
        axes.set_title(words, fontsize=10, color=style.INK)
    return figure


def shapes_figure(classifier: Any) -> Any:
    """Return a digit of each of the shapes that the network reads worst, and how often it is right."""
    from inkwise.figures import style
    from inkwise.handwriting.synthesis.strokes import NUM_DIGITS, shape_names

    ways = [(label, shape) for label in range(NUM_DIGITS) for shape in shape_names(label)]
    tried = sorted((_try_shape(classifier, *way) for way in ways), key=lambda one: one["num_right"])
    print(f"{len(ways)} shapes, the worst: {', '.join(one['shape'] for one in tried[:NUM_SHOWN])}")
    figure = style.new_figure(width=12, height=5.3)
    for number, one in enumerate(tried[:NUM_SHOWN], start=1):
        axes = figure.add_subplot(2, NUM_SHOWN // 2, number)
        _show(axes, 255 - np.pad(one["tile"], 14))
        words = " ".join(one["shape"].split("_")[1:])
        axes.set_title(f"{one['label']}, {words}", fontsize=12, color=style.INK)
        wrong = one["wrong"]
        often = f"\nthe others mostly as {max(set(wrong), key=wrong.count)}" if wrong else ""
        axes.set_xlabel(f"{one['num_right']} of {NUM_DRAWN} right{often}", fontsize=11, color=style.INK)
    return figure


def _try_shape(classifier: Any, label: int, shape: str) -> dict[str, Any]:
    """Return how many digits of a shape the network reads right, its wrong answers, and a digit."""
    from inkwise.handwriting.normalise import normalise_glyph
    from inkwise.handwriting.synthesis.character import cover
    from inkwise.handwriting.synthesis.strokes import write_digit

    generator = np.random.default_rng((SEED, label))
    writings = [write_digit(label, generator, shape=shape) for _ in range(NUM_DRAWN)]
    tiles = [cover(writing, unit_px=100, stroke_px=9) for writing in writings]
    answers = answer(classifier, [normalise_glyph(tile) for tile in tiles])
    wrong = [found for found, _ in answers if found != label]
    return {
        "label": label, "shape": shape, "num_right": NUM_DRAWN - len(wrong), "wrong": wrong, "tile": tiles[0],
    }  # fmt: skip


def outliers_figure(classifier: Any) -> Any:
    """Return marks that are no digit, with what the network says of each and what the reader says."""
    from inkwise.figures import style
    from inkwise.handwriting.normalise import normalise_glyph
    from inkwise.handwriting.recogniser import load_recogniser
    from inkwise.handwriting.synthesis.outliers import outlier_tile
    from inkwise.handwriting.synthesis.strokes import write_digit

    generator = np.random.default_rng(SEED)

    def digit() -> tuple[Any, int]:
        label = int(generator.integers(10))
        return write_digit(label, generator), label

    tiles = [outlier_tile(generator, digit, unit_px=120, stroke_px=11) for _ in range(NUM_OUTLIERS)]
    images = [normalise_glyph(tile) for tile in tiles]
    reader = load_recogniser().probabilities(np.stack(images))
    figure = style.new_figure(width=12, height=5.3)
    for number, (image, (label, probability)) in enumerate(
        zip(images, answer(classifier, images), strict=True)
    ):
        axes = figure.add_subplot(2, NUM_OUTLIERS // 2, number + 1)
        _show(axes, image)
        best = int(reader[number].argmax())
        axes.set_xlabel(
            f"MNIST alone: {label}, {_percent(probability)}\n"
            f"reader: {best}, {_percent(float(reader[number, best]))}",
            fontsize=11,
            color=style.INK,
        )
    return figure


def _show(axes: Any, pixels: Pixels) -> None:
    axes.imshow(
        pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest" if len(pixels) < 60 else "antialiased"
    )
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#8a9199")


def _percent(probability: float) -> str:
    from inkwise.figures.percent import say_percent

    return say_percent(probability, decimals=0).replace("over ", ">")


def _say(axes: Any, words: str, probability: float, *, is_right: bool) -> None:
    """Write an answer below axes; a wrong one is said in a word, too."""
    from inkwise.figures import style

    text = f"{words}, {_percent(probability)}" + ("" if is_right else ": wrong")
    axes.set_xlabel(text, fontsize=10, color=style.BLUE if is_right else style.ORANGE)


def main() -> int:
    """Draw all pictures."""
    from inkwise.experiments.train import train
    from inkwise.figures.encode import to_png
    from inkwise.runs.run import Run

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, help="of `quick` on MNIST; without it one is trained")
    given = parser.parse_args().run
    with tempfile.TemporaryDirectory(prefix="inkwise-pictures-") as folder:
        run = (
            Run.open(given) if given else train("quick", data="mnist", out=Path(folder) / "run", report=False)
        )
        classifier = run.classifier
    figures: dict[str, Callable[[Any], Any]] = {
        "handwriting-steps.png": steps_figure,
        "handwriting-shapes.png": shapes_figure,
        "handwriting-outliers.png": outliers_figure,
    }
    for name, build in figures.items():
        path = IMAGES / name
        path.write_bytes(to_png(build(classifier)))
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
